import { describe, expect, it } from 'vitest';
import { runQuorum } from '../src/quorum-run.ts';

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

describe('random runs of the quorum', () => {
  it.each(seeds)(
    'seed %i keeps every promise, and the quorum agrees when all is healed (V20-V23, W1)',
    (seed) => {
      const { electedEpochs } = runQuorum({
        seed,
        repeat: `npm run simulate -w packages/simulator -- quorum ${seed}`,
      });
      expect(electedEpochs).toBeGreaterThan(0);
    },
  );

  it('the same seed twice gives the same run, to the last message (E10)', () => {
    expect(runQuorum({ seed: 4 })).toEqual(runQuorum({ seed: 4 }));
    expect(runQuorum({ seed: 4 }).trace).not.toBe(runQuorum({ seed: 5 }).trace);
  });

  it('acknowledges changes in most runs, or the oracles would see nothing', () => {
    const acknowledged = [1, 2, 3, 4, 5].map((seed) => runQuorum({ seed }).acknowledged);
    expect(acknowledged.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
  });
});
