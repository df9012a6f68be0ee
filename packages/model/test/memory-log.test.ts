import { buildBatch } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { type LogListener, memoryLog } from '../src/index.ts';

function batchOf(records: number): Uint8Array {
  const value = new Uint8Array([1, 2, 3]);
  return buildBatch({ records: Array.from({ length: records }, () => ({ timestamp: 5, key: null, value })) });
}

function setUp(holdsFlushes = false) {
  const calls: (() => void)[] = [];
  const flushes: number[] = [];
  const listener: LogListener = { flushed: (end) => flushes.push(end), failed: () => {} };
  const options = { later: (callback: () => void) => void calls.push(callback), listener, holdsFlushes };
  const log = memoryLog(options);
  const settle = () => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) call();
  };
  const append = (records: number, leaderEpoch: number) =>
    log.appendAsLeader(batchOf(records), { leaderEpoch, wallMs: 0, origin: 'coordinator' });
  return { log, options, flushes, settle, append };
}

const broken = new Uint8Array(0);
const all = { upToOffset: Number.MAX_SAFE_INTEGER, maxBytes: 1_000_000 };

describe('a log in memory', () => {
  it('L1: assigns offsets from the log end and stamps the epoch', () => {
    const { log, append } = setUp();
    expect(append(2, 1)).toEqual({ outcome: 'appended', firstOffset: 0, lastOffset: 1 });
    expect(append(3, 4)).toEqual({ outcome: 'appended', firstOffset: 2, lastOffset: 4 });
    expect([log.logEndOffset, log.lastEpoch]).toEqual([5, 4]);
    expect(log.epochs).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 4, startOffset: 2 },
    ]);
  });
  it('L1: refuses what is no batch, more than one, and control records of clients', () => {
    const { log } = setUp();
    const options = { leaderEpoch: 1, wallMs: 0, origin: 'client' } as const;
    const damaged = batchOf(1);
    damaged[30] = 99;
    expect(log.appendAsLeader(damaged, options)).toMatchObject({ error: 'CORRUPT_MESSAGE' });
    const two = new Uint8Array([...batchOf(1), ...batchOf(1)]);
    expect(log.appendAsLeader(two, options)).toMatchObject({ error: 'INVALID_RECORD' });
    const control = buildBatch({ isControl: true, records: [{ timestamp: 0, key: null, value: null }] });
    expect(log.appendAsLeader(control, options)).toMatchObject({ error: 'INVALID_RECORD' });
    expect(log.logEndOffset).toBe(0);
  });
  it('L2: enters an epoch even with no append', () => {
    const { log } = setUp();
    log.startEpoch(7);
    expect(log.epochs).toEqual([{ epoch: 7, startOffset: 0 }]);
    expect(log.lastEpoch).toBe(-1);
  });
  it('reads whole batches up to an offset, the first even when it is larger than the limit (X6)', () => {
    const { log, append } = setUp();
    append(2, 1);
    append(2, 1);
    append(2, 1);
    expect(log.read(0, { ...all, maxBytes: 1 })).toMatchObject({ nextOffset: 2 });
    expect(log.read(3, all)).toMatchObject({ nextOffset: 6 });
    expect(log.read(0, { ...all, upToOffset: 5 })).toMatchObject({ nextOffset: 4 });
    expect(log.read(6, all)).toEqual({ outcome: 'records', records: [], nextOffset: 6 });
    expect(log.read(7, all)).toEqual({ outcome: 'out of range' });
  });
  it('L1: a follower takes offsets as given, also of a batch in two pieces, and leaves out a torn one', () => {
    const { log: leader, append } = setUp();
    append(2, 1);
    append(2, 3);
    const read = leader.read(0, all);
    const written = read.outcome === 'records' ? read.records : [];
    const [first, second] = [written[0] ?? broken, written[1] ?? broken];
    const { log } = setUp();
    const pieces = [first.subarray(0, 10), first.subarray(10), second.subarray(0, 40)];
    expect(log.appendAsFollower(pieces)).toEqual({ outcome: 'appended', logEndOffset: 2 });
    expect(log.appendAsFollower([second])).toEqual({ outcome: 'appended', logEndOffset: 4 });
    expect(log.epochs).toEqual(leader.epochs);
    expect(log.appendAsFollower([second])).toMatchObject({ outcome: 'corrupt' });
  });
  it('F5: truncation in the middle of a batch cuts at its start, epochs with it', () => {
    const { log, append } = setUp();
    append(3, 1);
    append(3, 2);
    log.truncateTo(4);
    expect([log.logEndOffset, log.flushedEndOffset, log.lastEpoch]).toEqual([3, 3, 1]);
    log.truncateTo(3);
    expect(log.epochs).toEqual([{ epoch: 1, startOffset: 0 }]);
  });
  it('F6: begins again elsewhere; Q11, L10: its start moves, never past the high watermark', () => {
    const { log, append } = setUp();
    append(2, 1);
    append(2, 2);
    log.advanceLogStart(2, 4);
    expect([log.logStartOffset, log.epochs]).toEqual([2, [{ epoch: 2, startOffset: 2 }]]);
    expect(log.read(0, all)).toEqual({ outcome: 'out of range' });
    expect(() => log.advanceLogStart(4, 3)).toThrow('L10');
    log.truncateFullyAndStartAt(9);
    expect([log.logStartOffset, log.logEndOffset, log.lastEpoch]).toEqual([9, 9, -1]);
  });
  it('tells of a flush later, once for all that was appended meanwhile', () => {
    const { flushes, settle, append, log } = setUp();
    append(1, 1);
    append(1, 1);
    let flushedTo: unknown;
    log.flush((result) => {
      flushedTo = result;
    });
    expect([flushes, flushedTo]).toEqual([[], undefined]);
    settle();
    expect([flushes, flushedTo]).toEqual([[2], { flushedEndOffset: 2 }]);
  });
  it('Q5: holds flushes back where it is told to; power takes what was not flushed', () => {
    const { log, options, flushes, settle, append } = setUp(true);
    append(1, 1);
    log.flushNow();
    append(2, 3);
    settle();
    expect([log.flushedEndOffset, flushes]).toEqual([1, [1]]);
    const survivor = log.afterPowerLoss(options);
    expect([survivor.logEndOffset, survivor.lastEpoch, survivor.epochs]).toEqual([
      1,
      1,
      [{ epoch: 1, startOffset: 0 }],
    ]);
  });
});
