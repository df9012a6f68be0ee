// One actor: its state, its last step, its values, and what can happen next.

import { type ActorLooked, type ActorSeen, numberText, stateText, type World } from '@odradek/trace';
import { useEffect, useState } from 'preact/hooks';
import { useConsole } from '../app/the-console.ts';
import { durationText } from '../story/time-text.ts';
import { useSettled } from '../ui/use-settled.ts';
import { HeldThen } from './held.tsx';
import { LastEvent } from './last-event.tsx';
import { MessagesOf } from './messages-of.tsx';
import { NextEdges } from './next-edges.tsx';

export interface ActorInsideProps {
  readonly world: World;
  readonly path: string;
  readonly isOwn: boolean;
}

export function ActorInside({ world, path, isOwn }: ActorInsideProps) {
  const actor = world.actors.get(path);
  if (actor === undefined) return <p class="soft">{path} does not live at this moment.</p>;
  const { steps, sinceMs } = actor;
  const forMs = Math.max(0, world.timeMs - sinceMs);
  return (
    <article class="actor card" data-actor={path}>
      <h3 class="mono">{path}</h3>
      <p>
        <span class="tag accent" data-fact="state">
          {stateText(actor.value)}
        </span>{' '}
        <span class="faint small">
          for {durationText(forMs)}, after {numberText(steps)} {steps === 1 ? 'step' : 'steps'}
        </span>
      </p>
      <LastEvent world={world} actor={actor} />
      {!isOwn && <MessagesOf world={world} path={path} />}
      {!isOwn && <Inside world={world} actor={actor} />}
    </article>
  );
}

/** Whoever tells of it is asked how it is now; of what has been, and in a file, what was told is shown. */
function Inside({ world, actor }: { readonly world: World; readonly actor: ActorSeen }) {
  const console = useConsole();
  const { isNow } = console.view.value;
  const isLive = console.source !== undefined && console.source.kind !== 'file';
  if (!isLive || !isNow) return <HeldThen world={world} actor={actor} isLive={isLive} />;
  return <Looked path={actor.path} machine={actor.machine} steps={actor.steps} />;
}

const lookEveryMs = 400;

interface LookedProps {
  readonly path: string;
  readonly machine: string;
  /** So many it has taken: with each of them the values may be others. */
  readonly steps: number;
}

function Looked({ path, machine, steps }: LookedProps) {
  const console = useConsole();
  const [looked, setLooked] = useState<ActorLooked>();
  // A busy actor steps a thousand times a second.
  const moment = useSettled(steps, lookEveryMs);
  // An answer that takes longer than the next step is shown all the same: it says how it was a moment ago.
  useEffect(() => void console.look(path).then(setLooked), [path, moment]);
  if (looked?.state === undefined || looked.path !== path) return null;
  return (
    <>
      <h4>Values</h4>
      <dl class="values">
        {Object.entries(looked.context ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <pre>{typeof value === 'string' ? value : JSON.stringify(value, null, 1)}</pre>
            </dd>
          </div>
        ))}
      </dl>
      <h4>Can happen next</h4>
      <p class="faint small">
        ✓ and ✕: what the guard says now. ?: that depends on the event. →: no guard is asked.
      </p>
      <NextEdges machine={machine} edges={looked.next ?? []} fact="next" />
    </>
  );
}
