import type { Random } from '@odradek/model';

/** The browser's generator gives no more at once. */
const mostBytes = 65_536;

/** Chance from the browser's generator: nonces and ids are made of it. */
export const browserRandom: Random = {
  below(bound) {
    if (!(Number.isSafeInteger(bound) && bound > 0 && bound <= 2 ** 32))
      throw new RangeError(`A number below ${bound}: it must be from 1 to 2^32`);
    // What is left over at the top would make small numbers likelier.
    const end = 2 ** 32 - (2 ** 32 % bound);
    const [word] = [new Uint32Array(1)];
    for (;;) {
      const [drawn = 0] = crypto.getRandomValues(word);
      if (drawn < end) return drawn % bound;
    }
  },
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += mostBytes)
      crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + mostBytes)));
    return bytes;
  },
};
