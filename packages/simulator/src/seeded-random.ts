// Chance that can be repeated: xoshiro128** 1.1 (Blackman and Vigna), seeded through splitmix32, so that near seeds give far streams.

import type { Random } from '@odradek/model';

const TWO_TO_32 = 2 ** 32;

type State = readonly [number, number, number, number];

/** A stream of chance. The same seed gives the same stream, on every machine. */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  constructor(seed: number | State) {
    this.#state = Uint32Array.from(typeof seed === 'number' ? expand(seed) : seed);
  }

  /** The next 32 bits. */
  next(): number {
    const state = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const s2x = s2 ^ s0;
    const s3x = s3 ^ s1;
    state[0] = s0 ^ s3x;
    state[1] = s1 ^ s2x;
    state[2] = s2x ^ (s1 << 9);
    state[3] = rotateLeft(s3x, 11);
    return result;
  }

  below(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1 || bound > TWO_TO_32)
      throw new RangeError(`A bound of ${bound}; an integer from 1 to 2^32 is allowed`);
    // What lies above the last whole multiple of the bound is drawn again: every value is equally likely.
    const limit = TWO_TO_32 - (TWO_TO_32 % bound);
    let drawn = this.next();
    while (drawn >= limit) drawn = this.next();
    return drawn % bound;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24);
  }

  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True about `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(10_000) < percent * 100;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError('Nothing to pick from');
    return chosen;
  }

  /** A stream of its own: what one part of a world draws does not move what the others draw. */
  fork(): SeededRandom {
    return new SeededRandom(this.next());
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function expand(seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  });
}
