// ExplainPartition: what everybody who has a part in a partition says of it. Nothing is judged here: the metadata, the controller and
// each replica's machines are asked, and who asked puts it into sentences.

import {
  type ClientRequest,
  type ClientResponse,
  type Configuration,
  clientMessages,
  isLogOnline,
  type MetadataImage,
  NO_LEADER,
  type NodeId,
  type PartitionImage,
  type TopicImage,
  topicByName,
  topicSetting,
} from '@odradek/model';
import { type Troubled, troubleOf } from './cluster-status.ts';
import { askController, type DescribeNeeds, type Offline } from './describe-topic.ts';
import { waitingFor } from './partition-view.ts';

type Response = ClientResponse<'explainPartition'>;
type Words = Response['words'];

/** What explaining needs of the node, beside what describing does. */
export interface ExplainNeeds extends DescribeNeeds {
  readonly configuration: Configuration;
  /** Since when a broker is fenced, or serves; undefined where it is not known. */
  brokerSinceMs(id: NodeId): number | undefined;
  controllerId(): NodeId;
  missingQuorum(): string;
  isControllerGone(): boolean;
}

/** Asks every replica's broker, and the controller; who does not answer in time is left out. */
export function explainPartition(
  needs: ExplainNeeds,
  { topic: name, partition }: ClientRequest<'explainPartition'>['body'],
  answer: (response: Response) => void,
): void {
  const topic = topicByName(needs.image(), name);
  const state = topic?.partitions[partition];
  if (topic === undefined || state === undefined) {
    const { fallback } = clientMessages.explainPartition.response;
    const errorMessage =
      topic === undefined
        ? `there is no topic ${JSON.stringify(name)}`
        : `topic ${name} has partitions 0 to ${topic.partitions.length - 1}, not ${partition}`;
    answer({ ...fallback, error: 'UNKNOWN_TOPIC_OR_PARTITION', errorMessage });
    return;
  }
  askReplicas(needs, topic, partition, state.replicas, (words) => {
    askController(needs, ({ offline, troubled }) =>
      answer(explained(needs, { topic, partition, state, troubled }, words, offline)),
    );
  });
}

function askReplicas(
  { network, timeoutMs }: ExplainNeeds,
  { topicId }: TopicImage,
  partition: number,
  replicas: readonly NodeId[],
  done: (words: Words) => void,
): void {
  const words: Words[number][] = [];
  let missing = replicas.length;
  if (missing === 0) done(words);
  for (const replica of replicas) {
    const request = { api: 'explainReplicas', body: { partitions: [{ topicId, partition }] } } as const;
    network.request(replica, 'control', request, timeoutMs, (reply) => {
      if (reply.outcome === 'answered') words.push(...reply.response.replicas);
      missing -= 1;
      if (missing === 0) done(words.toSorted((one, other) => one.broker - other.broker));
    });
  }
}

interface Explained {
  readonly topic: TopicImage;
  readonly partition: number;
  readonly state: PartitionImage;
  readonly troubled: Troubled;
}

function explained(
  needs: ExplainNeeds,
  { topic, partition, state, troubled }: Explained,
  words: Words,
  offline: Offline,
): Response {
  const image = needs.image();
  const isUncleanEnabled = needs.isUncleanEnabled(topic.name);
  const controllerId = needs.controllerId();
  const awaited = offline.find((one) => one.topicId === topic.topicId && one.partition === partition);
  return {
    ...{ error: 'NONE', errorMessage: null, topic: topic.name, topicId: topic.topicId, partition },
    leader: state.leader,
    leaderEpoch: state.leaderEpoch,
    replicas: state.replicas,
    inSyncReplicas: state.inSyncReplicas,
    eligibleLeaderReplicas: state.eligibleLeaderReplicas,
    lastKnownLeaders: state.lastKnownLeaders,
    failedReplicas: state.replicas.filter((replica) => !isLogOnline(state, replica)),
    minInSyncReplicas: topicSetting(image, needs.configuration, topic.name, 'min.insync.replicas'),
    isUncleanEnabled,
    controllerId,
    missingQuorum: controllerId === NO_LEADER || needs.isControllerGone() ? needs.missingQuorum() : '',
    waitingFor: awaited?.waitingFor ?? waitingFor(image, state, isUncleanEnabled),
    brokers: state.replicas.map((id) => ({
      ...brokerPart(image, id, needs.brokerSinceMs(id)),
      trouble: troubleOf(troubled, id),
    })),
    words,
  };
}

function brokerPart(image: MetadataImage, id: NodeId, sinceMs = -1) {
  const broker = image.brokers.get(id);
  const [endPoint] = broker?.endPoints ?? [];
  return {
    id,
    isRegistered: broker !== undefined,
    isFenced: broker?.isFenced ?? true,
    isShuttingDown: broker?.isShuttingDown ?? false,
    brokerEpoch: broker?.brokerEpoch ?? -1,
    address: endPoint === undefined ? '' : `${endPoint.host}:${endPoint.port}`,
    sinceMs,
  };
}
