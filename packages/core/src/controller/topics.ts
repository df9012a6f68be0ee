// Creating and deleting topics, and giving them more partitions (C1, C10).

import {
  type AdminApi,
  type ClientRequest,
  type ClientResponse,
  type KafkaErrorName,
  type MetadataRecord,
  type Refusal,
  TOPIC_RESOURCE,
  type TopicImage,
  topicByName,
  topicSettingProblem,
} from '@odradek/model';
import {
  type Assignment,
  assignmentProblem,
  checkedAssignment,
  MAX_PARTITIONS_AT_ONCE,
  MAX_TOPICS_AT_ONCE,
  newPartitions,
  placed,
  placement,
} from './new-partitions.ts';
import { type PlacementBroker, placementBrokers, withPlaced } from './placement.ts';
import { type Decision, type Outcome, type Plan, refusal, refused, success } from './plan.ts';
import { plainNames, takeName, topicNameProblem } from './topic-names.ts';

type Body<Api extends AdminApi> = ClientRequest<Api>['body'];
type NewTopic = Body<'createTopics'>['topics'][number];
type CreatedTopic = ClientResponse<'createTopics'>['topics'][number];

/** Each topic is answered for itself; a refused one leaves no trace. `newId` gives the topics their ids. */
export function createTopics(
  plan: Plan,
  request: Body<'createTopics'>,
  newId: () => string,
): Decision<ClientResponse<'createTopics'>> {
  const problem = tooManyTopics(request.topics.length);
  if (problem !== undefined) return plan.done({ ...refused(problem), topics: [] });
  if (request.requestId.length > MAX_REQUEST_ID_LENGTH)
    return plan.done({ ...refused(requestIdTooLong(request.requestId.length)), topics: [] });
  const names = request.topics.map((topic) => topic.name);
  const work = new NewTopics(plan, newId, request.requestId);
  const topics = request.topics.map((topic) =>
    names.indexOf(topic.name) === names.lastIndexOf(topic.name)
      ? work.create(topic)
      : refusedTopic(topic, refusal('INVALID_REQUEST', `topic ${topic.name} is named twice`)),
  );
  // With `validateOnly` the same is decided, and thrown away.
  if (!request.validateOnly) plan.add(work.records);
  return plan.done({ ...success, topics });
}

/** It is kept with every topic. */
const MAX_REQUEST_ID_LENGTH = 64;

function requestIdTooLong(length: number): Refusal {
  const why = `the request id has ${length} characters: allowed are up to ${MAX_REQUEST_ID_LENGTH}`;
  return refusal('INVALID_REQUEST', why);
}

function tooManyTopics(count: number): Refusal | undefined {
  if (count <= MAX_TOPICS_AT_ONCE) return undefined;
  return refusal('POLICY_VIOLATION', `${count} topics: allowed are up to ${MAX_TOPICS_AT_ONCE} at once`);
}

function tooManyPartitions(count: number, left: number): Refusal | undefined {
  if (count <= left) return undefined;
  const why = `${count} partitions: one command may make ${MAX_PARTITIONS_AT_ONCE}, of which ${left} are left`;
  return refusal('POLICY_VIOLATION', why);
}

/** The topics of one command. The plan gets them as one: each addition copies the maps of all topics that there are. */
class NewTopics {
  readonly records: MetadataRecord[] = [];
  private readonly plan: Plan;
  private readonly newId: () => string;
  private readonly requestId: string;
  private readonly names: Map<string, string>;
  private brokers: readonly PlacementBroker[];
  private left = MAX_PARTITIONS_AT_ONCE;

  constructor(plan: Plan, newId: () => string, requestId: string) {
    this.plan = plan;
    this.newId = newId;
    this.requestId = requestId;
    this.names = plainNames(plan.image);
    this.brokers = placementBrokers(plan.image, plan.facts.lacksRoom);
  }

  create(topic: NewTopic): CreatedTopic {
    const { plan, newId, records } = this;
    const own = this.madeBefore(topic.name);
    if (own !== undefined) return own;
    const problem = topicNameProblem(this.names, topic.name) ?? configProblem(topic);
    if (problem !== undefined) return refusedTopic(topic, problem);
    const assignment =
      topic.assignment.length > 0
        ? checkedAssignment(plan, topic, topic.assignment)
        : placement(plan, topic, this.brokers);
    if ('error' in assignment) return refusedTopic(topic, assignment);
    const tooMany = tooManyPartitions(assignment.length, this.left);
    if (tooMany !== undefined) return refusedTopic(topic, tooMany);
    const topicId = newId();
    const partitions = newPartitions(plan, topicId, 0, assignment);
    if ('error' in partitions) return refusedTopic(topic, partitions);
    records.push(
      { type: 'TopicRecord', name: topic.name, topicId, requestId: this.requestId || null },
      ...topic.config.map(({ name, value }) => configRecord(topic.name, name, value)),
      ...partitions,
    );
    takeName(this.names, topic.name);
    this.brokers = withPlaced(this.brokers, assignment);
    this.left -= assignment.length;
    const replicationFactor = assignment[0]?.length ?? 0;
    return { ...success, name: topic.name, topicId, partitions: assignment.length, replicationFactor };
  }

  /** C1: the answer to this very command may have been lost, so it is asked again; what it has made then is no obstacle. */
  private madeBefore(name: string): CreatedTopic | undefined {
    const topic = topicByName(this.plan.image, name);
    if (topic === undefined || this.requestId === '' || topic.requestId !== this.requestId) return undefined;
    const { topicId, partitions } = topic;
    const replicationFactor = partitions[0]?.replicas.length ?? 0;
    return { ...success, name, topicId, partitions: partitions.length, replicationFactor };
  }
}

function refusedTopic({ name }: NewTopic, why: Refusal): CreatedTopic {
  return { ...refused(why), name, topicId: '', partitions: -1, replicationFactor: -1 };
}

/** A topic's setting as a record; a null value takes it away. */
export function configRecord(topic: string, name: string, value: string | null): MetadataRecord {
  return { type: 'ConfigRecord', resourceType: TOPIC_RESOURCE, resourceName: topic, name, value };
}

function configProblem({ config }: NewTopic): Refusal | undefined {
  for (const { name, value } of config) {
    const problem = topicSettingProblem(name, value);
    if (problem !== undefined) return refusal('INVALID_CONFIG', problem);
  }
  return undefined;
}

/** Each topic is answered for itself. */
export function createPartitions(
  plan: Plan,
  request: Body<'createPartitions'>,
): Decision<ClientResponse<'createPartitions'>> {
  const problem = tooManyTopics(request.topics.length);
  if (problem !== undefined) return plan.done({ ...refused(problem), topics: [] });
  let left = MAX_PARTITIONS_AT_ONCE;
  const topics = request.topics.map((more) => {
    const present = topicByName(plan.image, more.name)?.partitions.length ?? 0;
    const outcome = addPartitions(plan, more, left);
    if (outcome.error === 'NONE') left -= more.count - present;
    return { ...outcome, name: more.name };
  });
  return plan.done({ ...success, topics });
}

function addPartitions(plan: Plan, more: Body<'createPartitions'>['topics'][number], left: number): Outcome {
  const topic = topicByName(plan.image, more.name);
  if (topic === undefined) return refused(unknownTopic(more.name));
  const present = topic.partitions.length;
  const count = more.count - present;
  if (count < 1 || count > MAX_PARTITIONS_AT_ONCE)
    return refused(
      refusal(
        'INVALID_PARTITIONS',
        `topic ${topic.name} has ${present} partitions: allowed are ${present + 1} to ${present + MAX_PARTITIONS_AT_ONCE}`,
      ),
    );
  const tooMany = tooManyPartitions(count, left);
  if (tooMany !== undefined) return refused(tooMany);
  const assignment = moreReplicas(plan, topic, count, more.assignment);
  const records =
    'error' in assignment ? assignment : newPartitions(plan, topic.topicId, present, assignment);
  if ('error' in records) return refused(records);
  plan.add(records);
  return success;
}

function moreReplicas(
  plan: Plan,
  topic: TopicImage,
  count: number,
  assignment: Assignment,
): Assignment | Refusal {
  const factor = topic.partitions[0]?.replicas.length ?? 1;
  if (assignment.length === 0) {
    const brokers = placementBrokers(plan.image, plan.facts.lacksRoom);
    if (factor <= brokers.length) return placed(brokers, count, factor, topic.partitions.length);
    return refusal(
      'INVALID_REPLICATION_FACTOR',
      `topic ${topic.name} has ${factor} replicas, there are ${brokers.length} brokers`,
    );
  }
  if (assignment.length !== count)
    return refusal(
      'INVALID_REPLICA_ASSIGNMENT',
      `${count} partitions are new, but ${assignment.length} are assigned`,
    );
  return assignmentProblem(plan, assignment, factor) ?? assignment;
}

/** Each topic is answered for itself. Its partitions, settings and losses go with it. */
export function deleteTopics(
  plan: Plan,
  request: Body<'deleteTopics'>,
): Decision<ClientResponse<'deleteTopics'>> {
  const isAllowed = plan.facts.configuration.values['delete.topic.enable'];
  // Added as one: each addition copies the maps of all topics.
  const records: MetadataRecord[] = [];
  const topics = [...new Set(request.names)].map((name) => {
    const topic = topicByName(plan.image, name);
    if (!isAllowed)
      return { ...refused(refusal('TOPIC_DELETION_DISABLED', 'delete.topic.enable is false')), name };
    if (topic === undefined) return { ...refused(unknownTopic(name)), name };
    records.push({ type: 'RemoveTopicRecord', topicId: topic.topicId });
    return { ...success, name };
  });
  plan.add(records);
  return plan.done({ ...success, topics });
}

/** What is said of a topic that does not exist. */
export function unknownTopic(name: string): Refusal {
  const error: KafkaErrorName = 'UNKNOWN_TOPIC_OR_PARTITION';
  return refusal(error, `there is no topic ${JSON.stringify(name)}`);
}
