// What is left of group commits through a journal when the power fails at any moment, and again while it is replayed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLog } from '../src/find-logs.ts';
import { byChance, everyOther, type Survival } from '../src/survival.ts';
import { append } from './support/broker.ts';
import { bytesOf, newLogs, PARTITIONS, storedBytes, survivals } from './support/journalled-logs.ts';
import { generationOf, type ManyLogs } from './support/many-logs.ts';
import { seeded } from './support/queue.ts';

type Step =
  | {
      readonly kind: 'append';
      readonly partition: number;
      readonly count: number;
      readonly isNewEpoch: boolean;
    }
  | { readonly kind: 'append to all' }
  | { readonly kind: 'truncate'; readonly partition: number; readonly back: number }
  | { readonly kind: 'remake'; readonly partition: number; readonly isOther: boolean }
  | { readonly kind: 'settle' | 'time' | 'step' };

const partition = fc.constantFrom(...PARTITIONS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      partition,
      count: fc.integer({ min: 1, max: 3 }),
      isNewEpoch: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append to all' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      partition,
      back: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('remake' as const), partition, isOther: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('settle' as const, 'time' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const) }) },
);

/** Plays steps, and remembers what each log has reported as flushed, and in which form. */
class Play {
  readonly broker: ManyLogs;
  readonly generations = new Map(PARTITIONS.map((one) => [one, 0]));
  #epoch = 1;

  constructor() {
    this.broker = newLogs({ configuration: { 'segment.bytes': 900 }, fileBytes: 1200 });
  }

  do(one: Step): void {
    const { broker } = this;
    if (one.kind === 'append') {
      if (one.isNewEpoch) this.#epoch += 1;
      append(broker.log(one.partition), one.count, { leaderEpoch: this.#epoch }, this.#epoch % 40);
    } else if (one.kind === 'append to all')
      for (const each of PARTITIONS) append(broker.log(each), 1, { leaderEpoch: this.#epoch }, each * 7);
    else if (one.kind === 'truncate') {
      const log = broker.log(one.partition);
      log.truncateTo(Math.max(0, log.logEndOffset - one.back));
      this.#epoch += 1;
    } else if (one.kind === 'remake') {
      broker.discard(one.partition);
      let isForgotten = false;
      broker.directory.whenForgotten(`orders-${one.partition}`, () => {
        isForgotten = true;
      });
      while (!isForgotten) broker.queue.step();
      const generation = (this.generations.get(one.partition) ?? 0) + (one.isOther ? 1 : 0);
      this.generations.set(one.partition, generation % 10);
      broker.create(one.partition, generation % 10);
    } else if (one.kind === 'settle') broker.settle();
    else if (one.kind === 'time') broker.clock.advance(10_000);
    else broker.queue.step();
  }

  /** Power fails: whatever was reported is there, as it was, and nothing is damaged. */
  fail(left: Survival, again: Survival): void {
    const { broker } = this;
    const reported = PARTITIONS.map((one) => {
      const { flushedEndOffset } = broker.log(one);
      return { one, flushedEndOffset, bytes: bytesOf(broker, one, flushedEndOffset) };
    });
    broker.power(left);
    // While it recovers it fails once more.
    broker.power(again);
    const found = (one: number) => generationOf(findLog(broker.disk, `orders-${one}`)?.topicId);
    const expected = (one: number) => this.generations.get(one) ?? 0;
    broker.open(PARTITIONS, (one) => found(one) ?? expected(one));
    expect([broker.damages, broker.failures]).toEqual([[], []]);
    for (const { one, flushedEndOffset, bytes } of reported) {
      // That it was deleted was not durable, and its node will delete it once more: nothing of the next one was reported.
      if (flushedEndOffset === 0) continue;
      expect(found(one)).toBe(expected(one));
      expect(broker.log(one).logEndOffset).toBeGreaterThanOrEqual(flushedEndOffset);
      expect(storedBytes(broker, one).slice(0, bytes.length)).toEqual(bytes);
    }
    // It goes on from there.
    this.#epoch += 1;
    for (const one of PARTITIONS) append(broker.log(one), 1, { leaderEpoch: this.#epoch });
    broker.settle();
    for (const one of PARTITIONS) expect(broker.log(one).flushedEndOffset).toBe(broker.log(one).logEndOffset);
  }
}

describe('D1, D2: whatever was reported is there after the power failed', () => {
  it('at every moment of a day, whatever is left', () => {
    const day: Step[] = [
      ...Array<Step>(3).fill({ kind: 'append to all' }),
      { kind: 'truncate', partition: 1, back: 2 },
      { kind: 'append to all' },
      { kind: 'remake', partition: 2, isOther: false },
      { kind: 'append to all' },
      { kind: 'append', partition: 0, count: 3, isNewEpoch: true },
      ...Array<Step>(4).fill({ kind: 'append to all' }),
      { kind: 'time' },
      { kind: 'append to all' },
    ];
    // Between any two of them so many completions come.
    for (const pace of [0, 2]) {
      const steps = day.flatMap((one): Step[] => [one, ...Array<Step>(pace).fill({ kind: 'step' })]);
      const moments = steps.length + 30;
      for (let moment = 0; moment < moments; moment++)
        for (const left of survivals(1)) {
          const play = new Play();
          for (const one of steps.slice(0, moment)) play.do(one);
          for (let more = steps.length; more < moment; more++) play.do({ kind: 'step' });
          play.fail(left(), everyOther('second'));
        }
    }
  }, 120_000);

  it('in any order of appends, cuts, deletions and completions (property)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.integer(), fc.integer(), (steps, first, second) => {
        const play = new Play();
        for (const one of steps) play.do(one);
        play.fail(byChance(seeded(first)), byChance(seeded(second)));
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});
