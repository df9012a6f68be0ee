// What a made-up world is made of: its options, its nodes, and what one life of a node stands on.

import type { NodeId } from '@odradek/model';
import type { Survival } from '@odradek/storage';
import type { Coverage } from './coverage.ts';
import type { Mutant } from './mutant.ts';
import type { NetworkPort } from './network-port.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { TellingOptions } from './telling.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { NetworkBehaviour } from './virtual-network.ts';
import type { VirtualProcess } from './virtual-process.ts';

export interface WorldOptions {
  readonly seed: number;
  /** The one command that repeats this run, for the message of a failure. */
  readonly repeat?: string;
  readonly network?: Partial<NetworkBehaviour>;
  /** Who is told what happens, if anybody wants to know; without it nothing is paid. */
  readonly telling?: TellingOptions;
  /** What is due at the same moment happens in an order that the seed draws; else in the order in which it was asked for. */
  readonly shuffles?: boolean;
  /** Counts what all machines go through. */
  readonly coverage?: Coverage;
  /** Every node is composed as this mutant has it. */
  readonly mutant?: Mutant;
}

/** What one life of a node stands on. */
export interface NodeLife {
  readonly process: VirtualProcess;
  readonly network: NetworkPort;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
}

/** A node: what outlives its processes, and the process it runs as now. */
export interface WorldNode<Running> {
  readonly id: NodeId;
  /** Of the disk it has now. */
  directoryId: string;
  readonly host: string;
  readonly port: number;
  lives: number;
  process: VirtualProcess | undefined;
  clock: VirtualClock | undefined;
  /** How far its host's wall clock is off. */
  wallSkewMs: number;
  running: Running | undefined;
}

/** What of the unsynced is left: what chance leaves, or what somebody says. */
export type PowerLoss = Survival | 'by chance';
