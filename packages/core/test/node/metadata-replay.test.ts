import { crc32c } from '@odradek/format';
import { batchOfRecords, type MetadataImage, type MetadataRecord, memoryLog } from '@odradek/model';
import { expect, it } from 'vitest';
import { MetadataReplay } from '../../src/node/metadata-replay.ts';
import { TestClock } from '../support/test-clock.ts';

const topic = (name: string, topicId: string): MetadataRecord => ({ type: 'TopicRecord', name, topicId });

function metadataLogOf(...batches: (readonly MetadataRecord[])[]) {
  const log = memoryLog({ later: (callback) => callback() });
  log.startEpoch(1);
  for (const records of batches) append(log, records);
  return log;
}

function append(log: ReturnType<typeof memoryLog>, records: readonly MetadataRecord[]): void {
  const batch = batchOfRecords(records, { timestamp: 0 });
  log.appendAsLeader(batch, { leaderEpoch: 1, wallMs: 0, origin: 'coordinator' });
}

function replayOf(log: ReturnType<typeof memoryLog>) {
  const clock = new TestClock();
  const told: string[] = [];
  const names = (image: MetadataImage): string => [...image.topicIds.keys()].join(' ');
  const replay = new MetadataReplay(
    { clock, compute: { crc32c } },
    log,
    (before, after) => told.push(`${names(before)} -> ${names(after)} @${after.offset}`),
    (error) => told.push(error),
  );
  return { replay, clock, told };
}

const idOf = (letter: string): string => letter.repeat(21).concat('A');

it('C1 replays what is committed and nothing above it, and tells of it once', () => {
  const level: MetadataRecord = { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 1 };
  const log = metadataLogOf([level, topic('a', idOf('a'))], [topic('b', idOf('b'))], [topic('c', idOf('c'))]);
  const { replay, clock, told } = replayOf(log);
  replay.commit(3);
  expect(told).toEqual([]);
  clock.advance(0);
  expect(told).toEqual([' -> a b @2']);
  expect(replay.replayedEnd).toBe(3);
  replay.commit(4);
  clock.advance(0);
  expect(told.at(-1)).toBe('a b -> a b c @3');
});

it('Q7 begins anew from a snapshot, at its end', () => {
  const log = metadataLogOf([topic('a', idOf('a'))]);
  const { replay, told } = replayOf(log);
  const snapshot = batchOfRecords([topic('x', idOf('x'))], { timestamp: 0 });
  replay.load(40, snapshot);
  expect(told).toEqual([' -> x @39']);
  expect(replay.replayedEnd).toBe(40);
});

it('C1 tells of what had to be read from the disk only once all of it is there', () => {
  const log = metadataLogOf([topic('a', idOf('a'))], [topic('b', idOf('b'))]);
  const waiting: (() => void)[] = [];
  const cold: typeof log = Object.create(log, {
    read: { value: () => ({ outcome: 'cold' }) },
    readLater: {
      value: (...[from, limits, done]: Parameters<typeof log.readLater>) =>
        waiting.push(() => log.readLater(from, { ...limits, maxBytes: 1 }, done)),
    },
  });
  const { replay, clock, told } = replayOf(cold);
  replay.commit(2);
  clock.advance(0);
  waiting.shift()?.();
  expect({ told, end: replay.replayedEnd }).toEqual({ told: [], end: 0 });
  waiting.shift()?.();
  expect({ told, end: replay.replayedEnd }).toEqual({ told: [' -> a b @1'], end: 2 });
});
