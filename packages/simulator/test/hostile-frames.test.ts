import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HostileDoor } from '../src/hostile/true-frames.ts';
import { Siege } from './siege.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
// Thousands of frames are refused by an error, whose stack nobody reads.
Error.stackTraceLimit = 4;

/** 100,000 frames in all; more of them by `npm run fuzz`. */
const sieges: readonly (readonly [door: HostileDoor, runs: number, blows: number])[] = [
  ['client', 4, 17_500],
  ['peer', 3, 10_000],
];

it.each(sieges)(
  'X13 hostile frames at the door of a %s cost no record and no process (property)',
  (door, numRuns, blows) => {
    let frames = 0;
    fc.assert(
      fc.property(fc.noShrink(fc.noBias(fc.nat())), (seed) => {
        const siege = new Siege();
        const before = heapBytes();
        siege.run(door, seed, blows);
        frames += siege.framesRead;
        expect(heapBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
      }),
      { numRuns, seed: 1 },
    );
    expect(frames).toBeGreaterThan(numRuns * blows * 0.9);
  },
  600_000,
);

/** Topics that a hostile client may make stay; what is left of frames would be more. */
const MOST_GROWTH_BYTES = 32 * 1024 * 1024;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
