// What one can do to the cluster in the tab and to no other: its time, its load, its power.

import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { Icon } from '../ui/icons.tsx';
import { sayHow } from '../ui/outcome.tsx';
import { openTabCluster } from './open-tab.ts';
import type { TabOrder } from './orders.ts';
import type { TabState } from './tab-messages.ts';
import { isTabSource, type TabSource } from './tab-source.ts';

/** Milliseconds of the cluster in one of ours, and what one sees then. */
const speeds: readonly (readonly [speed: number, words: string])[] = [
  [0.002, '500 × slower: single messages'],
  [0.01, '100 × slower'],
  [0.05, '20 × slower'],
  [0.2, '5 × slower: elections'],
  [1, 'as fast as our time'],
  [5, '5 × faster'],
];

export function TabBar() {
  const console = useConsole();
  // Another source changes the state, and so this bar is drawn again.
  console.state.value;
  const { source } = console;
  if (!isTabSource(source)) return null;
  const state = source.state.value;
  if (state?.broken !== undefined) return <Broken text={state.broken} />;
  if (state === undefined || state.scene !== undefined) return null;
  return <Controls source={source} state={state} />;
}

function Controls({ source, state }: { readonly source: TabSource; readonly state: TabState }) {
  const console = useConsole();
  const order = (wanted: TabOrder): void => void sayHow(source.order(wanted), (text) => text);
  const known = speeds.some(([speed]) => speed === state.speed);
  return (
    <section class="tab-bar" aria-label="The cluster in this tab">
      <span class="tag accent">in this tab, until a reload</span>
      <button
        type="button"
        aria-pressed={state.isPaused}
        onClick={() => source.pace({ isPaused: !state.isPaused })}
        title="Time stands still for the whole cluster"
      >
        <Icon name={state.isPaused ? 'play' : 'pause'} /> {state.isPaused ? 'Let time go on' : 'Stop time'}
      </button>
      <button type="button" onClick={() => source.step()} title="The next thing that happens, and no more">
        <Icon name="on" /> Next event
      </button>
      <label class="speed">
        <span class="unseen">How fast its time goes</span>
        <select
          value={String(state.speed)}
          onChange={(event) => source.pace({ speed: Number(event.currentTarget.value) })}
        >
          {!known && <option value={String(state.speed)}>{state.speed} of our time</option>}
          {speeds.map(([speed, words]) => (
            <option key={speed} value={String(speed)}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        role="switch"
        aria-checked={state.isLoaded}
        onClick={() => order({ do: 'load', isOn: !state.isLoaded })}
        title="A client that sends a record four times a second"
      >
        Load: {state.isLoaded ? 'on' : 'off'}
      </button>
      <PowerOff onOrder={order} />
      <button
        type="button"
        onClick={() => openTabCluster(console)}
        title="Forgets this cluster, and starts another"
      >
        Begin anew
      </button>
      <a href={addressOf('scenes')}>Guided scenes</a>
    </section>
  );
}

/** All at once, as when a building goes dark: kill by kill it is another story. */
function PowerOff({ onOrder }: { readonly onOrder: (order: TabOrder) => void }) {
  const { world } = useConsole().view.value;
  const living = [...world.brokers.values()].filter(({ state }) => state !== 'down').map(({ id }) => id);
  const dead = [...world.brokers.values()].filter(({ state }) => state === 'down').map(({ id }) => id);
  return (
    <>
      <button
        type="button"
        disabled={living.length === 0}
        onClick={() => onOrder({ do: 'power', nodes: living })}
        title="What was not flushed may be gone"
      >
        Power off
      </button>
      <button
        type="button"
        disabled={dead.length === 0}
        onClick={() => onOrder({ do: 'start', nodes: dead })}
        title="Starts every broker that is down"
      >
        Start all
      </button>
    </>
  );
}

function Broken({ text }: { readonly text: string }) {
  return (
    <div class="banner alarm" role="alert">
      <strong>
        <span aria-hidden="true">⚠ </span>A promise was broken, and the cluster stands still.
      </strong>
      <span>{text}</span>
      <span>Keep the trace by the button below: it leads back to this moment.</span>
    </div>
  );
}
