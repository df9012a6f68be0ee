// What the controller asks of its node: the quorum's log to write to, and questions to brokers.

import type { MetadataRecord, NodeId, Offset, PartitionKey } from '@odradek/model';
import type { EndedSession } from './broker-sessions.ts';

/** The end of a replica's log as its broker told it (C3 as amended). */
export interface ToldLogEnd extends PartitionKey {
  /** Undefined: the broker cannot tell. */
  readonly end: { readonly lastEpoch: number; readonly endOffset: Offset } | undefined;
}

/** What a broker said of its logs. Undefined: no answer came. */
export type LogEndsTold = { readonly brokerEpoch: number; readonly ends: readonly ToldLogEnd[] } | undefined;

/** The orders of the controller. The node tells it, as events of its machine, who leads the quorum and what is committed. */
export interface ControllerHost {
  /** Where the next record of the metadata log will stand. */
  nextOffset(): Offset;
  /** Appends one decision as one batch, so that it is in the log whole or not at all. Its last offset; undefined: not leader (any more). */
  append(records: readonly MetadataRecord[]): Offset | undefined;
  /** Wants evidence about a node: is its address alive? (`Network.probe`) */
  probe(id: NodeId): void;
  /** A broker that served is being fenced, because its session has ended (C7, C8). */
  fencing(ended: EndedSession): void;
  /** D6: so many partitions of a broker without room on its disk are led by others from now on. */
  relieving(broker: NodeId, count: number): void;
  /** Asks a broker for the ends of its logs (`describeLogEnds`, with the epoch of this controller). `done` once, later. */
  askLogEnds(
    broker: NodeId,
    controllerEpoch: number,
    partitions: readonly PartitionKey[],
    done: (told: LogEndsTold) => void,
  ): void;
}
