import { expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { Supervisor } from '../../src/node/supervisor.ts';
import { TestClock } from '../support/test-clock.ts';

const childMachine = setup({
  types: { events: {} as { type: 'break' } | { type: 'end' }, input: {} as { readonly name: string } },
  actions: {
    'break invariant': () => {
      throw new Error('leader epoch went back');
    },
  },
}).createMachine({
  id: 'child',
  initial: 'alive',
  states: {
    alive: { on: { break: { actions: 'break invariant' }, end: 'ended' }, after: { 100: 'ended' } },
    ended: { type: 'final' },
  },
});

it('starts and stops children under paths of their own, on the clock of the node', () => {
  const clock = new TestClock();
  const supervisor = new Supervisor('broker-1', clock, () => {});
  const child = supervisor.start('orders-0', childMachine, { name: 'a' });
  expect(child.getSnapshot().value).toBe('alive');
  expect([...supervisor.root.getSnapshot().children.keys()]).toEqual(['orders-0']);
  supervisor.start('orders-1', childMachine, { name: 'b' });
  supervisor.stop('orders-1');
  clock.advance(100);
  expect(supervisor.root.getSnapshot().children.size).toBe(0);
});

it('a child that breaks an invariant ends the node and says why', () => {
  const errors: unknown[] = [];
  const supervisor = new Supervisor('broker-1', new TestClock(), (error) => errors.push(error));
  const child = supervisor.start('orders-0', childMachine, { name: 'a' });
  child.send({ type: 'break' });
  expect(errors).toEqual([new Error('leader epoch went back')]);
  expect(() => supervisor.start('orders-1', childMachine, { name: 'b' })).toThrow(/node has ended/);
});

it('closes all that is below it', () => {
  const clock = new TestClock();
  const supervisor = new Supervisor('broker-1', clock, () => {});
  const child = supervisor.start('orders-0', childMachine, { name: 'a' });
  supervisor.close();
  expect(child.getSnapshot().status).toBe('stopped');
  expect(createActor(childMachine, { input: { name: 'c' }, clock }).getSnapshot().status).toBe('active');
});

it('X7: an actor that stops has no timer left, and the others have theirs', () => {
  const clock = new TestClock();
  const supervisor = new Supervisor('broker-1', clock, () => {});
  supervisor.start('orders-0', childMachine, { name: 'a' });
  const other = supervisor.start('orders-1', childMachine, { name: 'b' });
  supervisor.stop('orders-0');
  clock.advance(99);
  expect(other.getSnapshot().value).toBe('alive');
  clock.advance(1);
  expect(other.getSnapshot().value).toBe('ended');
});
