// What a node counts, and what it can tell of itself. The numbers are kept by those who do the work; reading them is a query: it
// changes nothing, and costs nothing while nobody looks.

import type { Quorum } from '@odradek/election';
import type { ClientApi, Histogram, MetadataImage, PeerApi } from '@odradek/model';
import type { HostedPartition } from '../partition/hosted-partition.ts';
import { DecisionCounts, InSyncCounts } from './decision-counts.ts';
import { RequestCounts } from './request-counts.ts';
import { Traffic } from './traffic.ts';

/** The counters of one node. */
export class NodeCounters {
  readonly clientRequests: RequestCounts<ClientApi>;
  readonly peerRequests: RequestCounts<PeerApi>;
  readonly traffic = new Traffic();
  /** Of records that followers were given. */
  replicationBytesOut = 0;
  readonly inSync = new InSyncCounts();
  readonly decisions = new DecisionCounts();

  constructor(nowMs: () => number) {
    this.clientRequests = new RequestCounts(nowMs);
    this.peerRequests = new RequestCounts(nowMs);
  }
}

/** A node as whoever operates it looks at it. */
export interface NodeMeasures {
  readonly counters: NodeCounters;
  /** Of the partitions' logs, and of the metadata log. */
  readonly flushes: Histogram;
  readonly metadataFlushes: Histogram;
  readonly image: MetadataImage;
  /** The replicas here. */
  readonly hosted: ReadonlyMap<string, HostedPartition>;
  readonly isActiveController: boolean;
  /** Undefined while the metadata log is not open. */
  readonly quorum: ReturnType<Quorum['describe']> | undefined;
  /** D6: what is new in the metadata cannot be written here. */
  readonly isMetadataStuck: boolean;
  /** Why records of clients are refused: the disk has no room. Undefined while it has. */
  readonly noRoom: string | undefined;
  /** Everything below it is in the image. */
  readonly metadataEnd: number;
  /** Requests that wait for their moment. */
  readonly waiting: number;
  /** The state of the broker's machine: `running`, `fenced` … */
  readonly state: string;
  /** Of the registration in force; -1 when there is none. */
  readonly brokerEpoch: number;
}
