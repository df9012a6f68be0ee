// Committed records that unclean elections gave up: how many, and on demand which.

import type { LossFacts } from '@odradek/trace';
import { useConsole } from '../app/the-console.ts';
import { Scroll } from '../ui/scroll.tsx';

export function Losses() {
  const { losses } = useConsole().view.value.world;
  if (losses.length === 0) return null;
  return (
    <details class="losses">
      <summary class="tag alarm">
        <span aria-hidden="true">✕</span> {losses.length} {losses.length === 1 ? 'loss' : 'losses'}
      </summary>
      <LossList losses={losses} />
    </details>
  );
}

export function LossList({ losses }: { readonly losses: readonly LossFacts[] }) {
  return (
    <Scroll label="Losses">
      <ul class="card">
        {losses.map(({ topic, partition, leaderEpoch, fromOffset, toOffset }) => (
          <li key={`${topic}-${partition}-${leaderEpoch}-${fromOffset}`}>
            {topic}-{partition}:{' '}
            {toOffset === null
              ? `committed records from offset ${fromOffset} on; how many is not yet known`
              : `${toOffset - fromOffset} committed records, offsets ${fromOffset} to ${toOffset - 1}`}
            , given up by the unclean election of epoch {leaderEpoch}
          </li>
        ))}
      </ul>
    </Scroll>
  );
}
