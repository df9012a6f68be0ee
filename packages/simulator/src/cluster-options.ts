// How large a simulated cluster is, and what its nodes are configured with.

import type { DiskDelay } from './disk-pace.ts';
import type { WorldOptions } from './world-node.ts';

export interface ClusterWorldOptions extends WorldOptions {
  /** Brokers 1, 2, …; by default three. */
  readonly brokers?: number;
  /** Controllers 101, … in nodes of their own. By default none: the first three brokers vote. */
  readonly controllers?: number;
  /** Settings of every node, over the short timers of `odradek up`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly diskDelay?: DiskDelay;
  /** Above 0: disks may take more than the promise covers, and what is held to is what must hold even then (D14). */
  readonly overBudget?: number;
}
