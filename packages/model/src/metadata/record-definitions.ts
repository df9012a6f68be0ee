// The records of the metadata log: Kafka's own, with its type numbers and schemas (Apache Kafka 4.3), so that its dump tool reads
// our log; and ours, from 10,000 up, for what Kafka has no record of. A number, once given, keeps its meaning.

import type { FieldDefinition, MessageDefinition } from '@odradek/format';

/** A record type: the number that stands before each record, and the schema of what follows. */
export interface RecordDefinition extends MessageDefinition {
  readonly apiKey: number;
}

type Details = Partial<
  Pick<FieldDefinition, 'nullableVersions' | 'tag' | 'taggedVersions' | 'default' | 'fields'>
>;

function field(name: string, type: string, versions = '0+', details: Details = {}): FieldDefinition {
  return { name, type, versions, ...details };
}

/** A field that is written only when it differs from its default. */
function tagged(
  tag: number,
  name: string,
  type: string,
  versions: string,
  details: Details = {},
): FieldDefinition {
  return { name, type, versions, tag, taggedVersions: versions, ...details };
}

function nullable(versions: string): Details {
  return { nullableVersions: versions, default: null };
}

function record(
  apiKey: number,
  name: string,
  validVersions: string,
  fields: readonly FieldDefinition[],
): RecordDefinition {
  return { apiKey, name, validVersions, flexibleVersions: '0+', fields };
}

const endPoint = [
  field('Name', 'string'),
  field('Host', 'string'),
  field('Port', 'uint16'),
  field('SecurityProtocol', 'int16'),
];

const featureRange = [
  field('Name', 'string'),
  field('MinSupportedVersion', 'int16'),
  field('MaxSupportedVersion', 'int16'),
];

const kafkaRecords: readonly RecordDefinition[] = [
  record(0, 'RegisterBrokerRecord', '0-4', [
    field('BrokerId', 'int32'),
    field('IsMigratingZkBroker', 'bool', '2+', { default: false }),
    field('IncarnationId', 'uuid'),
    field('BrokerEpoch', 'int64'),
    field('EndPoints', '[]BrokerEndpoint', '0+', { fields: endPoint }),
    field('Features', '[]BrokerFeature', '0+', { fields: featureRange }),
    field('Rack', 'string', '0+', { nullableVersions: '0+' }),
    field('Fenced', 'bool', '0+', { default: true }),
    field('InControlledShutdown', 'bool', '1+', { default: false }),
    tagged(0, 'LogDirs', '[]uuid', '3+'),
    tagged(1, 'CordonedLogDirs', '[]uuid', '4+', nullable('4+')),
  ]),
  record(1, 'UnregisterBrokerRecord', '0', [field('BrokerId', 'int32'), field('BrokerEpoch', 'int64')]),
  record(2, 'TopicRecord', '0', [
    field('Name', 'string'),
    field('TopicId', 'uuid'),
    /** Ours; Kafka's tools pass over a tag that they do not know. */
    tagged(10_000, 'RequestId', 'string', '0+', nullable('0+')),
  ]),
  record(3, 'PartitionRecord', '0-2', [
    field('PartitionId', 'int32', '0+', { default: -1 }),
    field('TopicId', 'uuid'),
    field('Replicas', '[]int32'),
    field('Isr', '[]int32'),
    field('RemovingReplicas', '[]int32'),
    field('AddingReplicas', '[]int32'),
    field('Leader', 'int32', '0+', { default: -1 }),
    tagged(0, 'LeaderRecoveryState', 'int8', '0+', { default: 0 }),
    field('LeaderEpoch', 'int32', '0+', { default: -1 }),
    field('PartitionEpoch', 'int32', '0+', { default: -1 }),
    field('Directories', '[]uuid', '1+'),
    tagged(1, 'EligibleLeaderReplicas', '[]int32', '2+', nullable('2+')),
    tagged(2, 'LastKnownElr', '[]int32', '2+', nullable('2+')),
  ]),
  record(4, 'ConfigRecord', '0', [
    field('ResourceType', 'int8'),
    field('ResourceName', 'string'),
    field('Name', 'string'),
    field('Value', 'string', '0+', { nullableVersions: '0+' }),
  ]),
  record(5, 'PartitionChangeRecord', '0-2', [
    field('PartitionId', 'int32', '0+', { default: -1 }),
    field('TopicId', 'uuid'),
    tagged(0, 'Isr', '[]int32', '0+', nullable('0+')),
    tagged(1, 'Leader', 'int32', '0+', { default: -2 }),
    tagged(2, 'Replicas', '[]int32', '0+', nullable('0+')),
    tagged(3, 'RemovingReplicas', '[]int32', '0+', nullable('0+')),
    tagged(4, 'AddingReplicas', '[]int32', '0+', nullable('0+')),
    tagged(5, 'LeaderRecoveryState', 'int8', '0+', { default: -1 }),
    tagged(8, 'Directories', '[]uuid', '1+', nullable('1+')),
    tagged(6, 'EligibleLeaderReplicas', '[]int32', '2+', nullable('2+')),
    tagged(7, 'LastKnownElr', '[]int32', '2+', nullable('2+')),
  ]),
  record(9, 'RemoveTopicRecord', '0', [field('TopicId', 'uuid')]),
  record(12, 'FeatureLevelRecord', '0', [field('Name', 'string'), field('FeatureLevel', 'int16')]),
  record(15, 'ProducerIdsRecord', '0', [
    field('BrokerId', 'int32'),
    field('BrokerEpoch', 'int64', '0+', { default: -1 }),
    field('NextProducerId', 'int64'),
  ]),
  record(17, 'BrokerRegistrationChangeRecord', '0-3', [
    field('BrokerId', 'int32'),
    field('BrokerEpoch', 'int64'),
    tagged(0, 'Fenced', 'int8', '0+'),
    tagged(1, 'InControlledShutdown', 'int8', '1+'),
    tagged(2, 'LogDirs', '[]uuid', '2+'),
    tagged(3, 'CordonedLogDirs', '[]uuid', '3+', nullable('3+')),
  ]),
  record(20, 'NoOpRecord', '0', []),
  record(23, 'BeginTransactionRecord', '0', [tagged(0, 'Name', 'string', '0+', nullable('0+'))]),
  record(24, 'EndTransactionRecord', '0', []),
  record(25, 'AbortTransactionRecord', '0', [tagged(0, 'Reason', 'string', '0+', nullable('0+'))]),
  record(27, 'RegisterControllerRecord', '0', [
    field('ControllerId', 'int32'),
    field('IncarnationId', 'uuid'),
    field('ZkMigrationReady', 'bool'),
    field('EndPoints', '[]ControllerEndpoint', '0+', { fields: endPoint }),
    field('Features', '[]ControllerFeature', '0+', { fields: featureRange }),
  ]),
  record(28, 'ClearElrRecord', '0', [field('TopicName', 'string')]),
];

const ownRecords: readonly RecordDefinition[] = [
  /** What a registration says beyond Kafka's: which process, how durable its logs are, what it came back with (C6). */
  record(10_000, 'BrokerProcessRecord', '0', [
    field('BrokerId', 'int32'),
    field('BrokerEpoch', 'int64'),
    field('ProcessId', 'int64'),
    field('FlushPolicy', 'string'),
    field('RestartClass', 'string'),
  ]),
  /** C4: an unclean election, the only lawful source of committed loss, and who had been in sync or eligible before it. */
  record(10_001, 'UncleanElectionRecord', '0', [
    field('PartitionId', 'int32'),
    field('TopicId', 'uuid'),
    field('LeaderEpoch', 'int32'),
    field('Leader', 'int32'),
    field('LastInSyncReplicas', '[]int32'),
    field('ReconciledReplicas', '[]int32'),
  ]),
  /** F7: what one replica dropped after an unclean election, or that its log can no longer say anything (lossy). */
  record(10_002, 'TruncationRecord', '0', [
    field('PartitionId', 'int32'),
    field('TopicId', 'uuid'),
    field('ElectionEpoch', 'int32'),
    field('BrokerId', 'int32'),
    field('IsLossy', 'bool'),
    field('FromOffset', 'int64'),
    field('ToOffset', 'int64'),
    field('HighWatermark', 'int64', '0+', { default: -1 }),
  ]),
];

/** Every record type that this version can read. */
export const recordDefinitions: readonly RecordDefinition[] = [...kafkaRecords, ...ownRecords];
