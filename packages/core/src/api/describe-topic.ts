// DescribeTopic: the metadata's word, completed by what the leaders know of the ends of their replicas.

import { ZERO_UUID } from '@odradek/format';
import {
  type ClientResponse,
  type MetadataImage,
  type Network,
  NO_LEADER,
  type NodeId,
  type PartitionKey,
  type PeerResponse,
  partitionKey,
  type TopicImage,
  topicByName,
} from '@odradek/model';
import type { ControllerChannel } from '../node/controller-channel.ts';
import type { Troubled } from './cluster-status.ts';
import { waitingFor } from './partition-view.ts';

type Response = ClientResponse<'describeTopic'>;
type LeaderWord = PeerResponse<'describePartitions'>['partitions'][number];

/** What describing needs of the node. */
export interface DescribeNeeds {
  readonly network: Network;
  readonly timeoutMs: number;
  image(): MetadataImage;
  readonly controller: ControllerChannel;
  isUncleanEnabled(topic: string): boolean;
  /** The settings of a topic that are in force, by name. */
  configOf(topic: string): Response['config'];
}

/** Asks each leader once; what a leader does not answer in time stays -1. */
export function describeTopic(
  needs: DescribeNeeds,
  name: string,
  answer: (response: Response) => void,
): void {
  const topic = topicByName(needs.image(), name);
  if (topic === undefined) {
    const errorMessage = `there is no topic ${JSON.stringify(name)}`;
    answer({
      error: 'UNKNOWN_TOPIC_OR_PARTITION',
      errorMessage,
      name,
      topicId: ZERO_UUID,
      partitions: [],
      config: [],
    });
    return;
  }
  askLeaders(needs, topic, (words) => {
    askWhoIsAwaited(needs, topic, (offline) => answer(described(needs, topic, words, offline)));
  });
}

export type Offline = PeerResponse<'describeQuorum'>['offline'];

/** Of partitions without a leader the controller alone knows who is only suspected. */
export function askWhoIsAwaited(
  needs: DescribeNeeds,
  topic: TopicImage,
  done: (offline: Offline) => void,
): void {
  if (topic.partitions.every(({ leader }) => leader !== NO_LEADER)) {
    done([]);
    return;
  }
  askController(needs, ({ offline }) => done(offline));
}

/** What the controller alone knows; nothing, if it does not answer. */
export function askController(
  { controller, timeoutMs }: DescribeNeeds,
  done: (told: { readonly offline: Offline; readonly troubled: Troubled }) => void,
): void {
  controller.request({ api: 'describeQuorum', body: {} }, timeoutMs, (reply) =>
    done(reply.outcome === 'answered' ? reply.response : { offline: [], troubled: [] }),
  );
}

function askLeaders(
  needs: DescribeNeeds,
  topic: TopicImage,
  done: (words: ReadonlyMap<string, LeaderWord>) => void,
): void {
  const byLeader = new Map<NodeId, PartitionKey[]>();
  for (const [partition, { leader }] of topic.partitions.entries()) {
    if (leader === NO_LEADER) continue;
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), { topicId: topic.topicId, partition }]);
  }
  const words = new Map<string, LeaderWord>();
  let missing = byLeader.size;
  if (missing === 0) done(words);
  for (const [leader, partitions] of byLeader) {
    const request = { api: 'describePartitions', body: { partitions } } as const;
    needs.network.request(leader, 'control', request, needs.timeoutMs, (reply) => {
      if (reply.outcome === 'answered')
        for (const word of reply.response.partitions)
          words.set(partitionKey(word.topicId, word.partition), word);
      missing -= 1;
      if (missing === 0) done(words);
    });
  }
}

function described(
  needs: DescribeNeeds,
  topic: TopicImage,
  words: ReadonlyMap<string, LeaderWord>,
  offline: Offline,
): Response {
  const image = needs.image();
  const isUncleanEnabled = needs.isUncleanEnabled(topic.name);
  return {
    error: 'NONE',
    errorMessage: null,
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map((state, partition) => {
      const word = words.get(partitionKey(topic.topicId, partition));
      return {
        partition,
        leader: state.leader,
        leaderEpoch: state.leaderEpoch,
        replicas: state.replicas,
        inSyncReplicas: state.inSyncReplicas,
        eligibleLeaderReplicas: state.eligibleLeaderReplicas,
        logStartOffset: word?.logStartOffset ?? -1,
        highWatermark: word?.highWatermark ?? -1,
        logEndOffset: word?.logEndOffset ?? -1,
        replicaEnds: word?.replicaEnds ?? [],
        waitingFor:
          offline.find((one) => one.topicId === topic.topicId && one.partition === partition)?.waitingFor ??
          waitingFor(image, state, isUncleanEnabled),
      };
    }),
    config: needs.configOf(topic.name),
  };
}
