import { describe, expect, it } from 'vitest';
import { TailBudget } from '../src/tail-budget.ts';
import { TailMemory } from '../src/tail-memory.ts';

const BATCH_BYTES = 1000;
/** A batch with what it takes beside its bytes. */
const KEPT_BYTES = BATCH_BYTES + 600;
const everything = { maxBytes: 2 ** 30, upToOffset: 2 ** 30 };

/** Tails of one broker, each with a batch for each offset. */
function tails(capBytes: number, count: number) {
  const budget = new TailBudget(capBytes);
  const made = Array.from({ length: count }, () => {
    const tail = new TailMemory(budget, 0);
    let end = 0;
    const append = (batches: number): void => {
      for (let index = 0; index < batches; index++) tail.push(new Uint8Array(BATCH_BYTES), end, ++end);
    };
    const kept = (): number => tail.read(tail.startOffset, everything).records.length;
    return { tail, append, kept };
  });
  return { budget, logs: made as [(typeof made)[0], ...typeof made] };
}

describe('what the logs of a broker keep of their tails', () => {
  it('is bounded together, however many logs there are, and small batches count for what they take', () => {
    const { budget, logs } = tails(100_000, 1000);
    for (const { append } of logs) append(3);
    expect(budget.bytes).toBeLessThanOrEqual(100_000);
    const kept = logs.reduce((sum, log) => sum + log.kept(), 0);
    expect(kept).toBe(Math.floor(100_000 / KEPT_BYTES));
  });

  it('is given up by the log that was appended to the longest ago, oldest batch first', () => {
    const { logs } = tails(10 * KEPT_BYTES, 3);
    const [idle, busy, late] = logs;
    idle.append(4);
    busy?.append(4);
    late?.append(5);
    expect(logs.map(({ kept }) => kept())).toEqual([1, 4, 5]);
    expect(idle.tail.startOffset).toBe(3);
    busy?.append(3);
    expect(logs.map(({ kept }) => kept())).toEqual([0, 7, 3]);
    expect(idle.tail.startOffset).toBe(4);
    // The only one that has anything gives up its own.
    idle.append(20);
    expect(logs.map(({ kept }) => kept())).toEqual([10, 0, 0]);
  });

  it('is bounded for each log by what its batches take, however small they are', () => {
    const { logs } = tails(2 ** 30, 1);
    logs[0].append(10_000);
    expect(logs[0].kept()).toBe(Math.floor((4 * 2 ** 20) / KEPT_BYTES));
  });

  it('is nothing of a batch that is larger than all of it', () => {
    const { budget, logs } = tails(BATCH_BYTES, 1);
    logs[0].append(2);
    expect([logs[0].kept(), logs[0].tail.startOffset, budget.bytes]).toEqual([0, 2, 0]);
  });

  it('is given back when a log is cut, begins again, or is closed', () => {
    const { budget, logs } = tails(2 ** 20, 1);
    const [{ append, tail, kept }] = logs;
    append(10);
    tail.truncateTo(4);
    expect([kept(), budget.bytes]).toEqual([4, 4 * KEPT_BYTES]);
    tail.restart(100);
    expect([tail.startOffset, budget.bytes]).toEqual([100, 0]);
    append(1);
    tail.close();
    expect(budget.bytes).toBe(0);
  });
});
