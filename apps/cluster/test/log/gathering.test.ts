import { expect, it } from 'vitest';
import type { Entry } from '../../src/log/entry.ts';
import { Gathering } from '../../src/log/gathering.ts';

function rig() {
  const lines: string[] = [];
  const timers: { callback: () => void; delayMs: number }[] = [];
  const gathering = new Gathering({
    write: ({ actor, text, more }) =>
      lines.push(`${actor}: ${text}${more === undefined ? '' : ` [${more}]`}`),
    setTimeout: (callback, delayMs) => {
      timers.push({ callback, delayMs });
      return {};
    },
  });
  const leads = (partition: number, event = 'place changed'): Entry => ({
    ...{ level: 'info', event, text: 'leads', from: 'hosted.following', to: 'hosted.leading' },
    actor: `broker-1/orders-${partition}`,
  });
  return { lines, timers, gathering, leads };
}

it('of many lines of one kind the first are written, and the rest in one line when the window is over', () => {
  const { lines, timers, gathering, leads } = rig();
  for (let partition = 0; partition < 47; partition++) gathering.add(leads(partition));
  expect(lines).toHaveLength(6);
  expect(timers).toMatchObject([{ delayMs: 10_000 }]);
  timers[0]?.callback();
  expect(lines.slice(6)).toEqual([
    'broker-1/orders-46: … and 41 more like it in 10 s, the last of broker-1/orders-46: leads [41]',
  ]);
  gathering.add(leads(1));
  expect(lines).toHaveLength(8);
});

it('other kinds, and other machines, are not held back by them', () => {
  const { lines, gathering, leads } = rig();
  for (let partition = 0; partition < 10; partition++) gathering.add(leads(partition));
  gathering.add(leads(1, 'log opened'));
  gathering.add({ level: 'error', actor: 'broker-1/orders-1', event: 'told', text: 'its log failed' });
  gathering.add({ level: 'info', actor: 'broker-1/quorum', event: 'elected', text: 'leads the quorum' });
  expect(lines.slice(6)).toEqual([
    'broker-1/orders-1: leads',
    'broker-1/orders-1: its log failed',
    'broker-1/quorum: leads the quorum',
  ]);
});

it('few lines are followed by none; what was held back is told when the log ends', () => {
  const { lines, timers, gathering, leads } = rig();
  for (let partition = 0; partition < 6; partition++) gathering.add(leads(partition));
  timers[0]?.callback();
  expect(lines).toHaveLength(6);
  for (let partition = 0; partition < 8; partition++) gathering.add(leads(partition));
  gathering.close();
  expect(lines.at(-1)).toContain('and 2 more like it');
  timers[1]?.callback();
  expect(lines).toHaveLength(13);
});
