// Since when brokers are fenced, or serve: by the times of the metadata's batches, so that a node that was started later knows it too,
// unless a snapshot has taken their place.

import { type MetadataRecord, NOT_CHANGED, type NodeId } from '@odradek/model';

export class BrokerTimes {
  private readonly since = new Map<NodeId, number>();

  /** A record was replayed that its controller wrote at `wallMs`. */
  note(record: MetadataRecord, wallMs: number): void {
    const isTurn =
      record.type === 'RegisterBrokerRecord' ||
      (record.type === 'BrokerRegistrationChangeRecord' && (record.fenced ?? NOT_CHANGED) !== NOT_CHANGED);
    if (isTurn) this.since.set(record.brokerId, wallMs);
  }

  /** A snapshot says how things are, not since when. */
  clear(): void {
    this.since.clear();
  }

  /** Milliseconds since 1970; undefined where it is not known. */
  sinceMs(id: NodeId): number | undefined {
    return this.since.get(id);
  }
}
