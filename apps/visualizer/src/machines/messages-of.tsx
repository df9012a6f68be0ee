// What came to one actor and what left it, step by step. Each leads to its moment.

import {
  eventWordsOf,
  type Order,
  type Recording,
  type Sent,
  type StepTold,
  type World,
} from '@odradek/trace';
import { useMemo } from 'preact/hooks';
import { addressOf } from '../app/address.ts';
import { useConsole } from '../app/the-console.ts';
import { timeText } from '../story/time-text.ts';
import { useSettled } from '../ui/use-settled.ts';
import { Carried } from './carried.tsx';

const newEveryMs = 400;
const mostSteps = 8;
/** Each takes several lines. */
const mostLeading = 5;
/** So far back is looked. */
const mostMessages = 20_000;

export interface MessagesOfProps {
  readonly world: World;
  readonly path: string;
}

export function MessagesOf({ world, path }: MessagesOfProps) {
  const { recording, view, state } = useConsole();
  const { position } = view.value;
  // While time goes on, they come too fast to be read.
  const settled = useSettled(position, newEveryMs);
  const until = state.value.value.time === 'following' ? settled : position;
  const { all, leading } = useMemo(() => lastSteps(recording, until, path), [recording, until, path]);
  if (all.length === 0) return null;
  return (
    <>
      <h4>Messages in, newest first</h4>
      <ol class="steps" reversed data-fact="in">
        {all.map((one) => (
          <li key={one.at}>
            <Moment of={one} />
            <span>
              {eventWordsOf(one.step.event, one.step.machine)}
              {one.step.from !== one.step.to && <span class="soft"> → {one.step.to}</span>}
            </span>
          </li>
        ))}
      </ol>
      <h4>Messages out, newest first</h4>
      <p class="faint small">
        What its steps ordered, and what was sent at once because of it. What a disk or a peer has to answer
        first leaves with a later step.
      </p>
      {leading.length === 0 && <p class="small">Nothing left it with the steps that were told.</p>}
      <ol class="steps" reversed data-fact="out">
        {leading.map((one) => (
          <li key={one.at}>
            <Moment of={one} />
            <div>
              <span class="faint">on {eventWordsOf(one.step.event, one.step.machine)}</span>
              <ul class="orders">
                {(one.step.orders ?? []).map((order, nth) => (
                  <Ordered key={nth} order={order} world={world} />
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function Moment({ of: { step, at } }: { readonly of: StepAt }) {
  const console = useConsole();
  return (
    <button
      type="button"
      class="plain mono small"
      onClick={() => console.goTo(at + 1)}
      title="Go to this moment"
    >
      {timeText(step.timeMs)}
    </button>
  );
}

interface OrderedProps {
  readonly order: Order;
  readonly world: World;
}

function Ordered({ order: { name, sent = [], more }, world }: OrderedProps) {
  return (
    <li>
      <b>{name}</b>
      {sent.map((one, nth) => (
        <div key={nth} class="sent">
          → <Receiver to={one.to} world={world} />: {one.name}{' '}
          <Carried values={one.values ?? []} what="message" />
        </div>
      ))}
      {more !== undefined && <div class="sent faint">→ and {more} more</div>}
    </li>
  );
}

/** An actor that lives leads to itself. */
function Receiver({ to, world }: { readonly to: Sent['to']; readonly world: World }) {
  const machine = world.actors.get(to)?.machine;
  return machine === undefined ? (
    <span>{to}</span>
  ) : (
    <a href={addressOf('machines', [machine], { actor: to })}>{to}</a>
  );
}

interface StepAt {
  readonly step: StepTold;
  readonly at: number;
}

interface Steps {
  readonly all: readonly StepAt[];
  /** Those with which something left. */
  readonly leading: readonly StepAt[];
}

function lastSteps(recording: Recording, before: number, path: string): Steps {
  const all: StepAt[] = [];
  const leading: StepAt[] = [];
  const first = Math.max(recording.start, before - mostMessages);
  for (let at = before - 1; at >= first && leading.length < mostLeading; at--) {
    const message = recording.messageAt(at);
    if (message?.kind !== 'step' || message.actor !== path) continue;
    if (all.length < mostSteps) all.push({ step: message, at });
    if (message.orders !== undefined) leading.push({ step: message, at });
  }
  return { all, leading };
}
