import { describe, expect, it } from 'vitest';
import { MISSED_EPOCHS, MS_PER_EPOCH } from '../src/index.ts';
import { directoryOf, type Member, World } from './support/world.ts';

/** X9: more epochs than a voter believes that it missed. */
const FAR = 2 ** 30;

/** A voter says that it leads an epoch, which it does not. */
function lie(world: World, from: number, to: Member, epoch: number): void {
  const body = {
    clusterId: 'cluster',
    leaderId: from,
    leaderEpoch: epoch,
    voterDirectoryId: directoryOf(to.id),
  };
  world.ask(from, to.id, { api: 'beginQuorumEpoch', body });
}

/** Three voters, of which those that are named have come to an epoch without the others. */
function away(epoch: number, ...far: readonly number[]): World {
  const world = new World([1, 2, 3], [7]);
  for (const id of far)
    world.member(id).durable.voteState = { epoch, votedFor: undefined, leaderId: undefined };
  return world;
}

function agrees(world: World, ...ids: readonly number[]): boolean {
  const members = ids.map((id) => world.member(id).running);
  const leader = members.find(({ isLeader }) => isLeader);
  return (
    leader !== undefined &&
    members.every(({ leaderId, epoch }) => leaderId === leader.leaderId && epoch === leader.epoch)
  );
}

describe('epochs that are far away', () => {
  it('X9: are followed by a voter that was away, as two tell it of them', () => {
    const world = away(FAR, 1, 2).start(1, 2);
    const leader = world.settle();
    world.start(3);
    world.until('the third follows', () => agrees(world, 1, 2, 3), 5000);
    expect(leader.running.epoch).toBeGreaterThan(FAR);
  });

  it('X9: are followed though the third voter lies all the while of others', () => {
    const world = away(FAR, 1, 2).start(1);
    let lies = 0;
    const lying = (): void => {
      lies += 1;
      for (const id of [1, 2]) {
        const member = world.member(id);
        if (member.quorum !== undefined) lie(world, 3, member, 2 ** 31 - 2 - (lies % 7));
      }
      world.timeline.setTimeout(lying, 20);
    };
    lying();
    world.run(1000).start(2);
    world.until('two agree', () => agrees(world, 1, 2), 5000);
    expect(world.member(1).running.epoch).toBeLessThan(FAR + 100);
  });

  it('X9: are followed by an observer, which asks one voter after the other', () => {
    const world = away(FAR, 1, 2, 3).start(1, 2, 3);
    world.settle();
    world.start(7);
    world.until('the observer follows', () => agrees(world, 1, 2, 3, 7), 5000);
  });

  it('X9: of which one alone tells, as the third is dead, are followed once there can have been so many elections', () => {
    const missed = MISSED_EPOCHS + 1000;
    const world = away(missed, 1).start(1, 2);
    world.run(900 * MS_PER_EPOCH);
    expect(agrees(world, 1, 2)).toBe(false);
    world.until('two agree', () => agrees(world, 1, 2), 5000);
  });

  it('X9: one that lies lifts nobody faster than elections could', () => {
    const world = new World([1, 2, 3]).start(1, 2);
    world.settle();
    const honest = [world.member(1), world.member(2)];
    const secondsOfLies = 20;
    for (let ms = 0; ms < 1000 * secondsOfLies; ms += 5) {
      for (const member of honest) {
        const { epoch } = member.running;
        for (const step of [1, 1000, MISSED_EPOCHS, FAR]) lie(world, 3, member, epoch + step);
      }
      world.run(5);
    }
    const most = MISSED_EPOCHS + (1000 * secondsOfLies) / MS_PER_EPOCH;
    for (const { running } of honest) expect(running.epoch).toBeLessThanOrEqual(2 + most);
    expect(world.lines.join()).toContain('complains: node 3 tells of an epoch of the quorum far above ours');
    world.until('they agree once it is silent', () => agrees(world, 1, 2), 10_000);
    world.start(3);
    world.until('so does the true third', () => agrees(world, 1, 2, 3), 10_000);
  });
});
