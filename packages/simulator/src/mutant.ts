// A node that is made a little wrong on purpose, to see whether anybody notices: a guard weakened through `machine.provide`, or a
// port that does not keep what it promises. What ships is never edited; the mutant is handed in where a node is composed.

import type { NodeMachines } from '@odradek/core';
import type { MetadataImage, PeerRequest, Ports } from '@odradek/model';

export interface Mutant {
  /** As schedules and reports call it: `M13`. */
  readonly name: string;
  /** What is wrong with it, in a sentence. */
  readonly what: string;
  /** Machines in the place of those that ship. */
  readonly machines?: Partial<NodeMachines>;
  /** Stands between a node and its ports. A quorum alone has no disk among them: its storage is its own. */
  readonly ports?: <Some extends Partial<Ports>>(ports: Some) => Some;
  /** What the controller reads in the place of a leader's proposal. */
  readonly proposals?: (proposal: Proposal, image: MetadataImage) => Proposal;
}

type Proposal = PeerRequest<'alterPartitions'>['body'];
