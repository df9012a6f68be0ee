// Not a proof, a hunt: random faults under the two oracles of the world (one leader in an epoch, what is committed stays), then
// peace, and everything must converge. A failure names its seed.

import { describe, expect, it } from 'vitest';
import { batchOf, type Member, World } from './support/world.ts';

function disturb(world: World): void {
  const { random } = world;
  const members = [...world.members.values()];
  const member = members[random.below(members.length)] as Member;
  const other = members[random.below(members.length)] as Member;
  switch (random.below(16)) {
    case 0:
      if (member.quorum !== undefined) member.end(true);
      break;
    case 1:
      if (member.quorum !== undefined) member.end(false);
      break;
    case 2:
    case 3:
      if (member.quorum === undefined) member.start();
      break;
    case 4:
      world.isolate(member.id);
      break;
    case 5:
      world.network.cut(member.id, other.id);
      break;
    case 6:
      world.network.heal();
      break;
    case 7:
      world.leader?.running.resign(() => {});
      break;
    case 8:
      member.holdsFlushes = !member.holdsFlushes;
      if (member.quorum !== undefined) member.log.flushNow();
      break;
    case 9:
      for (const one of members) if (one.quorum !== undefined && random.below(2) === 0) one.log.flushNow();
      break;
    case 10: {
      const { leader } = world;
      const end = leader?.running.highWatermark ?? 0;
      if (leader !== undefined && end > leader.log.logStartOffset)
        leader.running.takeSnapshot(
          { endOffset: end, epoch: leader.epochAt(end) },
          new Uint8Array(2_500_000),
        );
      break;
    }
    default:
      for (const one of members)
        if (one.quorum?.isLeader) one.running.appendRecords([batchOf(`${random.below(1e6)}`)]);
  }
}

function everybodyAgrees(world: World): boolean {
  const { leader } = world;
  if (leader === undefined) return false;
  const { highWatermark } = leader.running;
  return [...world.members.values()].every(
    ({ quorum, log }) =>
      quorum?.leaderId === leader.id &&
      quorum.highWatermark === highWatermark &&
      log.logEndOffset === leader.log.logEndOffset &&
      highWatermark === log.logEndOffset,
  );
}

describe('under random faults', () => {
  it('Q1-Q13, V1, V20: epochs have one leader, what is committed stays, and peace brings agreement', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World([1, 2, 3], [7], seed).start();
      try {
        for (let step = 0; step < 150; step++) {
          disturb(world);
          world.run(world.random.below(400));
        }
        world.network.heal();
        for (const member of world.members.values()) {
          member.holdsFlushes = false;
          if (member.quorum !== undefined) member.end(true);
          member.start();
        }
        world.until('agreement', () => everybodyAgrees(world));
        world.expectCommittedIn(world.settle());
      } catch (error) {
        throw new Error(
          `seed ${seed}: ${error instanceof Error ? error.message : error}\n${world.lines.slice(-40).join('\n')}`,
        );
      }
      expect(world.lines.filter((line) => line.includes('FAILED'))).toEqual([]);
    }
  });
});
