import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { createWireSystem } from '../src/system.ts';
import { HandClock } from './made-up-world.ts';

/** Beats, until it is told to go. */
const beating = createMachine({
  initial: 'there',
  states: {
    there: { on: { go: 'gone' }, after: { 1000: { target: 'there', reenter: true } } },
    gone: { type: 'final' },
  },
});

describe('the supervisor of connections', () => {
  it('W2: one that ends leaves no timer, and the others keep theirs', () => {
    const clock = new HandClock();
    const system = createWireSystem('network', clock);
    const [one, other] = ['one', 'other'].map((id) => system.spawn(beating, id, undefined));
    clock.advance(2500);
    expect(clock.pendingTimers).toBe(2);
    one?.send({ type: 'go' });
    expect(clock.pendingTimers).toBe(1);
    clock.advance(2500);
    expect(other?.getSnapshot().value).toBe('there');
    expect(clock.pendingTimers).toBe(1);
    system.stop();
  });

  it('E8: tens of thousands that end together do not hold up each other: it would take a minute', () => {
    // Nobody's timer matters here, and the clock that is moved by hand looks through all of its own.
    const still = { nowMs: () => 0, wallMs: () => 0, setTimeout: () => 0, clearTimeout: () => undefined };
    const system = createWireSystem('network', still);
    const all = Array.from({ length: 20_000 }, (_, index) =>
      system.spawn(beating, `session-${index}`, undefined),
    );
    for (const one of all) one.send({ type: 'go' });
    expect(all.every((one) => one.getSnapshot().status === 'done')).toBe(true);
  });
});
