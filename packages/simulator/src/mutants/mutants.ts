// Every mutant by its name. The simulator is good for as much as it kills of them.

import type { Mutant } from '../mutant.ts';
import { controllerMutants } from './controller-mutants.ts';
import { diskMutants } from './disk-mutants.ts';
import { producerMutants } from './producer-mutants.ts';
import { quorumMutants } from './quorum-mutants.ts';
import { replicationMutants } from './replication-mutants.ts';
import { wireMutants } from './wire-mutants.ts';

const all: readonly Mutant[] = [
  ...replicationMutants,
  ...controllerMutants,
  ...quorumMutants,
  ...diskMutants,
  ...producerMutants,
  ...wireMutants,
];

/** The mutants, by name. */
export const mutants: ReadonlyMap<string, Mutant> = new Map(all.map((mutant) => [mutant.name, mutant]));
