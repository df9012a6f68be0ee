// The actors by machine and state for Prometheus.

import { type StateCounts, stateCounts, type WatchedActor } from '@odradek/trace';
import { type Family, gauge } from './exposition.ts';

export function* actorFamilies(roots: readonly WatchedActor[]): Iterable<Family> {
  const counts: StateCounts = stateCounts(roots);
  yield gauge(
    'odradek_actors',
    'Living actors by machine and state.',
    [...counts].flatMap(([machine, states]) =>
      [...states].map(([state, value]) => ({ labels: { machine, state }, value })),
    ),
  );
}
