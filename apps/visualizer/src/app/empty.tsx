// What is shown when there is nothing to see yet, and what one can do about it.

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
  return (
    <section class="empty">
      <h1>Watch Kafka’s log think</h1>
      <p>
        Odradek is Kafka’s log as state machines. This page shows brokers, replicas and elections as they are:
        in a cluster that runs, in a trace that was kept, or in a cluster of three brokers inside this tab.
      </p>
      <p>
        <a class="button primary" href={addressOf('scenes')}>
          Begin with the guided scenes
        </a>
      </p>
      <p class="soft">
        Or drop a trace anywhere on this page. <code>odradek simulate --seed 7 --trace FILE</code> writes one.
      </p>
      <p class="soft">
        A cluster of your own, with this page: <code>npx odradek up</code>
      </p>
    </section>
  );
}
