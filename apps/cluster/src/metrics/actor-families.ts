// The actors by machine and state for Prometheus.

import { stateCountsInSteps, type WatchedActor } from '@odradek/trace';
import { type Family, gauge } from './exposition.ts';

/** So many are counted in one turn of the event loop: a millisecond or two. */
const actorsPerTurn = 2000;

/** `undefined`: others may have their turn. */
export function* actorFamilies(
  roots: readonly WatchedActor[],
): Generator<Family | undefined, void, undefined> {
  const counts = yield* stateCountsInSteps(roots, actorsPerTurn);
  yield gauge(
    'odradek_actors',
    'Living actors by machine and state.',
    [...counts].flatMap(([machine, states]) =>
      [...states].map(([state, value]) => ({ labels: { machine, state }, value })),
    ),
  );
}
