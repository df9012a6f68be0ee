// What has to be said about the source: that it is gone, or cannot be opened, and what one can do.

import { LIVE_VERSION } from '@odradek/trace';
import { useConsole } from './the-console.ts';

export function Notice() {
  const console = useConsole();
  const { value, context } = console.state.value;
  if (value.source === 'disconnected')
    return (
      <div class="banner alarm" role="alert">
        <strong>
          <span aria-hidden="true">⚠ </span>Disconnected.
        </strong>
        <span>{context.reason} What you see is the last that was told; this page keeps trying.</span>
        <OtherBrokers />
      </div>
    );
  if (value.source === 'failed')
    return (
      <div class="banner alarm" role="alert">
        <strong>
          <span aria-hidden="true">⚠ </span>
          {context.about} cannot be opened.
        </strong>
        <span>{context.reason}</span>
      </div>
    );
  return <NewerNodes />;
}

/** While a cluster is upgraded, the broker that served the page may be older than others. */
function NewerNodes() {
  const { hellos } = useConsole().view.value.world;
  const newer = [...hellos.values()].find(({ version }) => version > LIVE_VERSION);
  if (newer === undefined) return null;
  return (
    <div class="banner" role="alert">
      <strong>
        <span aria-hidden="true">⚠ </span>
        {newer.about} is newer than this page.
      </strong>
      <span>Some of what it tells is not shown. Open the page that it serves itself.</span>
    </div>
  );
}

/** The broker that serves this page may be the one that is gone: the same page is at the others. */
function OtherBrokers() {
  const { world } = useConsole().view.value;
  const here = location.port;
  const others = [...world.brokers.values()].filter(({ port }) => String(port) !== here);
  if (others.length === 0) return null;
  return (
    <span>
      The same page is at{' '}
      {others.map(({ id, port }) => (
        <a key={id} href={`${location.protocol}//${location.hostname}:${port}/${location.hash}`}>
          broker {id}{' '}
        </a>
      ))}
    </span>
  );
}
