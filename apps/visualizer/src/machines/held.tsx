// One actor at a moment that has been: what it held then, as far as that was told, and what could have happened to it.

import { type ActorSeen, edgesFrom, stateText, type World } from '@odradek/trace';
import { timeText } from '../story/time-text.ts';
import { type EdgeThen, NextEdges } from './next-edges.tsx';

export interface HeldProps {
  readonly world: World;
  readonly actor: ActorSeen;
  /** Whether somebody could be asked how it is now. */
  readonly isLive: boolean;
}

export function HeldThen({ world, actor, isLive }: HeldProps) {
  return (
    <>
      <h4>Values</h4>
      <Values actor={actor} isLive={isLive} />
      <CouldHappen world={world} actor={actor} />
    </>
  );
}

function CouldHappen({ world, actor: { machine, value } }: Pick<HeldProps, 'world' | 'actor'>) {
  const chart = world.charts.get(machine);
  if (chart === undefined) return null;
  const edges = edgesFrom(chart, stateText(value)).map(
    (edge): EdgeThen => ({ ...edge, guardSays: edge.guard === undefined ? 'no guard' : 'not known' }),
  );
  return (
    <>
      <h4>Could happen next</h4>
      <p class="faint small">
        What its state has transitions for. What a guard would have said then is not known; what it said to
        the last event stands above.
      </p>
      <NextEdges machine={machine} edges={edges} fact="could" />
      {edges.length === 0 && <p class="small">Nothing: this is its end.</p>}
    </>
  );
}

function Values({ actor: { held }, isLive }: Pick<HeldProps, 'actor' | 'isLive'>) {
  if (held === undefined)
    return (
      <p class="faint small">
        {isLive
          ? 'What it held then was not told: a node with hundreds of actors tells the values of those that somebody looks at, from then on.'
          : 'What it held was not told.'}
      </p>
    );
  return (
    <>
      <p class="faint small" data-fact="held at">
        As it was after its step at {timeText(held.timeMs)}, the last one with which they were told.
      </p>
      <dl class="values" data-fact="held">
        {[...held.values].map(([name, { value, sinceMs }]) => (
          <div key={name}>
            <dt>
              <Place name={name} />
            </dt>
            <dd>
              <span class="mono">{String(value)}</span>{' '}
              {sinceMs !== held.timeMs && <span class="faint">since {timeText(sinceMs)}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** `registration.leaderEpoch` may be broken before its dot. */
function Place({ name }: { readonly name: string }) {
  return (
    <>
      {name.split('.').map((part, nth) => (
        <span key={nth}>
          {nth > 0 && <wbr />}
          {nth > 0 && '.'}
          {part}
        </span>
      ))}
    </>
  );
}
