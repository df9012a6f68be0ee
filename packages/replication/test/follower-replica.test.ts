import { buildBatch, stampBatch } from '@odradek/format';
import { InvariantError, type MemoryLog } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import type { FollowerReplica } from '../src/faces.ts';
import type { TruncationReport } from '../src/hosts.ts';
import type { FollowerAnswer } from '../src/replica-fetch.ts';
import { allRecords, emptyLog, fill, inWords } from './support/log.ts';
import { registration, testFollower } from './support/roles.ts';

/** What a leader with such a log would answer. */
function answerFrom(
  runs: readonly (readonly [epoch: number, count: number])[],
  fromOffset: number,
  more: Partial<FollowerAnswer> = {},
): FollowerAnswer {
  const log = emptyLog((callback) => callback());
  for (const [epoch, count] of runs) fill(log, epoch, count);
  const read = log.read(fromOffset, { upToOffset: log.logEndOffset, maxBytes: 1_000_000 });
  return {
    error: 'NONE',
    highWatermark: 0,
    logStartOffset: 0,
    logEndOffset: log.logEndOffset,
    diverging: null,
    records: read.outcome === 'records' ? read.records : [],
    producers: null,
    ...more,
  };
}

const empty: FollowerAnswer = {
  error: 'NONE',
  highWatermark: 0,
  logStartOffset: 0,
  logEndOffset: 0,
  diverging: null,
  records: [],
  producers: null,
};

const answer = (follower: FollowerReplica, given: FollowerAnswer) =>
  follower.answered(given, follower.fetchPosition());

/** The controller commits the last report. */
const commit = (follower: FollowerReplica, reports: readonly TruncationReport[]): void => {
  const report = reports.at(-1);
  if (report !== undefined) follower.reportCommitted(report);
};

const tenOfOne = (log: MemoryLog) => fill(log, 1, 10);

describe('a follower', () => {
  it('F1: begins each epoch at its log end, with the epoch of its last record', () => {
    const { follower } = testFollower((log) => {
      fill(log, 1, 3);
      log.startEpoch(2);
    });
    expect(follower.state).toBe('reconciling');
    expect(follower.fetchPosition()).toEqual({
      currentLeaderEpoch: 3,
      fetchOffset: 3,
      lastFetchedEpoch: 1,
      flushedEnd: 3,
      logStartOffset: 0,
    });
  });
  it('F3, F4: takes records, then has all, with a high watermark within its log', () => {
    const { follower, log } = testFollower();
    expect(answer(follower, answerFrom([[3, 5]], 0, { highWatermark: 9 }))).toBe('fetch on');
    expect([follower.state, follower.highWatermark, inWords(allRecords(log))]).toEqual([
      'fetching',
      5,
      '0..4@3',
    ]);
    expect(answer(follower, { ...empty, logEndOffset: 5, highWatermark: 4 })).toBe('fetch on');
    expect([follower.state, follower.highWatermark]).toEqual(['caught up', 4]);
  });
  it('F3: an empty answer of a leader that has more is no end', () => {
    const { follower } = testFollower();
    answer(follower, { ...empty, logEndOffset: 5 });
    expect(follower.state).toBe('fetching');
  });
  it('M6: ignores an answer to another leader epoch', () => {
    const { follower, log } = testFollower();
    const asked = { ...follower.fetchPosition(), currentLeaderEpoch: 2 };
    expect(follower.answered(answerFrom([[2, 5]], 0, { highWatermark: 5 }), asked)).toBe('fetch on');
    expect([log.logEndOffset, follower.highWatermark, follower.state]).toEqual([0, 0, 'reconciling']);
  });
  it('M7: ignores an answer to another fetch offset, in every state', () => {
    const { follower, log } = testFollower();
    const asked = follower.fetchPosition();
    answer(follower, answerFrom([[3, 5]], 0));
    for (const late of [answerFrom([[3, 8]], 0), { ...empty, diverging: { epoch: 1, endOffset: 0 } }]) {
      expect(follower.answered(late, asked)).toBe('fetch on');
      expect([log.logEndOffset, follower.state]).toEqual([5, 'fetching']);
    }
  });
  it('M7: ignores a second answer to where it stood before other records came to the same offsets (F3)', () => {
    const { follower, log } = testFollower((made) => fill(made, 1, 2));
    const asked = follower.fetchPosition();
    const diverging: FollowerAnswer = { ...empty, diverging: { epoch: 1, endOffset: 1 } };
    follower.answered(diverging, asked);
    const leaders = [[1, 1] as const, [2, 1] as const];
    answer(follower, answerFrom(leaders, 1, { highWatermark: 2 }));
    expect(inWords(allRecords(log))).toBe('0@1 1@2');
    expect(follower.answered(diverging, asked)).toBe('fetch on');
    expect([inWords(allRecords(log)), follower.state]).toEqual(['0@1 1@2', 'fetching']);
  });
  it('F3, KIP-279: cuts where the logs part, asks again, and takes nothing else from that answer (M14, M15)', () => {
    const { follower, log } = testFollower((made) => {
      fill(made, 1, 15);
      fill(made, 2, 10);
    });
    const diverging = answerFrom([[1, 20]], 15, {
      diverging: { epoch: 1, endOffset: 20 },
      highWatermark: 20,
    });
    expect(answer(follower, diverging)).toBe('fetch on');
    expect([follower.state, inWords(allRecords(log)), follower.highWatermark]).toEqual([
      'reconciling',
      '0..14@1',
      0,
    ]);
    answer(follower, answerFrom([[1, 20]], 15));
    expect([follower.state, inWords(allRecords(log))]).toEqual(['fetching', '0..19@1']);
  });
  it('F3: records of a diverging answer are not appended though they would fit', () => {
    const { follower, log } = testFollower(tenOfOne);
    answer(follower, answerFrom([[1, 12]], 10, { diverging: { epoch: 1, endOffset: 10 } }));
    expect(log.logEndOffset).toBe(10);
  });
  it('F4: the high watermark goes down with a cut', () => {
    const { follower, reports } = testFollower(tenOfOne, { uncleanLeaderEpoch: 3 }, 8);
    answer(follower, { ...empty, diverging: { epoch: 1, endOffset: 6 } });
    commit(follower, reports);
    expect(follower.highWatermark).toBe(6);
  });
  it('F7, M13: keeps what is above its high watermark if the leader has it', () => {
    const { follower, log } = testFollower(tenOfOne, {}, 2);
    answer(follower, { ...empty, logEndOffset: 10, highWatermark: 10 });
    expect([log.logEndOffset, follower.state]).toEqual([10, 'caught up']);
  });
  it('F7, V14: stops the node rather than drop committed records unseen', () => {
    const { follower, log } = testFollower(tenOfOne, {}, 8);
    expect(() => answer(follower, { ...empty, diverging: { epoch: 1, endOffset: 5 } })).toThrow(
      InvariantError,
    );
    expect(log.logEndOffset).toBe(10);
  });
  it('F6: drops everything when the leader log begins above its end, and begins there (KAFKA-9491)', () => {
    const { follower, log, reports } = testFollower(tenOfOne, {}, 10);
    const outOfRange = {
      ...empty,
      error: 'OFFSET_OUT_OF_RANGE',
      logStartOffset: 40,
      logEndOffset: 50,
    } as const;
    expect(answer(follower, outOfRange)).toBe('fetch on');
    expect([follower.state, follower.fetchPosition().fetchOffset, follower.highWatermark]).toEqual([
      'resetting',
      40,
      40,
    ]);
    expect([log.logStartOffset, reports]).toEqual([40, []]);
  });
  it('P2: begins anew with what the leader knows of producers there, and keeps it where a batch begins before that', () => {
    const producers = Uint8Array.of(1, 2, 3);
    const { follower, log } = testFollower();
    const outOfRange = {
      ...empty,
      error: 'OFFSET_OUT_OF_RANGE',
      logStartOffset: 40,
      logEndOffset: 46,
    } as const;
    answer(follower, { ...outOfRange, producers });
    expect([log.logStartOffset, log.producersAtStart()]).toEqual([40, producers]);
    const value = new TextEncoder().encode('v');
    const batch = buildBatch({
      records: Array.from({ length: 8 }, () => ({ timestamp: 0, key: null, value })),
    });
    stampBatch(batch, 0, 38, 3);
    answer(follower, { ...outOfRange, error: 'NONE', records: [batch] });
    expect([log.logStartOffset, log.logEndOffset, log.producersAtStart()]).toEqual([38, 46, producers]);
  });
  it('P2: nor does it forget that while it reports what an unclean election cost', () => {
    const producers = Uint8Array.of(1, 2, 3);
    const { follower, log, reports } = testFollower((made) => fill(made, 1, 5), { uncleanLeaderEpoch: 3 });
    answer(follower, {
      ...{ ...empty, error: 'OFFSET_OUT_OF_RANGE', producers },
      ...{ logStartOffset: 40, logEndOffset: 46 },
    });
    commit(follower, reports);
    expect([log.logStartOffset, log.producersAtStart()]).toEqual([40, producers]);
  });
  it('F6: follows a leader that ends below its start, and is never stuck in range', () => {
    const { follower, reports } = testFollower(
      (log) => log.truncateFullyAndStartAt(30),
      { uncleanLeaderEpoch: 3 },
      30,
    );
    const outOfRange = {
      ...empty,
      error: 'OFFSET_OUT_OF_RANGE',
      logStartOffset: 4,
      logEndOffset: 9,
    } as const;
    answer(follower, outOfRange);
    commit(follower, reports);
    expect([follower.state, follower.fetchPosition().fetchOffset]).toEqual(['resetting', 4]);
    expect(answer(follower, outOfRange)).toBe('back off');
  });
  it('F1: an epoch that is over waits for metadata, any other refusal for a while (L9)', () => {
    const { follower } = testFollower();
    expect(answer(follower, { ...empty, error: 'FENCED_LEADER_EPOCH' })).toBe('wait for metadata');
    for (const error of ['UNKNOWN_LEADER_EPOCH', 'NOT_LEADER_OR_FOLLOWER', 'KAFKA_STORAGE_ERROR'] as const)
      expect(answer(follower, { ...empty, error })).toBe('back off');
  });
  it('X4: says what is wrong with records, and does not take them', () => {
    const { follower, log, corrupt } = testFollower();
    const good = answerFrom([[3, 2]], 0);
    const bytes = good.records[1]?.slice() ?? new Uint8Array();
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
    expect(answer(follower, { ...good, records: [good.records[0] ?? bytes, bytes] })).toBe('back off');
    expect([log.logEndOffset, corrupt.length]).toEqual([1, 1]);
  });
  it('L10: follows the leader log start, but not past its own high watermark', () => {
    const { follower, log } = testFollower(tenOfOne);
    answer(follower, { ...empty, logEndOffset: 10, logStartOffset: 8, highWatermark: 6 });
    expect(log.logStartOffset).toBe(6);
  });
  it('I7: takes newer metadata of its epoch, ignores older, and refuses another epoch', () => {
    const { follower, transitions } = testFollower();
    follower.partitionChanged({ ...registration, partitionEpoch: 6 });
    follower.partitionChanged({ ...registration, partitionEpoch: 8 });
    expect(transitions).toEqual(['partition changed', 'partition changed']);
    expect(() => follower.partitionChanged({ ...registration, leaderEpoch: 4 })).toThrow(
      /a new epoch needs a new role/,
    );
  });
});

describe('a follower after an unclean election', () => {
  const unclean = { uncleanLeaderEpoch: 3 };
  const diverging = { ...empty, diverging: { epoch: 1, endOffset: 5 }, logEndOffset: 5 };
  const nothingMore = { ...empty, logEndOffset: 10 };

  it('F7, V14: cuts only once the report of it is committed', () => {
    const { follower, log, reports, fetchesAgain } = testFollower(tenOfOne, unclean, 8);
    expect(answer(follower, diverging)).toBe('wait for report');
    expect(reports).toEqual([{ leaderEpoch: 3, fromOffset: 5, toOffset: 10, highWatermark: 8 }]);
    expect([follower.state, log.logEndOffset, fetchesAgain]).toEqual(['reporting', 10, []]);
    commit(follower, reports);
    expect([follower.state, log.logEndOffset, fetchesAgain]).toEqual(['reconciling', 5, [5]]);
    expect(answer(follower, { ...empty, logEndOffset: 5 })).toBe('fetch on');
    expect([follower.state, reports.length]).toEqual(['caught up', 1]);
  });
  it('F7: nothing changes while it waits, whatever its leader answers', () => {
    const { follower, log, reports } = testFollower(tenOfOne, unclean);
    answer(follower, diverging);
    for (const given of [diverging, nothingMore, { ...empty, error: 'FENCED_LEADER_EPOCH' } as const])
      expect(answer(follower, given)).toBe('wait for report');
    expect([follower.state, log.logEndOffset, reports.length]).toEqual(['reporting', 10, 1]);
  });
  it('F7: who cuts nothing says its end, once, before it takes anything', () => {
    const { follower, log, reports, fetchesAgain } = testFollower(tenOfOne, unclean, 8);
    const more = answerFrom(
      [
        [1, 10],
        [3, 2],
      ],
      10,
    );
    expect(answer(follower, more)).toBe('wait for report');
    expect(reports).toEqual([{ leaderEpoch: 3, fromOffset: 10, toOffset: 10, highWatermark: 8 }]);
    expect([follower.state, log.logEndOffset]).toEqual(['reporting', 10]);
    commit(follower, reports);
    expect([follower.state, log.logEndOffset, fetchesAgain]).toEqual(['reconciling', 10, [10]]);
    expect(answer(follower, more)).toBe('fetch on');
    expect([log.logEndOffset, reports.length]).toEqual([12, 1]);
  });
  it('F3, F7, KIP-279: each step of a cut is reported before it is made', () => {
    const { follower, log, reports } = testFollower((made) => {
      fill(made, 0, 5);
      fill(made, 1, 5);
    }, unclean);
    for (const endOffset of [7, 5]) {
      answer(follower, { ...empty, diverging: { epoch: 1, endOffset } });
      commit(follower, reports);
      expect(log.logEndOffset).toBe(endOffset);
    }
    expect(reports.map(({ fromOffset, toOffset }) => [fromOffset, toOffset])).toEqual([
      [7, 10],
      [5, 7],
    ]);
  });
  it('F6, F7: a log that the leader keeps nothing of says its end, and that is no loss', () => {
    const { follower, log, reports } = testFollower(tenOfOne, unclean, 10);
    answer(follower, { ...empty, error: 'OFFSET_OUT_OF_RANGE', logStartOffset: 40, logEndOffset: 50 });
    expect(reports).toMatchObject([{ fromOffset: 10, toOffset: 10 }]);
    expect(log.logEndOffset).toBe(10);
    commit(follower, reports);
    expect([follower.state, log.logStartOffset, follower.highWatermark]).toEqual(['resetting', 40, 40]);
  });
  it('F7: a report that this role did not make, or that is committed again, changes nothing', () => {
    const { follower, log, reports, transitions } = testFollower(tenOfOne, unclean);
    answer(follower, diverging);
    follower.reportCommitted({ leaderEpoch: 3, fromOffset: 5, toOffset: 10, highWatermark: 0 });
    expect([follower.state, log.logEndOffset]).toEqual(['reporting', 10]);
    commit(follower, reports);
    commit(follower, reports);
    expect([follower.state, log.logEndOffset]).toEqual(['reconciling', 5]);
    expect(transitions.at(-1)).toBe('report committed');
  });
  it('F7: one that has records of the unclean leader reports nothing', () => {
    const { follower, reports } = testFollower((log) => {
      fill(log, 1, 5);
      fill(log, 3, 5);
    }, unclean);
    expect(answer(follower, nothingMore)).toBe('fetch on');
    expect([follower.state, reports]).toEqual(['caught up', []]);
  });
});

describe('a follower whose empty log begins in the middle of a batch', () => {
  it('F6: begins with the batch, and its start then follows the leader', () => {
    const value = new TextEncoder().encode('v');
    const records = Array.from({ length: 8 }, () => ({ timestamp: 0, key: null, value }));
    const batch = buildBatch({ records });
    stampBatch(batch, 0, 38, 3);
    for (const [index, before] of [[], [empty]].entries()) {
      const { follower, log, corrupt } = testFollower((made) => made.truncateFullyAndStartAt(40));
      for (const given of before) answer(follower, { ...given, logEndOffset: 46, logStartOffset: 40 });
      const given = { ...empty, records: [batch], logStartOffset: 40, logEndOffset: 46, highWatermark: 46 };
      expect([index, answer(follower, given), corrupt]).toEqual([index, 'fetch on', []]);
      expect([log.logStartOffset, log.logEndOffset, follower.highWatermark]).toEqual([40, 46, 46]);
      expect(follower.state).toBe('fetching');
    }
  });
});
