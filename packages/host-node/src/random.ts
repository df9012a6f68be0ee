import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '@odradek/model';

/** Chance from the system's generator: nonces and ids are made of it. */
export const nodeRandom: Random = {
  below: (bound) => randomInt(bound),
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
