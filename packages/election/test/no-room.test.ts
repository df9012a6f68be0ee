import { describe, expect, it } from 'vitest';
import { batchOf, World } from './support/world.ts';

function settled(voters = [1, 2, 3]) {
  const world = new World(voters).start();
  const leader = world.settle();
  world.run(1000);
  world.lines = [];
  return { world, leader };
}

describe('D6: a member whose disk is full', () => {
  it('leads no longer, one that has room does, and it follows again once it has room', () => {
    const { world, leader } = settled();
    leader.isFull = true;
    expect(leader.running.appendRecords([batchOf('a')])).toMatchObject({ outcome: 'no room' });
    world.until('another leads', () => world.leader !== undefined && world.leader !== leader, 2000);
    const next = world.settle();
    next.running.appendRecords([batchOf('b')]);
    world.run(3000);
    expect([world.leader?.id, next.running.highWatermark]).toEqual([next.id, next.log.logEndOffset]);
    expect(leader.log.logEndOffset).toBeLessThan(next.log.logEndOffset);
    expect([leader.running.isStuck, next.running.isStuck]).toEqual([true, false]);
    leader.isFull = false;
    const hasAll = (): boolean => leader.running.highWatermark === next.log.logEndOffset;
    world.until('it has all', hasAll, 5000);
    expect(leader.running.isStuck).toBe(false);
    expect(world.lines.join()).not.toContain('FAILED');
    expect(world.lines.join()).toContain('warns: append failed: ENOSPC');
  });

  it('takes no office: its first record would have no room either (Q4)', () => {
    const { world, leader } = settled();
    for (const member of world.members.values()) if (member !== leader) member.isFull = true;
    const before = leader.running.epoch;
    world.isolate(leader.id);
    world.run(10_000);
    expect(world.lines.filter((line) => /^\d leads epoch/.test(line))).toEqual([]);
    expect(Math.max(...[...world.members.values()].map(({ running }) => running.epoch))).toBeLessThan(
      before + 25,
    );
    for (const member of world.members.values()) member.isFull = false;
    world.network.heal();
    world.settle();
    world.run(2000);
    expect(world.leader?.running.appendRecords([batchOf('late')])).toMatchObject({ outcome: 'appended' });
    expect(world.lines.join()).not.toContain('FAILED');
  });

  it.each([[[1]], [[1, 2, 3]]])(
    'of voters %j nobody has room: nothing is decided until there is, and none of them ends',
    (voters) => {
      const { world, leader } = settled(voters);
      for (const member of world.members.values()) member.isFull = true;
      const end = leader.log.logEndOffset;
      expect(leader.running.appendRecords([batchOf('a')])).toMatchObject({ outcome: 'no room' });
      world.run(20_000);
      expect([...world.members.values()].map(({ log }) => log.logEndOffset)).toEqual(voters.map(() => end));
      expect(leader.running.epoch).toBeLessThan(60);
      for (const member of world.members.values()) member.isFull = false;
      world.until('somebody leads', () => world.leader !== undefined, 10_000);
      const next = world.settle();
      expect(next.running.appendRecords([batchOf('b')])).toMatchObject({ outcome: 'appended' });
      world.run(2000);
      expect(next.running.highWatermark).toBe(next.log.logEndOffset);
      expect(world.lines.join()).not.toContain('FAILED');
    },
  );

  it('keeps no snapshot, its own or one that it loads, until there is room (Q11)', () => {
    const world = new World([1, 2, 3]).start(1, 2);
    const leader = world.settle();
    leader.running.appendRecords([batchOf('a'), batchOf('b')]);
    world.run(100);
    leader.isFull = true;
    const bytes = new Uint8Array(100);
    leader.running.takeSnapshot({ endOffset: 2, epoch: 1 }, bytes);
    world.run(10);
    expect([leader.durable.snapshots.size, leader.log.logStartOffset]).toEqual([0, 0]);
    leader.isFull = false;
    leader.running.takeSnapshot({ endOffset: 2, epoch: 1 }, bytes);
    world.run(10);
    expect([leader.durable.snapshots.size, leader.log.logStartOffset]).toEqual([1, 2]);
    const late = world.member(3);
    late.isFull = true;
    world.start(3);
    world.run(5000);
    expect(late.durable.snapshots.size).toBe(0);
    late.isFull = false;
    world.until('it has all', () => late.running.highWatermark === leader.log.logEndOffset, 5000);
    expect(world.lines.join()).not.toContain('FAILED');
  });
});
