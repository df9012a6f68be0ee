import { faultKinds, parseScheduleFile } from '@odradek/simulator';
import { describe, expect, it } from 'vitest';
import { repetitionOf } from '../../src/simulate/repeat.ts';

const order = {
  ...{ from: 1, to: 9, brokers: undefined, ops: 400, faults: faultKinds, isOverBudget: false, untilMs: 0 },
} as const;

describe('what to type to see a broken promise again', () => {
  it('is the shortest schedule, in a file', () => {
    const schedule = parseScheduleFile('short', '# V1: so it is\nworld quorum voters=3\nuntil leader\n');
    const { text, file } = repetitionOf(order, 7, { schedule, message: 'V1: so it is', tries: 3 });
    expect(text).toMatch(/\(1 statement\) is in seed-7\.schedule; again: odradek simulate --play seed-7/);
    expect(file?.path).toBe('seed-7.schedule');
    expect(parseScheduleFile('short', file?.text ?? '').story.map(({ text: one }) => one)).toEqual([
      'until leader',
    ]);
  });

  it.each([
    [order, '--seed 7 --ops 400'],
    [{ ...order, faults: [], brokers: 4 }, '--seed 7 --ops 400 --brokers 4 --faults none'],
    [{ ...order, faults: ['pause', 'full disk'] as const, isOverBudget: true }, '--over-budget'],
    [{ ...order, faults: ['pause', 'full disk'] as const }, '--faults "pause,full disk"'],
  ])('is the day of the seed, with what it was asked with, where no schedule does it', (asked, words) => {
    const { text, file } = repetitionOf(asked, 7, undefined);
    expect(text).toMatch(/^No schedule alone does it; again: odradek simulate --seed 7 /);
    expect(text.endsWith(words)).toBe(true);
    expect(file).toBeUndefined();
  });
});
