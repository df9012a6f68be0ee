import { describe, expect, it } from 'vitest';
import { runCluster } from '../src/cluster-run.ts';

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

describe('random runs of a cluster', () => {
  it.each(seeds)(
    'seed %i keeps every promise, and all comes together when it is healed (O1 to O4)',
    (seed) => {
      const repeat = `npm run simulate -w packages/simulator -- cluster ${seed}`;
      const { acknowledged, read } = runCluster({ seed, repeat });
      expect(acknowledged).toBeGreaterThan(0);
      expect(read).toBeGreaterThan(0);
    },
  );

  it('the same seed twice gives the same run, to the last message (E10)', () => {
    const [one, again] = [runCluster({ seed: 3, steps: 10 }), runCluster({ seed: 3, steps: 10 })];
    expect(again).toEqual(one);
  });
});
