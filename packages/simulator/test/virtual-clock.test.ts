import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock, VirtualTime } from '../src/virtual-clock.ts';
import { VirtualProcess } from '../src/virtual-process.ts';

const identity = { id: 1, directoryId: 'directory', incarnation: 'first' };

describe('virtual time', () => {
  it('lets things happen by time, and at the same time in the order asked for, as sorting them would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (delays) => {
        const time = new VirtualTime();
        const seen: number[] = [];
        for (const [index, delay] of delays.entries()) time.after(delay, () => seen.push(index));
        while (time.step());
        const expected = [...delays.entries()].toSorted(([i, a], [j, b]) => a - b || i - j).map(([i]) => i);
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('fires a timer that arms itself again as often as its time comes', () => {
    const time = new VirtualTime();
    let fired = 0;
    const again = (): void => {
      fired++;
      time.after(100, again);
    };
    time.after(100, again);
    time.advance(1000);
    expect([fired, time.nowMs]).toEqual([10, 1000]);
  });

  it('runs until a condition holds, or its cap in virtual time', () => {
    const time = new VirtualTime();
    let done = false;
    time.after(30, () => {
      done = true;
    });
    expect(time.runUntil(() => done, 20)).toBe(false);
    expect(time.nowMs).toBe(20);
    expect(time.runUntil(() => done, 20)).toBe(true);
    expect(time.nowMs).toBe(30);
  });
});

describe('the clock of a process', () => {
  function aProcess() {
    const time = new VirtualTime();
    const process = new VirtualProcess(identity);
    return { time, process, clock: new VirtualClock(time, process, { wallSkewMs: () => -5000 }) };
  }

  it('forgets its timers when the process is killed', () => {
    const { time, process, clock } = aProcess();
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 10);
    process.end();
    time.advance(100);
    expect([fired, clock.armedTimers]).toEqual([false, 0]);
  });

  it('fires late and together after a pause (E6)', () => {
    const { time, process, clock } = aProcess();
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(10), 10);
    clock.setTimeout(() => fired.push(20), 20);
    process.pause();
    time.advance(1000);
    expect(fired).toEqual([]);
    process.resume((callback) => time.after(0, callback));
    time.advance(0);
    expect(fired).toEqual([10, 20]);
  });

  it('does not fire a timer that was cancelled by another one held with it', () => {
    const { time, process, clock } = aProcess();
    let fired = false;
    clock.setTimeout(() => clock.clearTimeout(second), 10);
    const second = clock.setTimeout(() => {
      fired = true;
    }, 10);
    process.pause();
    time.advance(20);
    process.resume((callback) => time.after(0, callback));
    time.advance(0);
    expect(fired).toBe(false);
  });

  it('shows whole milliseconds on its wall clock, whenever it is asked: dates are whole on the wire and on disks', () => {
    const { time, clock } = aProcess();
    time.advance(0.37);
    expect(Number.isInteger(clock.wallMs())).toBe(true);
  });

  it('may have a wall clock that is off (E7)', () => {
    const { clock, time, process } = aProcess();
    expect(clock.wallMs()).toBe(new VirtualClock(time, process).wallMs() - 5000);
  });
});

it('lets things happen in the order of their times and of being asked for, whatever is cancelled (twin)', () => {
  const orders = fc.array(
    fc.oneof(fc.record({ delayMs: fc.nat(20) }), fc.record({ cancels: fc.nat(400) }), fc.constant('step')),
    {
      maxLength: 600,
      size: 'max',
    },
  );
  fc.assert(
    fc.property(orders, (steps) => {
      const time = new VirtualTime();
      const happened: number[] = [];
      const expected: number[] = [];
      const cancels: (() => void)[] = [];
      let armed: { readonly dueMs: number; readonly name: number }[] = [];
      const next = (): void => {
        time.step();
        const [first] = armed.toSorted((one, other) => one.dueMs - other.dueMs || one.name - other.name);
        if (first !== undefined) expected.push(first.name);
        armed = armed.filter((one) => one !== first);
      };
      for (const step of steps) {
        if (step === 'step') next();
        else if ('cancels' in step) {
          const name = step.cancels % Math.max(1, cancels.length);
          cancels[name]?.();
          armed = armed.filter((one) => one.name !== name);
        } else {
          const name = cancels.length;
          armed.push({ dueMs: time.nowMs + step.delayMs, name });
          cancels.push(time.after(step.delayMs, () => happened.push(name)));
        }
      }
      while (armed.length > 0) next();
      expect(happened).toEqual(expected);
      expect(time.nextDueMs).toBeUndefined();
    }),
  );
});
