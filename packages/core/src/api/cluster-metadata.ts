// Metadata: who leads what, from this broker's image (it may be stale; errors of the leaders correct it, E5).

import { ZERO_UUID } from '@odradek/format';
import {
  type BrokerImage,
  type ClientContext,
  type ClientRequest,
  type ClientResponse,
  type MetadataImage,
  type NodeId,
  type TopicImage,
  topicByName,
} from '@odradek/model';

type MetadataResponse = ClientResponse<'metadata'>;

/** What answering metadata needs. */
export interface MetadataNeeds {
  readonly clusterId: string;
  readonly brokerId: NodeId;
  image(): MetadataImage;
  controllerId(): NodeId;
}

/** Answers at once. */
export function clusterMetadata(
  needs: MetadataNeeds,
  client: ClientContext,
  body: ClientRequest<'metadata'>['body'],
): MetadataResponse {
  const image = needs.image();
  const topics =
    body.topics === null
      ? [...image.topics.values()].map(topicPart)
      : body.topics.map((name) => {
          const topic = topicByName(image, name);
          return topic === undefined ? unknownTopic(name) : topicPart(topic);
        });
  return {
    error: 'NONE',
    errorMessage: null,
    clusterId: needs.clusterId,
    controllerId: needs.controllerId(),
    answeredBy: needs.brokerId,
    brokers: [...image.brokers.values()]
      .filter((broker) => !broker.isFenced)
      .map((broker) => brokerPart(needs.brokerId, client, broker)),
    topics,
  };
}

/** About itself a broker says how the client reached it; about others, where they are registered (design, Addresses). */
function brokerPart(
  ownId: NodeId,
  client: ClientContext,
  broker: BrokerImage,
): MetadataResponse['brokers'][number] {
  const { id, rack } = broker;
  if (id === ownId) return { id, host: client.reachedHost, port: client.reachedPort, rack };
  const [endPoint] = broker.endPoints;
  const host = toldHost(endPoint?.host ?? '', client.reachedHost);
  return { id, host, port: endPoint?.port ?? -1, rack };
}

/**
 * Where a client that reached this broker at `reached` finds one that is registered at `registered`. What only this machine can mean
 * is replaced by the client's own name for it; but on loopback each address may be another node's, and is told as it is.
 */
function toldHost(registered: string, reached: string): string {
  if (reached === '' || !isLoopback(registered)) return registered;
  if (isWildcard(registered) || !isLoopback(reached)) return reached;
  return reached === 'localhost' && registered === '127.0.0.1' ? reached : registered;
}

function isWildcard(host: string): boolean {
  return host === '::' || host === '0.0.0.0';
}

/** Whether only this machine can mean itself by an address, or by the wildcard. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '::' || host === '0.0.0.0' || host.startsWith('127.')
  );
}

function topicPart(topic: TopicImage): MetadataResponse['topics'][number] {
  return {
    error: 'NONE',
    errorMessage: null,
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map((state, partition) => ({
      partition,
      leader: state.leader,
      leaderEpoch: state.leaderEpoch,
      replicas: state.replicas,
      inSyncReplicas: state.inSyncReplicas,
    })),
  };
}

function unknownTopic(name: string): MetadataResponse['topics'][number] {
  const errorMessage = `there is no topic ${JSON.stringify(name)}`;
  return { error: 'UNKNOWN_TOPIC_OR_PARTITION', errorMessage, name, topicId: ZERO_UUID, partitions: [] };
}
