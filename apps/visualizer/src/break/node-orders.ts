// What can be done to one node, with the key that does it.

import type { BreakOrder } from '@odradek/trace';

export interface NodeOrder {
  readonly key: string;
  readonly title: string;
  /** What it does to the node, in words. */
  readonly text: string;
  readonly order: BreakOrder;
  /** The command that does the same. */
  readonly command: string;
}

export const slowMs = 200;

export function nodeOrders(node: number, others: readonly number[]): NodeOrder[] {
  const simple = (
    key: string,
    what: 'kill' | 'start' | 'restart' | 'pause' | 'resume',
    title: string,
    text: string,
  ): NodeOrder => ({
    key,
    title,
    text,
    order: { do: what, nodes: [node] },
    command: `odradek chaos ${what} ${node}`,
  });
  return [
    simple('k', 'kill', 'Kill', 'its process ends at once, without a word to anybody'),
    simple('s', 'start', 'Start', 'its process starts again on the disk it left'),
    simple('r', 'restart', 'Restart', 'it ends in order and starts again'),
    simple('p', 'pause', 'Pause', 'it stands still, holds its connections and answers nothing'),
    simple('u', 'resume', 'Resume', 'it goes on where it stood, and may believe what was true then'),
    {
      key: 'l',
      title: 'Slow its network',
      text: `what it sends arrives ${slowMs} ms later`,
      order: { do: 'slow', node, what: 'network', delayMs: slowMs },
      command: `odradek chaos slow ${node} --ms ${slowMs}`,
    },
    {
      key: 'd',
      title: 'Slow its disk',
      text: `each flush takes ${slowMs} ms longer`,
      order: { do: 'slow', node, what: 'disk', delayMs: slowMs },
      command: `odradek chaos slow ${node} --ms ${slowMs} --disk`,
    },
    {
      key: 'f',
      title: 'Fill its disk',
      text: 'nothing more can be written to it',
      order: { do: 'fill', node },
      command: `odradek chaos fill ${node}`,
    },
    ...others.map(
      (other): NodeOrder => ({
        key: String(other % 10),
        title: `Cut it from ${other}`,
        text: 'the two do not hear each other; all others hear both',
        order: { do: 'cut', from: node, to: other, isOneWay: false },
        command: `odradek chaos cut ${node} ${other}`,
      }),
    ),
  ];
}
