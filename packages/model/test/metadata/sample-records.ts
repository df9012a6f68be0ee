import type { MetadataRecord } from '../../src/index.ts';

export const topicId = 'b5axm6wrRcaYftqODEtPzw';
const directories = [
  '50_bixWhHWd_lh4pPdcFUQ',
  'X6z4CEq33qmVeTSf6VCf8w',
  'Su0JL5KLRzGQAIHm0jx-pw',
  'iIthWo2-QKSwGp-p2hChjQ',
];
const incarnation = 'iIthWo2-QKSwGp-p2hChjQ';

export function register(brokerId: number, brokerEpoch: number): readonly MetadataRecord[] {
  return [
    {
      type: 'RegisterBrokerRecord',
      brokerId,
      brokerEpoch,
      incarnationId: incarnation,
      endPoints: [{ name: 'PLAINTEXT', host: 'localhost', port: 9091 + brokerId, securityProtocol: 0 }],
      features: [{ name: 'metadata.version', minSupportedVersion: 1, maxSupportedVersion: 1 }],
      rack: null,
      fenced: true,
      inControlledShutdown: false,
      logDirs: [directories[brokerId - 1] ?? ''],
    },
    {
      type: 'BrokerProcessRecord',
      brokerId,
      brokerEpoch,
      processId: 4000 + brokerId,
      flushPolicy: 'commit',
      restartClass: 'intact',
    },
    { type: 'BrokerRegistrationChangeRecord', brokerId, brokerEpoch, fenced: -1 },
  ];
}

export function partition(partitionId: number): MetadataRecord {
  return {
    type: 'PartitionRecord',
    partitionId,
    topicId,
    replicas: [1, 2, 3],
    isr: [1, 2, 3],
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: directories.slice(0, 3),
    leaderRecoveryState: 0,
  };
}

/** A small history in which every type of record of level 1 occurs. */
export const everyType: readonly MetadataRecord[] = [
  { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 1 },
  ...register(1, 1),
  ...register(2, 4),
  ...register(3, 7),
  ...register(4, 10),
  { type: 'UnregisterBrokerRecord', brokerId: 4, brokerEpoch: 10 },
  { type: 'TopicRecord', name: 'laser', topicId },
  partition(0),
  partition(1),
  { type: 'ConfigRecord', resourceType: 2, resourceName: 'laser', name: 'min.insync.replicas', value: '2' },
  { type: 'ConfigRecord', resourceType: 4, resourceName: '', name: 'num.partitions', value: '3' },
  { type: 'ProducerIdsRecord', brokerId: 1, brokerEpoch: 1, nextProducerId: 1000 },
  { type: 'NoOpRecord' },
  {
    type: 'PartitionChangeRecord',
    partitionId: 0,
    topicId,
    isr: [3],
    leader: 3,
    eligibleLeaderReplicas: [2],
  },
  { type: 'BrokerRegistrationChangeRecord', brokerId: 3, brokerEpoch: 7, fenced: 1, inControlledShutdown: 1 },
  {
    type: 'PartitionChangeRecord',
    partitionId: 0,
    topicId,
    isr: [1],
    leader: 1,
    leaderRecoveryState: 1,
    eligibleLeaderReplicas: [],
  },
  {
    type: 'UncleanElectionRecord',
    partitionId: 0,
    topicId,
    leaderEpoch: 2,
    leader: 1,
    lastInSyncReplicas: [2, 3],
    reconciledReplicas: [1],
  },
  {
    type: 'TruncationRecord',
    partitionId: 0,
    topicId,
    electionEpoch: 2,
    brokerId: 3,
    isLossy: false,
    fromOffset: 100,
    toOffset: 150,
    highWatermark: -1,
  },
  { type: 'TopicRecord', name: 'gone', topicId: 'eAlFMbpRRw2aVApMdWeTyQ' },
  { type: 'RemoveTopicRecord', topicId: 'eAlFMbpRRw2aVApMdWeTyQ' },
];
