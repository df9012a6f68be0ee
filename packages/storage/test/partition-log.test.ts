import { BatchView } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { append, batchOf, bytesFrom, everything, TestBroker } from './support/broker.ts';

const asClient = { leaderEpoch: 1, wallMs: 1_700_000_000_000, origin: 'client' } as const;

describe('a leader appends', () => {
  it('L1: assigns offsets from the end, and stamps them and the epoch into the batch', () => {
    const log = new TestBroker().create();
    const first = batchOf(3);
    const second = batchOf(2);
    expect(log.appendAsLeader(first, asClient)).toEqual({
      outcome: 'appended',
      firstOffset: 0,
      lastOffset: 2,
    });
    expect(log.appendAsLeader(second, { ...asClient, leaderEpoch: 4 })).toEqual({
      outcome: 'appended',
      firstOffset: 3,
      lastOffset: 4,
    });
    expect([new BatchView(second).baseOffset, new BatchView(second).leaderEpoch]).toEqual([3, 4]);
    expect([log.logStartOffset, log.logEndOffset, log.lastEpoch]).toEqual([0, 5, 4]);
    expect(log.epochs).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 4, startOffset: 3 },
    ]);
  });

  it('L2: an epoch enters the history at once, and is not that of the last record', () => {
    const log = new TestBroker().create();
    append(log, 2);
    log.startEpoch(5);
    expect(log.epochs.at(-1)).toEqual({ epoch: 5, startOffset: 2 });
    expect(log.lastEpoch).toBe(1);
  });

  it('X4: refuses what is no single sound batch, and leaves no trace', () => {
    const log = new TestBroker().create();
    const damaged = batchOf(1);
    damaged[70] = (damaged[70] ?? 0) ^ 1;
    const two = new Uint8Array([...batchOf(1), ...batchOf(1)]);
    const outcome = (bytes: Uint8Array) => {
      const before = Buffer.from(bytes);
      const result = log.appendAsLeader(bytes, asClient);
      expect(before.equals(bytes)).toBe(true);
      return result.outcome === 'refused' ? result.error : result.outcome;
    };
    expect(outcome(damaged)).toBe('CORRUPT_MESSAGE');
    expect(outcome(two)).toBe('INVALID_RECORD');
    expect(outcome(batchOf(1).subarray(0, 50))).toBe('INVALID_RECORD');
    expect(outcome(batchOf(1, {}, 2 ** 20))).toBe('MESSAGE_TOO_LARGE');
    expect(outcome(batchOf(1, { timestamp: 1_800_000_000_000 }))).toBe('INVALID_TIMESTAMP');
    expect(log.logEndOffset).toBe(0);
  });

  it('stamps the time of the append where the topic asks for it', () => {
    const broker = new TestBroker({ configuration: { 'message.timestamp.type': 'LogAppendTime' } });
    const batch = batchOf(2);
    broker.create().appendAsLeader(batch, { ...asClient, wallMs: 1_700_000_000_555 });
    const view = new BatchView(batch);
    expect([view.timestampType, view.maxTimestamp]).toEqual(['LogAppendTime', 1_700_000_000_555]);
    expect(bytesFrom(broker, 0).length).toBe(batch.length);
  });
});

describe('a follower appends', () => {
  it('L1: takes offsets as given; a torn last batch is left out', () => {
    const leader = new TestBroker();
    append(leader.create(), 2);
    append(leader.log, 3, { leaderEpoch: 2 });
    const bytes = bytesFrom(leader, 0);
    const log = new TestBroker().create();
    expect(log.appendAsFollower([bytes.subarray(0, bytes.length - 1)])).toEqual({
      outcome: 'appended',
      logEndOffset: 2,
    });
    expect(log.epochs).toEqual([{ epoch: 1, startOffset: 0 }]);
    const rest = leader.log.read(2, everything);
    expect(rest.outcome === 'records' && log.appendAsFollower(rest.records)).toEqual({
      outcome: 'appended',
      logEndOffset: 5,
    });
    expect(log.epochs).toEqual(leader.log.epochs);
  });

  it('writes batches that came in one piece as one piece, others side by side', () => {
    const leader = new TestBroker();
    append(leader.create(), 2);
    append(leader.log, 1);
    append(leader.log, 3);
    const bytes = bytesFrom(leader, 0);
    const broker = new TestBroker();
    const written: (readonly number[])[] = [];
    const open = broker.disk.open.bind(broker.disk);
    broker.disk.open = (path, how) => {
      const file = open(path, how);
      const write = file.append.bind(file);
      file.append = (chunks) => {
        if (path.endsWith('.log')) written.push(chunks.map(({ length }) => length));
        write(chunks);
      };
      return file;
    };
    const log = broker.create();
    log.appendAsFollower([bytes, batchOf(1, { baseOffset: 6, leaderEpoch: 1 })]);
    expect(log.logEndOffset).toBe(7);
    expect(written).toEqual([[bytes.length, batchOf(1).length]]);
    expect(bytesFrom(broker, 0).subarray(0, bytes.length)).toEqual(bytes);
  });

  it('puts together a batch that straddles two pieces', () => {
    const leader = new TestBroker();
    append(leader.create(), 2);
    append(leader.log, 3);
    const bytes = bytesFrom(leader, 0);
    const follower = new TestBroker();
    const log = follower.create();
    log.appendAsFollower([bytes.subarray(0, 100), bytes.subarray(100, 130), bytes.subarray(130)]);
    expect(log.logEndOffset).toBe(5);
    expect([...bytesFrom(follower, 0)]).toEqual([...bytes]);
  });

  it('X4: stops at a bad checksum, an offset that is there already, an epoch that goes back', () => {
    const log = new TestBroker().create();
    const bad = batchOf(1, { baseOffset: 1, leaderEpoch: 1 });
    bad[80] = (bad[80] ?? 0) ^ 1;
    const good = batchOf(1, { baseOffset: 0, leaderEpoch: 3 });
    expect(log.appendAsFollower([good, bad]).outcome).toBe('corrupt');
    expect(log.logEndOffset).toBe(1);
    expect(log.appendAsFollower([batchOf(1, { baseOffset: 0, leaderEpoch: 3 })]).outcome).toBe('corrupt');
    expect(log.appendAsFollower([batchOf(1, { baseOffset: 1, leaderEpoch: 2 })]).outcome).toBe('corrupt');
    expect(log.logEndOffset).toBe(1);
  });

  it('F8: an epoch that began here without a record gives way to the records of an older one', () => {
    const log = new TestBroker().create();
    append(log, 2, { leaderEpoch: 4 });
    log.startEpoch(5);
    log.appendAsFollower([batchOf(1, { baseOffset: 2, leaderEpoch: 4 })]);
    expect(log.epochs).toEqual([{ epoch: 4, startOffset: 0 }]);
  });
});

describe('reading', () => {
  it('gives whole batches below the bound, the first even when it is too large (X6, L7)', () => {
    const log = new TestBroker().create();
    for (let index = 0; index < 3; index++) append(log, 2);
    const next = (from: number, upToOffset: number, maxBytes: number) => {
      const result = log.read(from, { upToOffset, maxBytes });
      return result.outcome === 'records' ? result.nextOffset : result.outcome;
    };
    expect(next(0, 6, 2 ** 20)).toBe(6);
    expect(next(0, 5, 2 ** 20)).toBe(4);
    expect(next(1, 6, 1)).toBe(2);
    expect(next(6, 6, 100)).toBe(6);
    expect(next(7, 9, 100)).toBe('out of range');
  });

  it('what is no longer in memory is cold, and comes from the disk byte for byte', () => {
    const broker = new TestBroker({ tailBytes: 300, configuration: { 'segment.bytes': 1000 } });
    const log = broker.create();
    const all: number[] = [];
    for (let index = 0; index < 40; index++) {
      const batch = batchOf(1 + (index % 3), {}, index);
      log.appendAsLeader(batch, asClient);
      all.push(...batch);
    }
    expect(log.read(0, everything).outcome).toBe('cold');
    expect(log.segmentBaseOffsets.length).toBeGreaterThan(3);
    expect([...bytesFrom(broker, 0)]).toEqual(all);
    expect([...bytesFrom(broker, 0, 1)]).toEqual(all);
  });

  it('D9: a batch that rotted on the disk is not served, and told to the owner', () => {
    const broker = new TestBroker({ tailBytes: 1 });
    append(broker.create(), 1);
    append(broker.log, 1);
    broker.settle();
    broker.disk.corrupt('orders-0/00000000000000000000.log', 80, Uint8Array.of(255, 254));
    let outcome = '';
    broker.log.readLater(0, everything, (result) => {
      outcome = result.outcome;
    });
    broker.settle();
    expect(outcome).toBe('failed');
    expect(broker.damageRead).toEqual([expect.stringMatching(/orders-0\/0+\.log at 0: /)]);
    expect(broker.failures).toEqual([]);
  });

  it('D9: what is sound before a bad batch is served first, and a batch in the place of another is told', () => {
    const broker = new TestBroker({ tailBytes: 1 });
    append(broker.create(), 1);
    append(broker.log, 1);
    append(broker.log, 1);
    broker.settle();
    const file = 'orders-0/00000000000000000000.log';
    const bytes = broker.disk.readFile(file) ?? new Uint8Array(0);
    const size = bytes.length / 3;
    broker.disk.corrupt(file, size, bytes.slice(0, size));
    const outcomes: unknown[] = [];
    for (const offset of [0, 1])
      broker.log.readLater(offset, everything, (read) =>
        outcomes.push(read.outcome === 'records' ? read.nextOffset : read.outcome),
      );
    broker.settle();
    expect(outcomes).toEqual([1, 'failed']);
    expect(broker.damageRead).toEqual([expect.stringContaining('offset')]);
  });

  it('a cold read during a truncation tells what is true after it', () => {
    const broker = new TestBroker({ tailBytes: 1 });
    const log = broker.create();
    for (let index = 0; index < 4; index++) append(log, 1);
    let next = -1;
    log.readLater(0, everything, (result) => {
      if (result.outcome === 'records') next = result.nextOffset;
    });
    log.truncateTo(2);
    broker.settle();
    expect(next).toBe(2);
  });
});

describe('truncating', () => {
  it('F5: cuts in the middle of a batch at its start, and the epochs with it', () => {
    const broker = new TestBroker();
    const log = broker.create();
    append(log, 3);
    append(log, 3, { leaderEpoch: 2 });
    log.truncateTo(4);
    expect([log.logEndOffset, log.lastEpoch]).toEqual([3, 1]);
    append(log, 2, { leaderEpoch: 5 });
    expect([...bytesFrom(broker, 0)].length).toBeGreaterThan(0);
    expect(log.epochs).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 5, startOffset: 3 },
    ]);
  });

  it('F5: even when nothing is cut, an epoch that begins at the end is gone (KAFKA-10706)', () => {
    const log = new TestBroker().create();
    append(log, 3);
    log.startEpoch(2);
    log.truncateTo(3);
    expect(log.epochs).toEqual([{ epoch: 1, startOffset: 0 }]);
  });

  it('F5: across segments, and goes on after it', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    for (let index = 0; index < 20; index++) append(log, 2);
    log.truncateTo(7);
    expect(log.logEndOffset).toBe(6);
    for (let index = 0; index < 5; index++) append(log, 2);
    expect(log.logEndOffset).toBe(16);
    expect(bytesFrom(broker, 0).length).toBe(8 * batchOf(2).length);
  });

  it('F5: at the start of a batch that has the log start in its middle nothing is left', () => {
    const log = new TestBroker().create();
    append(log, 4);
    log.advanceLogStart(2, 4);
    log.truncateTo(3);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([2, 2]);
    expect(append(log, 1)).toBe(2);
  });

  it('F6: begins again at an offset', () => {
    const broker = new TestBroker();
    const log = broker.create();
    append(log, 3);
    log.truncateFullyAndStartAt(100);
    expect([log.logStartOffset, log.logEndOffset, log.flushedEndOffset]).toEqual([100, 100, 0]);
    broker.settle();
    expect(log.flushedEndOffset).toBe(100);
    expect(append(log, 1)).toBe(100);
    expect(log.read(0, everything).outcome).toBe('out of range');
  });
});

describe('flushing', () => {
  it('reports the end that was synced, never one appended since', () => {
    const broker = new TestBroker();
    const log = broker.create();
    broker.flushed.length = 0;
    append(log, 2);
    append(log, 1);
    expect(log.flushedEndOffset).toBe(0);
    broker.settle();
    expect(log.flushedEndOffset).toBe(3);
    expect(broker.flushed).toEqual([2, 3]);
  });

  it('a truncation during a sync takes what it had synced with it', () => {
    const broker = new TestBroker();
    const log = broker.create();
    append(log, 2);
    append(log, 2);
    log.truncateTo(2);
    append(log, 5);
    broker.queue.step();
    expect(log.flushedEndOffset).toBeLessThanOrEqual(2);
    broker.settle();
    expect(log.flushedEndOffset).toBe(7);
  });

  it('answers whoever asks for a flush when it is done', () => {
    const broker = new TestBroker();
    append(broker.create(), 2);
    const results: unknown[] = [];
    broker.log.flush((result) => results.push(result));
    expect(results).toEqual([]);
    broker.settle();
    expect(results).toEqual([{ flushedEndOffset: 2 }]);
  });

  it('D7: what is appended by whoever was answered, or asks for a flush then, is flushed too', () => {
    const broker = new TestBroker();
    const log = broker.create();
    let syncs = 0;
    broker.fault = (operation, path) => {
      if (operation === 'sync' && path.endsWith('.log')) syncs++;
      return undefined;
    };
    append(log, 2);
    log.flush(() => undefined);
    broker.settle();
    // Who was answered waits no more.
    expect([log.flushedEndOffset, syncs]).toEqual([2, 1]);
    append(log, 1);
    const results: unknown[] = [];
    log.flush(() => {
      append(log, 3);
      log.flush((result) => results.push(result));
    });
    broker.settle();
    expect([log.flushedEndOffset, results]).toEqual([6, [{ flushedEndOffset: 6 }]]);
    expect(syncs).toBe(3);
    log.flush(() => append(log, 1));
    broker.settle();
    expect([log.flushedEndOffset, broker.flushed.at(-1)]).toEqual([7, 7]);
  });

  it('`os`: what is appended counts, and the sync comes later', () => {
    const broker = new TestBroker({ policy: 'os' });
    append(broker.create(), 2);
    expect(broker.log.flushedEndOffset).toBe(2);
    broker.settle();
    expect(broker.log.syncedEndOffset).toBe(0);
    // Whoever appended sees it at once: nobody is told in a turn of its own.
    expect(broker.flushed).toEqual([]);
    broker.clock.advance(10_000);
    broker.settle();
    expect(broker.log.syncedEndOffset).toBe(2);
    expect(broker.flushed).toEqual([2]);
  });

  it('D3: a failed sync is final: everything is refused, nothing is asked again', () => {
    const broker = new TestBroker();
    const log = broker.create();
    let syncs = 0;
    broker.fault = (operation) => {
      if (operation !== 'sync') return undefined;
      syncs++;
      return { code: 'EIO' };
    };
    append(log, 1);
    broker.settle();
    expect(broker.failures).toEqual(['sync of orders-0/00000000000000000000.log failed: EIO']);
    expect(log.appendAsLeader(batchOf(1), asClient)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    const results: unknown[] = [];
    log.flush((result) => results.push(result));
    broker.settle();
    expect(results).toEqual([{ error: broker.failures[0] }]);
    expect(syncs).toBe(1);
    expect(log.flushedEndOffset).toBe(0);
  });

  it('D4: a short write is final too', () => {
    const broker = new TestBroker();
    const log = broker.create();
    broker.fault = (operation) => (operation === 'append' ? { code: 'EIO', keptBytes: 10 } : undefined);
    expect(log.appendAsLeader(batchOf(1), asClient)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    broker.settle();
    expect(broker.failures).toEqual(['append of orders-0/00000000000000000000.log failed: EIO']);
  });
});
