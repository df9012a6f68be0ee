// ClusterStatus: brokers, quorum, partitions in trouble and losses, complete from any broker. The quorum's leader alone knows how
// far the voters are, so it is asked; without one this node tells what it sees itself.

import type { Quorum, QuorumDescription } from '@odradek/election';
import {
  type BrokerImage,
  type ClientResponse,
  lossesOf,
  type MetadataImage,
  type NamedPartition,
  type Network,
  NO_LEADER,
  type NodeId,
  type PeerResponse,
  partitionKey,
  partitionsOf,
} from '@odradek/model';
import { missingReplicas, waitingFor } from './partition-view.ts';

type Response = ClientResponse<'clusterStatus'>;

/** What the status needs of the node. */
export interface StatusNeeds {
  readonly clusterId: string;
  readonly network: Network;
  readonly timeoutMs: number;
  /** Undefined while the node has not opened its metadata log. */
  quorum(): Quorum | undefined;
  image(): MetadataImage;
  isUncleanEnabled(topic: string): boolean;
}

/** Asks the quorum's leader, then tells. */
export function clusterStatus(needs: StatusNeeds, answer: (response: Response) => void): void {
  const own = needs.quorum()?.describe() ?? noQuorum;
  if (own.leaderId === undefined || isLeaderGone(own)) {
    answer(status(needs, { ...own, leaderId: undefined }));
    return;
  }
  const request = { api: 'describeQuorum', body: {} } as const;
  needs.network.request(own.leaderId, 'control', request, needs.timeoutMs, (reply) => {
    const isAnswered = reply.outcome === 'answered' && reply.response.error === 'NONE';
    answer(status(needs, isAnswered ? viewOf(reply.response) : withoutLeader(needs, own)));
  });
}

/** Whether the last sign of the leader was that it is gone: a question to it would only wait for the next dial. */
export function isLeaderGone({ leaderId, voters }: Pick<QuorumDescription, 'leaderId' | 'voters'>): boolean {
  return voters.some(({ id, reachable }) => id === leaderId && !reachable);
}

/** Who was known as the leader does not lead, or is gone. By now this node may know of another, whom it has not asked. */
function withoutLeader(needs: StatusNeeds, own: QuorumView): QuorumView {
  const now = needs.quorum()?.describe() ?? noQuorum;
  return now.epoch > own.epoch ? now : { ...now, leaderId: undefined };
}

const noQuorum: QuorumView = { leaderId: undefined, epoch: -1, highWatermark: -1, voters: [], observers: [] };

type QuorumView = Omit<QuorumDescription, 'state'> & {
  /** As the controller sees them: it alone knows who is only suspected. */
  readonly offline?: PeerResponse<'describeQuorum'>['offline'];
  /** What brokers tell it of their disks. */
  readonly troubled?: Troubled;
};

/** What brokers have told the controller of their disks (D6). */
export type Troubled = PeerResponse<'describeQuorum'>['troubled'];

function viewOf(response: PeerResponse<'describeQuorum'>): QuorumView {
  const { leaderId, leaderEpoch: epoch, highWatermark, voters, observers, offline, troubled } = response;
  return { leaderId, epoch, highWatermark, voters, observers, offline, troubled };
}

/** The quorum as its leader sees it, for a peer that asks. */
export function describeQuorum(
  quorum: Quorum,
  controller: {
    offline(): PeerResponse<'describeQuorum'>['offline'];
    troubled(): Troubled;
  },
): PeerResponse<'describeQuorum'> {
  const { leaderId, epoch, highWatermark, voters, observers } = quorum.describe();
  return {
    error: quorum.isLeader && leaderId !== undefined ? 'NONE' : 'NOT_CONTROLLER',
    leaderId: leaderId ?? NO_LEADER,
    leaderEpoch: epoch,
    highWatermark,
    voters,
    observers,
    offline: controller.offline(),
    troubled: controller.troubled(),
  };
}

function status(needs: StatusNeeds, quorum: QuorumView): Response {
  const image = needs.image();
  const leader = quorum.leaderId ?? NO_LEADER;
  const { leads, replicas, offline, underReplicated } = partitionsAtOnce(image);
  return {
    error: 'NONE',
    errorMessage: leader === NO_LEADER ? missingQuorum(quorum) : null,
    clusterId: needs.clusterId,
    controller: { id: leader, epoch: quorum.epoch },
    quorum: {
      leader,
      epoch: quorum.epoch,
      highWatermark: quorum.highWatermark,
      voters: quorum.voters,
      observers: quorum.observers,
    },
    brokers: [...image.brokers.values()]
      .toSorted((one, other) => one.id - other.id)
      .map((broker) => ({
        id: broker.id,
        state: stateOf(broker),
        address: addressOf(broker),
        pid: broker.processId,
        leads: leads.get(broker.id) ?? 0,
        replicas: replicas.get(broker.id) ?? 0,
        flushPolicy: broker.flushPolicy,
        trouble: troubleOf(quorum.troubled ?? [], broker.id),
      })),
    offlinePartitions: offlineOf(needs, quorum, offline),
    underReplicatedPartitions: underReplicated.map(({ topic, partition, state }) => ({
      topic: topic.name,
      partition,
      missing: missingReplicas(state),
    })),
    ...lossesOf(image),
  };
}

/** All that is told of partitions, in one walk over thousands of them. */
function partitionsAtOnce(image: MetadataImage) {
  const leads = new Map<NodeId, number>();
  const replicas = new Map<NodeId, number>();
  const offline: NamedPartition[] = [];
  const underReplicated: NamedPartition[] = [];
  for (const named of partitionsOf(image)) {
    const { state } = named;
    leads.set(state.leader, (leads.get(state.leader) ?? 0) + 1);
    for (const replica of state.replicas) replicas.set(replica, (replicas.get(replica) ?? 0) + 1);
    if (state.leader === NO_LEADER) offline.push(named);
    if (missingReplicas(state).length > 0) underReplicated.push(named);
  }
  return { leads, replicas, offline, underReplicated };
}

function offlineOf(
  needs: StatusNeeds,
  quorum: QuorumView,
  partitions: readonly NamedPartition[],
): Response['offlinePartitions'] {
  const image = needs.image();
  const told = new Map(
    (quorum.offline ?? []).map((one) => [partitionKey(one.topicId, one.partition), one.waitingFor]),
  );
  return partitions.map(({ topic, partition, state }) => ({
    topic: topic.name,
    partition,
    waitingFor:
      told.get(partitionKey(topic.topicId, partition)) ??
      waitingFor(image, state, needs.isUncleanEnabled(topic.name)),
  }));
}

function stateOf(broker: BrokerImage): string {
  if (broker.isShuttingDown) return 'draining';
  return broker.isFenced ? 'fenced' : 'running';
}

/** What is wrong with a broker's disk, in words; empty: nothing that it has told. */
export function troubleOf(troubled: Troubled, broker: NodeId): string {
  const told = troubled.find((one) => one.broker === broker);
  const deaf =
    told?.isMetadataStuck === true
      ? 'it cannot write what is new in the metadata, and hears of no leader and no topic'
      : '';
  return [told?.noRoom ?? '', deaf].filter((text) => text !== '').join('; ');
}

function addressOf(broker: BrokerImage): string {
  const [endPoint] = broker.endPoints;
  return endPoint === undefined ? '' : `${endPoint.host}:${endPoint.port}`;
}

/** What to say while there is no controller: that no quorum can form, or that it is just forming, and which voters are missing. */
export function missingQuorum(quorum: Pick<QuorumDescription, 'voters'>): string {
  const missing = quorum.voters
    .filter((voter) => !voter.reachable)
    .map((voter: { readonly id: NodeId }) => voter.id);
  const count = quorum.voters.length;
  const needed = Math.floor(count / 2) + 1;
  const whom = missing.length === 0 ? '' : ` (missing: ${missing.join(', ')})`;
  if (count - missing.length >= needed) return `no controller: an election is under way${whom}`;
  return `no quorum: ${needed} of ${count} controllers must be there${whom}`;
}
