// What is shown when there is nothing to see yet, and what one can do about it.

import { addressOf } from './routes.ts';
import { useConsole } from './the-console.ts';

/** In the place of a view that has nothing to show; `what` is what it would show. */
export function NothingYet({ what }: { readonly what: string }) {
  const { value, context } = useConsole().state.value;
  switch (value.source) {
    case 'empty':
      return <Welcome />;
    case 'connecting':
      return <Message title="Connecting …" text={`to ${context.about}`} />;
    case 'disconnected':
      return <Message title="Nobody answers" text="This page keeps trying. What it hears is shown here." />;
    case 'failed':
      return <Message title="Nothing to show" text="Another trace can be dropped here, or opened above." />;
    default:
      return (
        <Message
          title={`No ${what} at this moment`}
          text={
            value.time === 'following'
              ? `As soon as there is a ${what}, it is shown here.`
              : `There may be one at another moment: see the bar of time below.`
          }
        />
      );
  }
}

function Message({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section class="empty">
      <h1>{title}</h1>
      <p class="soft">{text}</p>
    </section>
  );
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
        The events of any xstate app that @statelyai/inspect has told will do too.
      </p>
      <p class="soft">
        A cluster of your own, with this page: <code>npx odradek up</code>
      </p>
    </section>
  );
}
