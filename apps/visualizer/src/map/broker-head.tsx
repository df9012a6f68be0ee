// The head of a column: a node, its state, its part in the quorum, and what can be done to it.

import { BreakMenu } from '../break/break-menu.tsx';
import { Term } from '../glossary/term.tsx';
import type { Column } from './columns.ts';

const signs: Readonly<Record<string, string>> = {
  running: '●',
  fenced: '◌',
  'in controlled shutdown': '◐',
  down: '✕',
  paused: '‖',
};

export function BrokerHead({ column }: { readonly column: Column }) {
  const { id, state, address, isController, isVoter, quorum, isHeard } = column;
  const isBroker = state !== '';
  return (
    <div class={`broker-head${isHeard ? '' : ' down'}`} data-node={id}>
      <div class="first">
        <h2>{isBroker ? `Broker ${id}` : `Controller ${id}`}</h2>
        {isBroker && (
          <span class={state === 'running' ? 'tag' : 'tag alarm'} data-fact="state">
            <span aria-hidden="true">{signs[state] ?? '?'}</span>
            {state}
          </span>
        )}
        <BreakMenu node={id} />
      </div>
      <p class="second">
        {address !== '' && <span class="mono">{address}</span>}
        {isController && (
          <span class="tag accent">
            <span aria-hidden="true">◆</span> <Term word="controller" />
          </span>
        )}
        {isVoter && (
          <span>
            <Term word="quorum" />: <span data-fact="quorum">{quorum}</span>
          </span>
        )}
      </p>
    </div>
  );
}

/** The same in few words, where there are many. */
export function NodeChip({ column: { id, state, address, isController } }: { readonly column: Column }) {
  const isWell = state === 'running' || state === '';
  return (
    <div class="node-chip" data-node={id} title={address}>
      <b>{id}</b>
      <span class={isWell ? 'faint' : 'tag alarm'} data-fact="state">
        <span aria-hidden="true">{signs[state] ?? '◇'}</span>
        <span class={isWell ? 'unseen' : undefined}>{state === '' ? 'controller only' : state}</span>
      </span>
      {isController && <Term word="controller" />}
      <BreakMenu node={id} />
    </div>
  );
}
