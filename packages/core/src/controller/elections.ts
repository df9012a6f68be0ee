// Elections that somebody asks for: an operator, or the clock that gives leadership back to the preferred replicas (C3).

import { cleanCandidates, isAcceptableLeader } from '@odradek/election';
import {
  type ClientRequest,
  type ClientResponse,
  type MetadataImage,
  type MetadataRecord,
  type NamedPartition,
  NO_LEADER,
  type NodeId,
  partitionKey,
  partitionsOf,
  type Refusal,
  topicByName,
} from '@odradek/model';
import { conditionOf, decidePartition, decidePartitions, noteQuestion } from './leadership.ts';
import { type Decision, type Facts, type Outcome, type Plan, refusal, refused, success } from './plan.ts';
import { unknownTopic } from './topics.ts';

type Request = ClientRequest<'electLeaders'>['body'];

const kinds = ['preferred', 'unclean', 'last known leader'] as const;
type Kind = (typeof kinds)[number];

/** Each partition is answered for itself. A decision with questions is taken again once they are answered. */
export function electLeaders(plan: Plan, request: Request): Decision<ClientResponse<'electLeaders'>> {
  const kind = kinds.find((one) => one === request.kind);
  if (kind === undefined) {
    const why = refusal('INVALID_REQUEST', `election "${request.kind}": allowed are ${kinds.join(', ')}`);
    return plan.done({ ...refused(why), partitions: [] });
  }
  // Added as one: each addition copies the map of all topics.
  const records: MetadataRecord[] = [];
  const seen = new Set<string>();
  const outcomes = request.partitions.map(({ topic, partition }) => {
    const named = namedPartition(plan.image, topic, partition);
    if (named === undefined) return refused(unknownPartition(plan.image, topic, partition));
    const key = partitionKey(named.topic.topicId, partition);
    if (seen.has(key)) return refused(refusal('INVALID_REQUEST', `${topic}-${partition} is named twice`));
    seen.add(key);
    return elect(plan, named, kind, records);
  });
  plan.add(records);
  const partitions = request.partitions.map(({ topic, partition }, index) => {
    const leader = namedPartition(plan.image, topic, partition)?.state.leader ?? NO_LEADER;
    return { ...(outcomes[index] ?? success), topic, partition, leader };
  });
  return plan.done({ ...success, partitions });
}

function namedPartition(image: MetadataImage, name: string, partition: number): NamedPartition | undefined {
  const topic = topicByName(image, name);
  const state = topic?.partitions[partition];
  return topic === undefined || state === undefined ? undefined : { topic, partition, state };
}

function unknownPartition(image: MetadataImage, name: string, partition: number): Refusal {
  const topic = topicByName(image, name);
  if (topic === undefined) return unknownTopic(name);
  const last = topic.partitions.length - 1;
  return refusal('UNKNOWN_TOPIC_OR_PARTITION', `topic ${name} has partitions 0 to ${last}, not ${partition}`);
}

function elect(plan: Plan, named: NamedPartition, kind: Kind, records: MetadataRecord[]): Outcome {
  const { state } = named;
  const isNeeded = kind === 'preferred' ? state.leader !== state.replicas[0] : state.leader === NO_LEADER;
  if (!isNeeded) return refused(refusal('ELECTION_NOT_NEEDED', `broker ${state.leader} leads already`));
  const problem = kind === 'preferred' ? preferredProblem(plan, named) : undefined;
  if (problem !== undefined) return refused(refusal('PREFERRED_LEADER_NOT_AVAILABLE', problem));
  const outcome = decidePartition(plan.facts, plan.image, named, { electionKind: kind });
  noteQuestion(plan, named, outcome);
  records.push(...outcome.records);
  if (outcome.election?.outcome === 'elected') return success;
  const awaited =
    outcome.election?.outcome === 'waiting' ? outcome.election.waitingFor : outcome.election?.replicas;
  return refused(
    refusal('ELIGIBLE_LEADERS_NOT_AVAILABLE', `it waits for broker ${awaited?.join(', ') ?? ''}`),
  );
}

/** Why the preferred replica does not lead, though it is asked for. */
function preferredProblem({ facts, image }: Plan, named: NamedPartition): string | undefined {
  const [preferred = NO_LEADER] = named.state.replicas;
  if (!canPreferredLead(facts, image, named)) return `broker ${preferred} is not alive and in sync`;
  return facts.lacksRoom(preferred) ? `broker ${preferred} has no room on its disk` : undefined;
}

function canPreferredLead(facts: Facts, image: MetadataImage, { state }: NamedPartition): boolean {
  const [preferred] = state.replicas;
  return (
    preferred !== undefined &&
    cleanCandidates(state).includes(preferred) &&
    isAcceptableLeader(conditionOf(facts, image, state)(preferred))
  );
}

/** Gives leadership back to the preferred replicas that can lead, where more of it is elsewhere than may be. */
export function rebalanceLeaders(plan: Plan): Decision<undefined> {
  const imbalanced = imbalancedBrokers(plan);
  decidePartitions(plan, (named) => {
    const [preferred] = named.state.replicas;
    const isWanted = isElsewhere(named) && preferred !== undefined && imbalanced.has(preferred);
    // D6: it would refuse what the present leader takes.
    const hasRoom = preferred !== undefined && plan.facts.hasLastingRoom(preferred);
    return isWanted && hasRoom && canPreferredLead(plan.facts, plan.image, named)
      ? { electionKind: 'preferred' }
      : undefined;
  });
  return plan.done(undefined);
}

/** How many partitions each broker without room has lost. */
export type Relieved = ReadonlyMap<NodeId, number>;

/**
 * D6: what a broker without room leads it refuses to write to. An in-sync replica that has had room for a while leads it instead, where there
 * is one; else all is left as it is. It is the clean election of C3, and comes back as any leadership does, once there is lasting room.
 */
export function relieveFullDisks(plan: Plan): Decision<Relieved> {
  const before = ledWithoutRoom(plan);
  decidePartitions(plan, ({ state: { leader } }) =>
    before.has(leader) ? { electionKind: 'with room' } : undefined,
  );
  const after = ledWithoutRoom(plan);
  const lost = [...before].map(([broker, count]) => [broker, count - (after.get(broker) ?? 0)] as const);
  return plan.done(new Map(lost.filter(([, count]) => count > 0)));
}

/** How many partitions are led by each broker without room. */
function ledWithoutRoom({ facts, image }: Plan): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, number>();
  for (const {
    state: { leader },
  } of partitionsOf(image))
    if (leader !== NO_LEADER && facts.lacksRoom(leader)) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  return counts;
}

/** Those with a larger share of the partitions that prefer them led by others than `leader.imbalance.per.broker.percentage` allows. */
function imbalancedBrokers({ facts, image }: Plan): ReadonlySet<NodeId> {
  const counts = new Map<NodeId, { all: number; elsewhere: number }>();
  for (const named of partitionsOf(image)) {
    const [preferred = NO_LEADER] = named.state.replicas;
    const count = counts.get(preferred) ?? { all: 0, elsewhere: 0 };
    counts.set(preferred, count);
    count.all += 1;
    if (isElsewhere(named)) count.elsewhere += 1;
  }
  const allowed = facts.configuration.values['leader.imbalance.per.broker.percentage'] / 100;
  const imbalanced = [...counts].filter(([, { all, elsewhere }]) => elsewhere > allowed * all);
  return new Set(imbalanced.map(([broker]) => broker));
}

function isElsewhere({ state: { leader, replicas } }: NamedPartition): boolean {
  return leader !== NO_LEADER && leader !== replicas[0];
}
