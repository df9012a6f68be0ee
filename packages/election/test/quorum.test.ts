import { describe, expect, it } from 'vitest';
import { World } from './support/world.ts';

describe('a leader that dies', () => {
  it('is followed by another well under half a second after its address refused', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World([1, 2, 3], [], seed).start();
      const leader = world.settle();
      world.run(3000);
      const diedMs = world.timeline.nowMs();
      leader.end(true);
      world.until('another leader', () => world.leader !== undefined);
      expect(world.timeline.nowMs() - diedMs).toBeLessThan(500);
    }
  });
});
