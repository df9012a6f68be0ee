// What is shown when there is nothing to see yet, and what one can do about it.

import { useId } from 'preact/hooks';
import { openTraceFile } from '../sources/open-file.ts';
import { addressOf } from './routes.ts';
import { useConsole } from './the-console.ts';

/** In the place of a view that has nothing to show; `what` is what it would show. */
export function NothingYet({ what }: { readonly what: string }) {
  const { value } = useConsole().state.value;
  if (value.source === 'connecting') return <p class="empty soft">Connecting …</p>;
  if (value.source === 'empty') return <Welcome />;
  return <p class="empty soft">No {what} has been told of yet.</p>;
}

function Welcome() {
  const console = useConsole();
  const id = useId();
  const choose = (event: Event): void => {
    const file = event.target instanceof HTMLInputElement ? event.target.files?.[0] : undefined;
    if (file !== undefined) void openTraceFile(console, file);
  };
  return (
    <section class="empty">
      <h1>Watch Kafka’s log think</h1>
      <p>
        Odradek is Kafka’s log as state machines. This page shows brokers, replicas and elections as they are:
        in a cluster that runs, in a trace that was kept, or in a cluster of three brokers inside this tab.
      </p>
      <p>
        <a class="button" href={addressOf('scenes')}>
          Begin with the guided scenes
        </a>
      </p>
      <label class="field" for={id}>
        Or open a trace: choose a file, or drop it anywhere on this page.
        <input id={id} type="file" accept=".trace,.ndjson,.jsonl,.gz" onChange={choose} />
      </label>
      <p class="command">
        A cluster of your own, with this page: <code>npx odradek up</code>
      </p>
    </section>
  );
}
