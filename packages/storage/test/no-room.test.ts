import { describe, expect, it, vi } from 'vitest';
import type { DiskFault, DiskOperation } from '../src/memory-disk.ts';
import { append, batchOf, bytesFrom, everything, FREE_MIN_BYTES, TestBroker } from './support/broker.ts';

const asClient = { leaderEpoch: 1, wallMs: 1_700_000_000_000, origin: 'client' } as const;
const segment = 'orders-0/00000000000000000000.log';

/** From now on this operation fails, on files whose path has `part`. */
function failing(broker: TestBroker, operation: DiskOperation, code: string, part = '', keptBytes = 0): void {
  const fault: DiskFault = { code, keptBytes };
  broker.fault = (asked, path) => (asked === operation && path.includes(part) ? fault : undefined);
}

function room(broker: TestBroker): void {
  broker.fault = undefined;
}

describe('D6: little room on the disk', () => {
  it('D6: below the floor records of clients are refused with the reason; all else goes on, and so do they once there is room', () => {
    const broker = new TestBroker({ tailBytes: 0 });
    const log = broker.create();
    append(log, 2);
    broker.freeBytes = FREE_MIN_BYTES + 10;
    broker.clock.advance(2000);
    const refused = log.appendAsLeader(batchOf(1), asClient);
    expect(refused).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
      message: expect.stringContaining('odradek.disk.free.min.bytes'),
    });
    expect(log.appendAsLeader(batchOf(1), { ...asClient, origin: 'coordinator' }).outcome).toBe('appended');
    const replicated = batchOf(1, { baseOffset: 3, leaderEpoch: 1 });
    expect(log.appendAsFollower([replicated])).toEqual({ outcome: 'appended', logEndOffset: 4 });
    broker.settle();
    expect(log.flushedEndOffset).toBe(4);
    expect(bytesFrom(broker, 0).length).toBeGreaterThan(0);
    broker.freeBytes = FREE_MIN_BYTES * 2;
    expect(append(log, 1)).toBe(4);
    expect(broker.said).toEqual([expect.stringContaining('refused'), expect.stringContaining('room again')]);
  });

  it('D4, D6: a write that found no room is cut off again and refused: the log goes on, and no half batch is left', () => {
    const broker = new TestBroker();
    const log = broker.create();
    append(log, 2);
    broker.settle();
    const whole = broker.disk.readFile(segment)?.length;
    failing(broker, 'append', 'ENOSPC', '.log', 30);
    expect(log.appendAsLeader(batchOf(1), asClient)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    const fetched = [batchOf(1, { baseOffset: 2, leaderEpoch: 1 })];
    expect(log.appendAsFollower(fetched)).toMatchObject({ message: expect.stringContaining('ENOSPC') });
    expect([log.logEndOffset, broker.disk.readFile(segment)?.length]).toEqual([2, whole]);
    broker.settle();
    room(broker);
    expect(append(log, 3)).toBe(2);
    broker.settle();
    expect([broker.failures, log.flushedEndOffset]).toEqual([[], 5]);
    broker.kill();
    broker.open();
    expect([broker.log.logEndOffset, broker.report?.cut, broker.damage]).toEqual([5, undefined, undefined]);
  });

  it('D6: an idempotent producer whose batch found no room may send it again (P1)', () => {
    const broker = new TestBroker();
    const log = broker.create();
    const batch = () => batchOf(1, { producerId: 5, producerEpoch: 0, baseSequence: 0 });
    failing(broker, 'append', 'ENOSPC', '.log', 10);
    expect(log.appendAsLeader(batch(), asClient).outcome).toBe('refused');
    expect(log.producers).toEqual([]);
    room(broker);
    expect(log.appendAsLeader(batch(), asClient)).toMatchObject({ outcome: 'appended', firstOffset: 0 });
    expect(log.appendAsLeader(batch(), asClient)).toMatchObject({ outcome: 'duplicate', firstOffset: 0 });
  });

  it('D6: of several batches those that found room are appended', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 700 } });
    const log = broker.create();
    const batches = [0, 1, 2, 3].map((baseOffset) => batchOf(1, { baseOffset, leaderEpoch: 1 }, 300));
    failing(broker, 'open', 'ENOSPC', '.log');
    expect(log.appendAsFollower(batches)).toMatchObject({ outcome: 'corrupt' });
    expect(log.logEndOffset).toBe(1);
    room(broker);
    expect(log.appendAsFollower(batches.slice(1))).toEqual({ outcome: 'appended', logEndOffset: 4 });
    broker.settle();
    expect(log.flushedEndOffset).toBe(4);
  });

  it('D6, F8: a flush whose small file finds no room is asked again, and reports nothing before', () => {
    const broker = new TestBroker();
    const log = broker.create();
    failing(broker, 'replaceFile', 'ENOSPC', 'leader-epoch');
    append(log, 2);
    broker.settle();
    expect([log.flushedEndOffset, broker.failures]).toEqual([0, []]);
    room(broker);
    broker.clock.advance(1000);
    broker.settle();
    expect([log.flushedEndOffset, broker.failures]).toEqual([2, []]);
  });

  it('D6, C9: a node that ends while there is no room does not wait for it, and leaves no marker of a clean end', () => {
    const broker = new TestBroker();
    const log = broker.create();
    failing(broker, 'replaceFile', 'ENOSPC', 'leader-epoch');
    append(log, 2);
    broker.settle();
    let reason: string | undefined;
    const warned = vi.spyOn(console, 'warn');
    broker.opened?.close((error) => {
      reason = error;
    });
    broker.settle();
    broker.opened?.abandon();
    expect(reason).toContain('ENOSPC');
    // xstate's: nothing is sent to an actor that has ended.
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    room(broker);
    broker.kill();
    broker.open();
    expect([broker.log.logEndOffset, broker.damage]).toEqual([2, undefined]);
  });

  it('D6, P2: a snapshot of producers that finds no room is left out, and made again from the log', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    failing(broker, 'writeFile', 'ENOSPC', '.snapshot');
    for (let index = 0; index < 5; index++)
      append(log, 1, { producerId: 5, producerEpoch: 0, baseSequence: index }, 100);
    broker.settle();
    const before = log.producers;
    broker.kill();
    room(broker);
    broker.open();
    expect(broker.log.producers).toEqual(before);
  });

  it('D3: a sync that finds no room is as final as any other that fails', () => {
    const broker = new TestBroker();
    const log = broker.create();
    failing(broker, 'sync', 'ENOSPC', '.log');
    append(log, 1);
    broker.settle();
    expect(broker.failures).toEqual([expect.stringContaining('ENOSPC')]);
    room(broker);
    expect(log.appendAsLeader(batchOf(1), asClient).outcome).toBe('refused');
  });
});

describe('D11: too many open files', () => {
  it('D11: EMFILE when a segment rolls refuses that append alone', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    append(log, 1, {}, 200);
    failing(broker, 'open', 'EMFILE', '.log');
    expect(log.appendAsLeader(batchOf(1, {}, 200), asClient)).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
      message: expect.stringContaining('EMFILE'),
    });
    expect([log.logEndOffset, log.segmentBaseOffsets]).toEqual([1, [0]]);
    broker.settle();
    room(broker);
    append(log, 1, {}, 200);
    broker.settle();
    expect([log.segmentBaseOffsets, log.flushedEndOffset, broker.failures]).toEqual([[0, 1], 2, []]);
  });

  it('D11: EMFILE when the indexes of a full segment are written puts the flush off', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    append(log, 1, {}, 200);
    broker.settle();
    failing(broker, 'open', 'EMFILE', 'index');
    append(log, 1, {}, 200);
    broker.settle();
    expect([log.flushedEndOffset, broker.failures]).toEqual([1, []]);
    room(broker);
    broker.clock.advance(1000);
    broker.settle();
    expect([log.flushedEndOffset, broker.failures]).toEqual([2, []]);
  });

  it('D11: EMFILE costs a cold read and a search by time, not the log', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 }, tailBytes: 0 });
    const log = broker.create();
    for (let index = 0; index < 3; index++) append(log, 1, { timestamp: 1000 + index }, 200);
    broker.settle();
    broker.stopCleanly();
    broker.open();
    failing(broker, 'open', 'EMFILE', segment);
    const outcomes: unknown[] = [];
    const look = (): void => {
      broker.log.readLater(0, everything, ({ outcome }) => void outcomes.push(outcome));
      broker.log.offsetForTimestamp(
        1000,
        (found) => void outcomes.push(found && 'error' in found ? 'error' : found?.offset),
      );
      broker.settle();
    };
    look();
    room(broker);
    look();
    expect(outcomes).toEqual(['failed', 'error', 'records', 0]);
    expect(broker.failures).toEqual([]);
  });

  it.each([0, 9])('D11: EMFILE when a log is to begin anew at %i leaves it what it had', (startOffset) => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    for (let count = 0; count < 3; count++) append(log, 1, {}, 200);
    broker.stopCleanly();
    broker.open();
    failing(broker, 'open', 'EMFILE', '.log');
    broker.log.truncateFullyAndStartAt(startOffset);
    // It has failed: until its owner hears of that, it is what it was told to be.
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([startOffset, startOffset]);
    broker.settle();
    expect(broker.failures).toEqual([expect.stringContaining('EMFILE')]);
    room(broker);
    broker.kill();
    broker.open();
    expect([broker.damage, broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([undefined, 0, 3]);
  });

  it('D11: EMFILE when a log is cut leaves it what it had', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 300 } });
    const log = broker.create();
    for (let count = 0; count < 3; count++) append(log, 1, {}, 200);
    broker.stopCleanly();
    broker.open();
    failing(broker, 'open', 'EMFILE', segment);
    broker.log.truncateTo(0);
    broker.settle();
    expect(broker.failures).toEqual([expect.stringContaining('EMFILE')]);
    room(broker);
    broker.kill();
    broker.open();
    expect([broker.damage, broker.log.segmentBaseOffsets, broker.log.logEndOffset]).toEqual([
      ...[undefined, [0, 1, 2], 3],
    ]);
  });
});
