// The quorum's log in a node's directory: always on the disk and always flushed, whatever the policy of the partitions is.

import type { LogListener, Offset, ReplicatedLog } from '@odradek/model';
import {
  defaultLogConfiguration,
  type LogConfiguration,
  type OpenedLog,
  type RecoveryReport,
} from '@odradek/storage';
import type { PartitionName } from '../partition/hosted-partition.ts';
import { type LogHome, startLogIn } from './log-home.ts';

/** The topic id of the metadata log, as Kafka gives it. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const METADATA_TOPIC = '__cluster_metadata';
const NAME: PartitionName = { topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partition: 0 };

/** It is kept short by snapshots, not by age. */
const configuration: LogConfiguration = {
  ...defaultLogConfiguration,
  'retention.ms': -1,
  'retention.bytes': -1,
  'max.message.bytes': 2 ** 30,
};

/** The metadata log of one node. */
export class MetadataLog {
  private readonly home: LogHome;
  private opened: OpenedLog | undefined;

  constructor(home: LogHome) {
    this.home = home;
  }

  /** Opens and recovers it; a failure is final for the node. `recovered` hears what was cut. */
  open(
    listener: LogListener,
    recovered: (report: RecoveryReport) => void,
    done: (opened: ReplicatedLog | { readonly error: string }) => void,
  ): void {
    this.opened = startLogIn(this.home, { ...NAME, isNamed: true }, () => configuration, {
      opened: (log, report) => {
        recovered(report);
        done(log);
      },
      damaged: ({ file, position, message }) => done({ error: `${file} at ${position}: ${message}` }),
      flushed: (end) => listener.flushed(end),
      failed: (reason) => listener.failed(reason),
      readFoundDamage: (error) => listener.readFoundDamage?.(error),
    });
  }

  /** Below it the log is never cut: recovery may trust it, and call damage by its name (D8). */
  checkpoint(highWatermark: Offset): void {
    if (highWatermark > 0) this.opened?.noteHighWatermark(highWatermark);
  }

  /** What is to be closed; undefined while it is not open. */
  get closable(): OpenedLog | undefined {
    return this.opened?.log === undefined ? undefined : this.opened;
  }
}
