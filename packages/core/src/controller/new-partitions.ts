// The replicas of new partitions: chosen by us or by a user, and the records that make them.

import {
  type AdminApi,
  type ClientRequest,
  type MetadataRecord,
  type NodeId,
  partitionRecord,
  type Refusal,
} from '@odradek/model';
import { type PlacementBroker, placeReplicas } from './placement.ts';
import { type Plan, refusal } from './plan.ts';

type NewTopic = ClientRequest<'createTopics' & AdminApi>['body']['topics'][number];

/** Replicas by partition, the first of each the preferred leader. */
export type Assignment = readonly (readonly NodeId[])[];

/** As in Kafka: what one command may write at most. */
export const MAX_PARTITIONS_AT_ONCE = 10_000;
/** Each topic of a command is decided for itself; a controller that decides for seconds is one that nobody hears (X6, X13). */
export const MAX_TOPICS_AT_ONCE = 1000;

/** The replicas of a topic that leaves their choice to us. */
export function placement(
  plan: Plan,
  topic: NewTopic,
  brokers: readonly PlacementBroker[],
): Assignment | Refusal {
  const { values } = plan.facts.configuration;
  const count = topic.partitions === -1 ? values['num.partitions'] : topic.partitions;
  if (count < 1 || count > MAX_PARTITIONS_AT_ONCE)
    return refusal(
      'INVALID_PARTITIONS',
      `${count} partitions: allowed are 1 to ${MAX_PARTITIONS_AT_ONCE} at once`,
    );
  const wanted =
    topic.replicationFactor === -1 ? values['default.replication.factor'] : topic.replicationFactor;
  const factor = wanted === -1 ? Math.min(3, Math.max(1, brokers.length)) : wanted;
  if (factor < 1 || factor > brokers.length)
    return refusal(
      'INVALID_REPLICATION_FACTOR',
      `replication factor ${factor}: with ${brokers.length} ${brokers.length === 1 ? 'broker' : 'brokers'} allowed is ${brokers.length < 1 ? 'none' : `1 to ${brokers.length}`}`,
    );
  return placed(brokers, count, factor);
}

/** Replicas of `count` partitions from `firstPartition` on: somebody must be alive to lead them, as in Kafka. */
export function placed(
  brokers: readonly PlacementBroker[],
  count: number,
  factor: number,
  firstPartition = 0,
): Assignment | Refusal {
  if (brokers.every((broker) => broker.isFenced))
    return refusal('INVALID_REPLICATION_FACTOR', 'all brokers are fenced: nobody is alive to lead');
  return placeReplicas(brokers, count, factor, firstPartition);
}

/** The replicas that a user has chosen. */
export function checkedAssignment(plan: Plan, topic: NewTopic, assignment: Assignment): Assignment | Refusal {
  const factor = assignment[0]?.length ?? 0;
  if (topic.partitions !== -1 && topic.partitions !== assignment.length)
    return refusal(
      'INVALID_REQUEST',
      `${topic.partitions} partitions, but ${assignment.length} are assigned`,
    );
  if (topic.replicationFactor !== -1 && topic.replicationFactor !== factor)
    return refusal(
      'INVALID_REQUEST',
      `replication factor ${topic.replicationFactor}, but ${factor} are assigned`,
    );
  return assignmentProblem(plan, assignment, factor) ?? assignment;
}

/** What is wrong with replicas that a user has chosen. */
export function assignmentProblem(plan: Plan, assignment: Assignment, factor: number): Refusal | undefined {
  const invalid = (why: string): Refusal => refusal('INVALID_REPLICA_ASSIGNMENT', why);
  if (assignment.length > MAX_PARTITIONS_AT_ONCE)
    return invalid(`${assignment.length} partitions: allowed are up to ${MAX_PARTITIONS_AT_ONCE} at once`);
  for (const [partition, replicas] of assignment.entries()) {
    const where = `partition ${partition} on ${replicas.join(':') || 'nobody'}`;
    if (replicas.length === 0 || replicas.length !== factor)
      return invalid(`${where}: every partition needs the same number of replicas, one at least`);
    if (new Set(replicas).size !== replicas.length) return invalid(`${where}: a broker is named twice`);
    const stranger = replicas.find((replica) => !plan.image.brokers.has(replica));
    if (stranger !== undefined)
      return invalid(
        `${where}: there is no broker ${stranger}, only ${[...plan.image.brokers.keys()].toSorted((one, other) => one - other).join(', ')}`,
      );
  }
  return undefined;
}

/** New partitions: in sync are those replicas that are alive and have room; the first of them leads. */
export function newPartitions(
  plan: Plan,
  topicId: string,
  firstPartition: number,
  assignment: Assignment,
): readonly MetadataRecord[] | Refusal {
  const records: MetadataRecord[] = [];
  for (const [index, replicas] of assignment.entries()) {
    const alive = replicas.filter((replica) => {
      const broker = plan.image.brokers.get(replica);
      return broker !== undefined && !broker.isFenced && !broker.isShuttingDown;
    });
    const withRoom = alive.filter((replica) => !plan.facts.lacksRoom(replica));
    // D6: who has none would refuse what clients send, and may hear of it only later. It joins as any that comes late (I3).
    const inSyncReplicas = withRoom.length > 0 ? withRoom : alive;
    const [leader] = inSyncReplicas;
    if (leader === undefined)
      return refusal(
        'INVALID_REPLICA_ASSIGNMENT',
        `partition ${firstPartition + index}: none of brokers ${replicas.join(', ')} is alive`,
      );
    const state = {
      replicas,
      directories: replicas.map((id) => plan.image.brokers.get(id)?.directoryIds[0] ?? UNASSIGNED_DIRECTORY),
      inSyncReplicas,
      eligibleLeaderReplicas: [],
      lastKnownLeaders: [],
      leader,
      leaderEpoch: 0,
      partitionEpoch: 0,
      isRecovering: false,
    };
    records.push(partitionRecord(topicId, firstPartition + index, state));
  }
  return records;
}

/** Kafka's id for "no directory was said". */
const UNASSIGNED_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAQ';
