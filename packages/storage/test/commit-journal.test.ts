// Group commits of many logs by one sync, and what is left of them when the power fails at any moment.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLog } from '../src/find-logs.ts';
import { JOURNAL_FILES } from '../src/journal-replay.ts';
import { byChance, everyOther, everythingSurvives, nothingSurvives, type Survival } from '../src/survival.ts';
import { append, everything } from './support/broker.ts';
import { appendToAll, flushedOnce, generationOf, type ManyLogs, PARTITIONS } from './support/many-logs.ts';
import { seeded } from './support/queue.ts';

function bytesOf(broker: ManyLogs, partition: number, upToOffset: number): number[] {
  const read = broker.log(partition).read(0, { ...everything, upToOffset });
  if (read.outcome !== 'records') throw new Error(`read: ${read.outcome}`);
  return read.records.flatMap((piece) => [...piece]);
}

/** What lies in the log's files, as far as sound. */
function storedBytes(broker: ManyLogs, partition: number): number[] {
  const { disk } = broker;
  return disk
    .list(`orders-${partition}`)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => [...(disk.readFile(`orders-${partition}/${name}`) ?? [])]);
}

function syncsOf(broker: ManyLogs, work: () => void): string[] {
  const seen: string[] = [];
  broker.fault = (operation, path) => {
    if (operation === 'sync') seen.push(path);
    return undefined;
  };
  work();
  broker.fault = undefined;
  return seen;
}

describe('a group commit of many logs', () => {
  it('D2: is one sync, and each log is durable up to its end', () => {
    const many = Array.from({ length: 20 }, (_, partition) => partition);
    const broker = flushedOnce({ fewestLogs: 16 }, many);
    const syncs = syncsOf(broker, () => {
      appendToAll(broker);
      broker.settle();
    });
    expect(syncs).toEqual([JOURNAL_FILES[0]]);
    for (const partition of many) {
      const { flushedEndOffset, logEndOffset, syncedEndOffset } = broker.log(partition);
      expect([flushedEndOffset, logEndOffset, syncedEndOffset]).toEqual([3, 3, 1]);
    }
    broker.power(nothingSurvives);
    broker.open(many);
    expect(many.map((partition) => broker.log(partition).logEndOffset)).toEqual(many.map(() => 3));
  });

  it('a few logs, or one that has more than bytes to sync, are synced themselves', () => {
    const broker = flushedOnce({ fewestLogs: 3 });
    const few = syncsOf(broker, () => {
      for (const partition of [0, 1]) append(broker.log(partition), 1);
      broker.settle();
    });
    expect(few.every((path) => path.startsWith('orders-'))).toBe(true);
    const withEpoch = syncsOf(broker, () => {
      for (const partition of PARTITIONS) append(broker.log(partition), 1, { leaderEpoch: 2 });
      broker.settle();
    });
    expect(withEpoch).toHaveLength(3);
    expect(withEpoch).not.toContain(JOURNAL_FILES[0]);
  });

  it('D1: logs that were cut while the journal is emptied wait for all others, which do not wait for them', () => {
    const many = Array.from({ length: 12 }, (_, partition) => partition);
    const broker = flushedOnce({}, many);
    appendToAll(broker);
    broker.settle();
    broker.clock.advance(10_000);
    for (const partition of many.slice(0, 4)) broker.log(partition).truncateTo(1);
    broker.settle();
    expect(broker.journal.isEmpty).toBe(true);
    for (const partition of many.slice(0, 4)) append(broker.log(partition), 1, { leaderEpoch: 9 });
    broker.settle();
    expect(many.map((partition) => broker.log(partition).flushedEndOffset)).toEqual(
      many.map((partition) => (partition < 4 ? 2 : 3)),
    );
  });

  it('D1: once its time has come the logs are synced themselves, and the journal is empty', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    expect(broker.disk.readFile(JOURNAL_FILES[0])?.length).toBeGreaterThan(0);
    broker.clock.advance(10_000);
    broker.settle();
    expect(broker.disk.readFile(JOURNAL_FILES[0])?.length).toBe(0);
    expect(PARTITIONS.map((partition) => broker.log(partition).syncedEndOffset)).toEqual([3, 3, 3]);
    expect(broker.journal.isEmpty).toBe(true);
  });

  it('one file is filled while the other is emptied, and never both for long', () => {
    const broker = flushedOnce({ fileBytes: 1500 }, [0, 1, 2, 3, 4, 5, 6, 7]);
    const paths = new Set<string>();
    for (let round = 0; round < 30; round++)
      for (const path of syncsOf(broker, () => {
        appendToAll(broker);
        for (let step = 0; step < 4; step++) broker.queue.step();
      }))
        paths.add(path);
    expect([...paths].filter((path) => !path.startsWith('orders-')).sort()).toEqual([...JOURNAL_FILES]);
    for (const path of JOURNAL_FILES) expect(broker.disk.readFile(path)?.length).toBeLessThan(5000);
  });

  it('C9: a clean end leaves nothing to the journal', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    broker.stopCleanly();
    for (const path of JOURNAL_FILES) expect(broker.disk.readFile(path)?.length ?? 0).toBe(0);
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).flushedEndOffset)).toEqual([3, 3, 3]);
  });
});

describe('D1: a log with another history than the journal tells', () => {
  it('F5: what was cut does not come back once what replaced it was reported', () => {
    for (const left of survivals(3)) {
      const broker = flushedOnce();
      appendToAll(broker);
      broker.settle();
      broker.log(0).truncateTo(1);
      append(broker.log(0), 2, { leaderEpoch: 9 });
      broker.settle();
      expect(broker.log(0).flushedEndOffset).toBe(3);
      const expected = bytesOf(broker, 0, 3);
      broker.power(left());
      expect(storedBytes(broker, 0).slice(0, expected.length)).toEqual(expected);
      broker.open(PARTITIONS);
      expect([broker.damages, broker.log(0).logEndOffset]).toEqual([[], 3]);
    }
  });

  it.each([0, 1])(
    'S23: a log that is deleted and made again (topic id of generation %i) has none of its past',
    (generation) => {
      for (const left of survivals(3)) {
        const broker = flushedOnce();
        appendToAll(broker, 6);
        broker.settle();
        broker.discard(0);
        broker.settle();
        broker.create(0, generation);
        broker.log(0).startEpoch(5);
        append(broker.log(0), 1, { leaderEpoch: 5 });
        broker.settle();
        expect(broker.log(0).flushedEndOffset).toBe(1);
        const expected = bytesOf(broker, 0, 1);
        broker.power(left());
        broker.open(PARTITIONS, (partition) => (partition === 0 ? generation : 0));
        expect([broker.damages, broker.log(0).logEndOffset]).toEqual([[], 1]);
        expect(storedBytes(broker, 0).slice(0, expected.length)).toEqual(expected);
      }
    },
  );

  it('D1: a process that was killed leaves the logs as they were, whatever the journal has', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    broker.log(0).truncateTo(1);
    append(broker.log(0), 1, { leaderEpoch: 9 });
    const expected = storedBytes(broker, 0);
    broker.kill();
    expect(storedBytes(broker, 0)).toEqual(expected);
    broker.open(PARTITIONS);
    expect(broker.log(0).logEndOffset).toBe(2);
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect([1, 2].map((partition) => broker.log(partition).logEndOffset)).toEqual([3, 3]);
  });
});

/** Ways in which power fails. */
function survivals(chances: number): (() => Survival)[] {
  return [
    () => nothingSurvives,
    () => everythingSurvives,
    () => everyOther('first'),
    () => everyOther('second'),
    ...Array.from({ length: chances }, (_, seed) => () => byChance(seeded(seed + 1))),
  ];
}

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
    this.broker = flushedOnce({ configuration: { 'segment.bytes': 900 }, fileBytes: 1200 });
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
      broker.settle();
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
