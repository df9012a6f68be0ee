// What the broker's machine orders. Every order is carried out by the node (node/); its completion comes back as an event.

import type { BrokerEpoch, Incarnation, PartitionKey, RestartClass } from '@odradek/model';

export interface LogByName {
  readonly topic: string;
  readonly partition: number;
}

/** What survived of a directory, as a registration says it (design: restart classes). */
export interface LogsRecovered {
  readonly restartClass: RestartClass;
  /** Logs that are damaged or whose disk failed: lossy alone. */
  readonly failedLogs: readonly PartitionKey[];
  /** Logs of which records were flushed, and that are gone: their directories no longer say, so nobody knows of which topic id. */
  readonly missingLogs: readonly LogByName[];
  /** Of the last life, from its marker; NO_BROKER_EPOCH without one. */
  readonly previousBrokerEpoch: BrokerEpoch;
  /** The processes before this one whose directory this is, the last that was registered among them, unless it is an old copy (D11). */
  readonly previousIncarnations: readonly Incarnation[];
}

/** The orders of the broker's machine. */
export interface BrokerHost {
  readonly isBroker: boolean;
  readonly heartbeatIntervalMs: number;
  readonly drainLimitMs: number;
  readonly registrationTimeoutMs: number;
  /** With jitter, so that a cluster that starts as one does not ask as one (E5). */
  registrationRetryMs(): number;
  openMetadataLog(): void;
  recoverLogs(): void;
  register(generation: number, recovered: LogsRecovered): void;
  registered(brokerEpoch: BrokerEpoch): void;
  registrationRefused(error: string): void;
  sendHeartbeat(brokerEpoch: BrokerEpoch, intent: 'serving' | 'going'): void;
  /** Flushes, checkpoints and, with a broker epoch, leaves the marker of a clean end. */
  close(brokerEpoch: BrokerEpoch | undefined): void;
  ended(): void;
}
