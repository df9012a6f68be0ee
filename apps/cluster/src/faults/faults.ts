// What is wrong with a node's world, by order of `odradek chaos`.

/** Everything that can be wrong with one node at once. */
export interface Faults {
  /** Nodes to whom nothing gets through from here: neither requests nor answers. A cut both ways is one at each end. */
  readonly cutTo: readonly number[];
  /** What leaves this node arrives so much later. */
  readonly networkDelayMs: number;
  /** Every flush takes so much longer. */
  readonly diskDelayMs: number;
  /** No byte more fits on the disk. */
  readonly isDiskFull: boolean;
  /** Flushes of partitions fail, as on a disk with bad blocks; the metadata log's do not. */
  readonly failsFlushes: boolean;
  /** The whole cluster stops: that others fall silent or refuse means nothing any more, so no leadership moves. */
  readonly isStopping: boolean;
}

export const noFaults: Faults = {
  cutTo: [],
  networkDelayMs: 0,
  diskDelayMs: 0,
  isDiskFull: false,
  failsFlushes: false,
  isStopping: false,
};

/** The faults of the moment, as the decorated ports ask for them. */
export type CurrentFaults = () => Faults;
