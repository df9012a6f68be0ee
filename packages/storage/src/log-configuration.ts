// What a log is configured by: the part of a topic's configuration that concerns storage, under Kafka's names.

/** A topic's settings as its log reads them. All may change while the log is open. */
export interface LogConfiguration {
  readonly 'segment.bytes': number;
  readonly 'segment.ms': number;
  readonly 'segment.index.bytes': number;
  readonly 'index.interval.bytes': number;
  /** -1: for ever. */
  readonly 'retention.ms': number;
  /** -1: without bound. */
  readonly 'retention.bytes': number;
  readonly 'max.message.bytes': number;
  readonly 'message.timestamp.type': 'CreateTime' | 'LogAppendTime';
  readonly 'message.timestamp.before.max.ms': number;
  readonly 'message.timestamp.after.max.ms': number;
  readonly 'cleanup.policy': readonly ('delete' | 'compact')[];
}

/** Apache Kafka's defaults. */
export const defaultLogConfiguration: LogConfiguration = {
  'segment.bytes': 2 ** 30,
  'segment.ms': 7 * 24 * 3_600_000,
  'segment.index.bytes': 10 * 2 ** 20,
  'index.interval.bytes': 4096,
  'retention.ms': 7 * 24 * 3_600_000,
  'retention.bytes': -1,
  'max.message.bytes': 2 ** 20 + 12,
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.before.max.ms': Number.MAX_SAFE_INTEGER,
  'message.timestamp.after.max.ms': 3_600_000,
  'cleanup.policy': ['delete'],
};
