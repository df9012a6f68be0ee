import { describe, expect, it } from 'vitest';
import { batchOf, directoryOf, World } from './support/world.ts';

const bytes = Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 251);

function withSnapshot() {
  const world = new World([1, 2, 3]).start(1, 2);
  const leader = world.settle();
  leader.running.appendRecords([batchOf('a'), batchOf('b'), batchOf('c')]);
  world.run(100);
  leader.running.takeSnapshot({ endOffset: 3, epoch: 1 }, bytes);
  world.run(10);
  return { world, leader };
}

describe('a snapshot', () => {
  it('Q11: holds only what is committed; then the log begins at its end', () => {
    const { world, leader } = withSnapshot();
    expect(leader.log.logStartOffset).toBe(3);
    leader.running.takeSnapshot({ endOffset: 99, epoch: 1 }, bytes);
    world.run(10);
    expect(leader.durable.snapshots.has(99)).toBe(false);
  });
  it('Q7, Q11: is loaded in chunks by who is behind the log start, which then goes on from its end', () => {
    const { world, leader } = withSnapshot();
    world.start(3);
    const late = world.member(3);
    world.until(
      'the third has caught up',
      () => late.running.highWatermark === leader.log.logEndOffset,
      2000,
    );
    expect([late.log.logStartOffset, late.log.logEndOffset]).toEqual([3, 4]);
    expect(late.durable.snapshots.get(3)?.bytes).toEqual(bytes);
    expect(world.lines).toContain('3 replays the snapshot up to 3 of epoch 1 (2500000 bytes)');
  });
  it('Q3: who loads one has heard its leader, and lets nobody depose it', () => {
    const { world, leader } = withSnapshot();
    world.start(3);
    const late = world.member(3);
    const isLoading = (): boolean =>
      late.running.actor.getSnapshot().matches({ follower: 'loading snapshot' });
    world.until('the third has begun to load', isLoading, 2000);
    // Past the first chunk, of three.
    world.run(3);
    expect(isLoading()).toBe(true);
    const body = {
      ...{ clusterId: 'cluster', epoch: 1, preVote: true },
      ...{ candidateId: 2, candidateDirectoryId: directoryOf(2) },
      ...{ voterId: 3, voterDirectoryId: directoryOf(3), lastEpoch: 1, lastEpochEndOffset: 4 },
    };
    expect(world.ask(2, 3, { api: 'vote', body })()).toMatchObject({
      error: 'NONE',
      voteGranted: false,
      leaderId: leader.id,
    });
  });
  it('Q11: is replayed at the start, and a log that ends before it begins anew at its end', () => {
    const { world, leader } = withSnapshot();
    world.start(3);
    world.run(500);
    const late = world.member(3);
    late.end(false);
    late.log.truncateFullyAndStartAt(0);
    world.lines = [];
    late.start();
    expect(world.lines[0]).toContain('3 replays the snapshot up to 3');
    expect([late.log.logStartOffset, late.running.highWatermark]).toEqual([3, 3]);
    world.until('it has caught up', () => late.log.logEndOffset === leader.log.logEndOffset, 1000);
  });
  it('Q2: a log that has nothing behind its snapshot ends where the snapshot ends, in its epoch', () => {
    const { world, leader } = withSnapshot();
    leader.running.takeSnapshot({ endOffset: 4, epoch: 1 }, bytes);
    world.run(10).start(3);
    world.until('the third has caught up', () => world.member(3).running.highWatermark === 4, 2000);
    const { id } = leader;
    leader.end(true);
    world.until('another leader', () => world.leader !== undefined && world.leader.id !== id, 5000);
    world.settle();
  });
  it('Q11: a chunk of a snapshot that is gone, or beyond its end, is refused by name', () => {
    const { world, leader } = withSnapshot();
    const asked = (endOffset: number, position: number) => {
      const body = {
        clusterId: 'cluster',
        epoch: 1,
        replicaId: 3,
        snapshot: { endOffset, epoch: 1 },
        position,
        maxBytes: 10,
      };
      return world.ask(3, leader.id, { api: 'fetchSnapshot', body })();
    };
    expect(asked(9, 0)?.error).toBe('SNAPSHOT_NOT_FOUND');
    expect(asked(3, bytes.length)?.error).toBe('POSITION_OUT_OF_RANGE');
    expect(asked(3, 5)).toMatchObject({ error: 'NONE', position: 5, sizeInBytes: bytes.length });
  });
});
