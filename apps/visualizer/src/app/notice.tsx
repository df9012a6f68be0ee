// What has to be said about the source: that it is gone, or cannot be opened, and what one can do.

import { LIVE_VERSION } from '@odradek/trace';
import { columnsOf } from '../map/columns.ts';
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
        <StartAgain />
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

/** The page has tried all brokers by itself, so nothing in it can help: whoever runs `up` can. */
function StartAgain() {
  const { world } = useConsole().view.value;
  if (![...world.hellos.values()].some(({ allowed }) => allowed.includes('break'))) return null;
  const nodes = columnsOf(world).map(({ id }) => id);
  return (
    <span>
      Nodes that were killed: <code>odradek chaos start {nodes.join(' ')}</code> starts them again. A cluster
      that was ended: <code>odradek up</code>.
    </span>
  );
}
