// Links on which an answer takes longer than an election timeout: nodes far apart, or a process that is busy. The timeouts here are
// short, as those of `odradek up`: 150 to 300 ms for an election, 600 ms for a leader.

import { describe, expect, it } from 'vitest';
import { batchOf, type Member, World } from './support/world.ts';

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

/** Whoever is alive follows one leader, and has all that it has written. */
function agrees(world: World): boolean {
  const { leader } = world;
  if (leader === undefined) return false;
  const { logEndOffset } = leader.log;
  return [...world.members.values()].every(
    ({ quorum }) =>
      quorum === undefined || (quorum.leaderId === leader.id && quorum.highWatermark === logEndOffset),
  );
}

function untilAgreed(world: World, limitMs: number): Member {
  world.until('agreement', () => agrees(world), limitMs);
  return world.settle();
}

/** From the death of the leader to the next one. */
function failoverMs(world: World): number {
  const diedMs = world.timeline.nowMs();
  world.settle().end(true);
  world.until('another leader', () => world.leader !== undefined);
  return world.timeline.nowMs() - diedMs;
}

describe('on slow links', () => {
  it.each([100, 150, 250, 400, 800, 1500])(
    'Q10: a quorum whose messages take %d ms each way has a leader soon, which all follow and nobody deposes',
    (latencyMs) => {
      for (const seed of seeds) {
        const world = new World([1, 2, 3], [7], seed);
        world.network.latencyMs = latencyMs;
        world.start();
        const { epoch } = untilAgreed(world, 20_000 + 20 * latencyMs).running;
        for (let change = 0; change < 10; change++) {
          world.settle().running.appendRecords([batchOf(`change ${change}`)]);
          world.run(3000);
        }
        world.run(20_000);
        expect({ seed, epoch: world.settle().running.epoch }).toEqual({ seed, epoch });
        untilAgreed(world, 10_000);
      }
    },
  );

  it.each([100, 150, 250, 400, 800, 1500])(
    'Q8, Q10: when they become so, %d ms each way, there is peace again after a few epochs',
    (latencyMs) => {
      for (const seed of seeds) {
        const world = new World([1, 2, 3], [7], seed).start();
        const before = world.settle().running.epoch;
        world.run(2000);
        world.network.latencyMs = latencyMs;
        world.run(20_000 + 20 * latencyMs);
        const { epoch } = untilAgreed(world, 20_000).running;
        expect(epoch - before).toBeLessThanOrEqual(3);
        world.run(30_000);
        expect({ seed, epoch: world.settle().running.epoch }).toEqual({ seed, epoch });
      }
    },
  );

  it('Q10: once they are fast again, the next leader comes as soon as ever', () => {
    for (const seed of seeds) {
      const world = new World([1, 2, 3], [], seed);
      world.network.latencyMs = 800;
      world.start();
      untilAgreed(world, 36_000);
      world.network.latencyMs = 1;
      world.run(10_000);
      expect(failoverMs(world)).toBeLessThan(500);
    }
  });

  it('Q10: silence is not slowness: voters that were cut off from each other for long do not wait longer for it', () => {
    for (const seed of seeds) {
      const world = new World([1, 2, 3], [], seed).start();
      world.settle();
      for (const id of [1, 2, 3]) world.isolate(id);
      world.run(60_000);
      world.network.heal();
      const healedMs = world.timeline.nowMs();
      untilAgreed(world, 5000);
      expect(world.timeline.nowMs() - healedMs).toBeLessThan(1500);
    }
  });
});
