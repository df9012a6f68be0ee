import type { Random } from '@odradek/model';
import { type Client, type ClientOptions, clientOver } from '../../src/index.ts';
import { FakeCluster } from './fake-cluster.ts';
import { gzip } from './gzip.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Chance from a seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (bound) => Math.floor(next() * bound),
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

export interface OnFakes {
  readonly clock: VirtualClock;
  readonly cluster: FakeCluster;
  readonly client: Client;
}

export function clientOnFakes(options: Partial<ClientOptions> = {}, seed = 1): OnFakes {
  const clock = new VirtualClock();
  const cluster = new FakeCluster(clock);
  const client = clientOver(
    { bootstrap: ['broker-1:9092'], clock, random: seededRandom(seed), compute: gzip, ...options },
    cluster.connect,
  );
  return { clock, cluster, client };
}

/** The text of a value. */
export function textOf(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString();
}
