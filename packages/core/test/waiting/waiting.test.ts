import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from '../../src/waiting/deadlines.ts';
import { EndWaits } from '../../src/waiting/end-waits.ts';
import { Wakers } from '../../src/waiting/wakers.ts';
import { TestClock } from '../support/test-clock.ts';

describe('deadlines', () => {
  it('fires each once, never early and at most ten milliseconds late, as ten obvious timers would', () => {
    const waits = fc.array(fc.record({ delayMs: fc.nat(200), isCancelled: fc.boolean() }), { maxLength: 30 });
    fc.assert(
      fc.property(waits, (given) => {
        const clock = new TestClock();
        const deadlines = new Deadlines(clock);
        const firedAt = new Map<number, number[]>();
        given.forEach(({ delayMs, isCancelled }, index) => {
          const deadline = deadlines.after(delayMs, () =>
            firedAt.set(index, [...(firedAt.get(index) ?? []), clock.nowMs()]),
          );
          if (isCancelled) deadline.cancel();
        });
        clock.advance(300);
        given.forEach(({ delayMs, isCancelled }, index) => {
          const times = firedAt.get(index) ?? [];
          expect(times.length).toBe(isCancelled ? 0 : 1);
          for (const time of times) {
            expect(time).toBeGreaterThanOrEqual(delayMs);
            expect(time).toBeLessThan(delayMs + 11);
          }
        });
        expect(deadlines.size).toBe(0);
      }),
    );
  });

  it('one that is cancelled by another in its bucket does not fire', () => {
    const clock = new TestClock();
    const deadlines = new Deadlines(clock);
    let fired = 0;
    const handles = [0, 1].map((index) =>
      deadlines.after(10, () => {
        fired += 1;
        handles[1 - index]?.cancel();
      }),
    );
    clock.advance(20);
    expect(fired).toBe(1);
  });
});

describe('waits for an end', () => {
  it('L6 are released in order of their offsets, once the end has passed them', () => {
    const waits = new EndWaits();
    const told: string[] = [];
    waits.add(5, (error) => told.push(`5 ${error}`));
    waits.add(9, (error) => told.push(`9 ${error}`));
    waits.add(7, (error) => told.push(`7 ${error}`));
    waits.reach(4);
    expect(told).toEqual([]);
    waits.reach(7);
    expect(told).toEqual(['5 NONE', '7 NONE']);
    waits.fail('NOT_LEADER_OR_FOLLOWER');
    expect(told.at(-1)).toBe('9 NOT_LEADER_OR_FOLLOWER');
    expect(waits.size).toBe(0);
  });

  it('one that gave up is told nothing', () => {
    const waits = new EndWaits();
    let told = 0;
    const giveUp = waits.add(1, () => {
      told += 1;
    });
    giveUp();
    waits.reach(10);
    expect(told).toBe(0);
  });
});

it('L9 who is woken adds itself again to hear of the next change, and is not called twice by one', () => {
  const wakers = new Wakers();
  let woken = 0;
  const look = (): void => {
    woken += 1;
    wakers.add(look);
  };
  wakers.add(look);
  wakers.wake();
  wakers.wake();
  expect(woken).toBe(2);
});
