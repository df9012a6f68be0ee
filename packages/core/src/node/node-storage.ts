// What a node asks of its directory: the metadata log, the partitions' logs, and what the last life has left behind.

import type { BrokerEpoch, LogListener, Offset, PartitionKey, ReplicatedLog } from '@odradek/model';
import type { LogsRecovered } from '../broker/broker-host.ts';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { LogFailure } from '../partition/partition-host.ts';
import type { PartitionLog } from '../partition/partition-log.ts';

/** A node's directory. Completions come later, never within the order. */
export interface NodeStorage {
  /** Opens and recovers the metadata log; a failure is final for the node. */
  openMetadataLog(
    listener: LogListener,
    done: (opened: ReplicatedLog | { readonly error: string }) => void,
  ): void;
  /** Opens and recovers every partition's log in the directory, so that a registration can say what survived (D7). */
  recoverLogs(done: (recovered: LogsRecovered) => void): void;
  /** What recovery found is known: the metadata has this life's registration. From now on the directory speaks of this life. */
  lifeIsKnown(): void;
  /** Takes away the recovered logs that the metadata places here no more: their topic is gone, or was made anew (C10). */
  removeOrphans(isPlacedHere: (log: PartitionKey) => boolean): void;
  /** Hands out the log that recovery opened, or makes a new one. */
  openLog(
    name: PartitionName,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void;
  /** Closes an open log in which a read found damage; {@link cutDamage} makes room for a sound one (D9). */
  giveUpLog(name: PartitionName, failure: LogFailure): void;
  /** Cuts a damaged log before its first bad batch, and opens it on the next {@link openLog} (D8). */
  cutDamage(name: PartitionName): void;
  /** Closes a log and takes its files away. */
  deleteLog(name: PartitionName): void;
  /** For how long the oldest flush has been going on: a disk may fall silent and report no error (D11). */
  flushUnderWayMs(): number;
  /** Why records of clients are refused: the disk has no room (D6). Undefined while it has. */
  readonly noRoom: string | undefined;
  /** The settings of a topic have changed. */
  settingsChanged(): void;
  /** The high watermark as it was last written down, 0 if never: a hint (D10). */
  checkpointedHighWatermark(name: PartitionName): Offset;
  /** Writes the high watermarks down, and lets retention do its work (L10). */
  checkpoint(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void;
  /** Flushes and closes all logs; with a broker epoch, leaves the marker of a clean end (C9). */
  close(
    highWatermarks: Iterable<readonly [PartitionName, Offset]>,
    brokerEpoch: BrokerEpoch | undefined,
    done: () => void,
  ): void;
}
