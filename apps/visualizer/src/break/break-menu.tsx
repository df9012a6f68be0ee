// What can be done to one node: a button beside its name, and a list with a key for each.

import { useState } from 'preact/hooks';
import { useConsole } from '../app/the-console.ts';
import { columnsOf } from '../map/columns.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { carryOut } from './carry-out.ts';
import { nodeOrders } from './node-orders.ts';
import { whyNotBreak } from './permission.ts';

export function BreakMenu({ node }: { readonly node: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const console = useConsole();
  // Another source changes the state, and this is drawn again.
  if (console.state.value.context.kind === 'file' || console.source?.breaker === undefined) return null;
  return (
    <>
      <button type="button" class="plain small break" onClick={() => setIsOpen(true)}>
        <Icon name="bolt" /> Break
        <span class="unseen"> node {node}</span>
      </button>
      {isOpen && <BreakDialog node={node} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function BreakDialog({ node, onClose }: { readonly node: number; readonly onClose: () => void }) {
  const console = useConsole();
  const view = console.view.value;
  const reason = whyNotBreak(console.source, view);
  const others = columnsOf(view.world)
    .map(({ id }) => id)
    .filter((id) => id !== node);
  const orders = nodeOrders(node, others);
  const give = (key: string): boolean => {
    const found = orders.find((order) => order.key === key);
    if (found === undefined || reason !== undefined) return false;
    onClose();
    void carryOut(console, found.order);
    return true;
  };
  return (
    <Dialog title={`Break node ${node}`} onClose={onClose} onKey={give}>
      {reason !== undefined && <p class="tag care reason">{reason}</p>}
      <ul class="orders">
        {orders.map(({ key, title, text, command }) => (
          <li key={title}>
            <button
              type="button"
              class="order"
              disabled={reason !== undefined}
              title={command}
              onClick={() => void give(key)}
            >
              <kbd>{key}</kbd>
              <b>{title}</b>
              <span class="soft">{text}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="command">
        The same from a terminal, for instance: <code>{orders[0]?.command}</code>
      </p>
    </Dialog>
  );
}
