// What the parts of the public face share.

import type { Compute } from '@odradek/model';
import type { Cluster } from './cluster/cluster.ts';
import { OdradekError } from './errors.ts';
import type { ClientEvent } from './types.ts';

export interface FacePorts {
  readonly cluster: Cluster;
  readonly compute: Pick<Compute, 'deflate' | 'inflate'> & Partial<Pick<Compute, 'crc32c'>>;
  readonly soon: (callback: () => void) => void;
  readonly onEvent: (event: ClientEvent) => void;
}

/** An option that must be a whole number from `least`. */
export function wholeNumber(name: string, value: number | undefined, byDefault: number, least = 0): number {
  if (value === undefined) return byDefault;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new OdradekError('INVALID_CONFIG', `${name} is ${value}: it must be a whole number from ${least}`);
}
