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
  newPartitions,
  placement,
} from './new-partitions.ts';
import { placementBrokers, placeReplicas } from './placement.ts';
import { type Decision, type Outcome, Plan, refusal, refused, success } from './plan.ts';
import { topicNameProblem } from './topic-names.ts';

type Body<Api extends AdminApi> = ClientRequest<Api>['body'];
type NewTopic = Body<'createTopics'>['topics'][number];
type CreatedTopic = ClientResponse<'createTopics'>['topics'][number];

/** Each topic is answered for itself; a refused one leaves no trace. `newId` gives the topics their ids. */
export function createTopics(
  plan: Plan,
  request: Body<'createTopics'>,
  newId: () => string,
): Decision<ClientResponse<'createTopics'>> {
  const names = request.topics.map((topic) => topic.name);
  // With `validateOnly` the same is decided, on a plan that is thrown away.
  const work = request.validateOnly ? new Plan(plan.facts, plan.image, plan.baseOffset) : plan;
  const topics = request.topics.map((topic) =>
    names.indexOf(topic.name) === names.lastIndexOf(topic.name)
      ? createTopic(work, topic, newId)
      : refusedTopic(topic, refusal('INVALID_REQUEST', `topic ${topic.name} is named twice`)),
  );
  return plan.done({ ...success, topics });
}

function createTopic(plan: Plan, topic: NewTopic, newId: () => string): CreatedTopic {
  const problem = topicNameProblem(plan.image, topic.name) ?? configProblem(topic);
  if (problem !== undefined) return refusedTopic(topic, problem);
  const assignment =
    topic.assignment.length > 0 ? checkedAssignment(plan, topic, topic.assignment) : placement(plan, topic);
  if ('error' in assignment) return refusedTopic(topic, assignment);
  const topicId = newId();
  const records = newPartitions(plan, topicId, 0, assignment);
  if ('error' in records) return refusedTopic(topic, records);
  plan.add([
    { type: 'TopicRecord', name: topic.name, topicId },
    ...topic.config.map(({ name, value }) => configRecord(topic.name, name, value)),
    ...records,
  ]);
  const replicationFactor = assignment[0]?.length ?? 0;
  return { ...success, name: topic.name, topicId, partitions: assignment.length, replicationFactor };
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
  const topics = request.topics.map((more) => ({ ...addPartitions(plan, more), name: more.name }));
  return plan.done({ ...success, topics });
}

function addPartitions(plan: Plan, more: Body<'createPartitions'>['topics'][number]): Outcome {
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
    const brokers = placementBrokers(plan.image);
    if (factor <= brokers.length) return placeReplicas(brokers, count, factor, topic.partitions.length);
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
  const topics = [...new Set(request.names)].map((name) => {
    const topic = topicByName(plan.image, name);
    if (!isAllowed)
      return { ...refused(refusal('TOPIC_DELETION_DISABLED', 'delete.topic.enable is false')), name };
    if (topic === undefined) return { ...refused(unknownTopic(name)), name };
    plan.add([{ type: 'RemoveTopicRecord', topicId: topic.topicId }]);
    return { ...success, name };
  });
  return plan.done({ ...success, topics });
}

/** What is said of a topic that does not exist. */
export function unknownTopic(name: string): Refusal {
  const error: KafkaErrorName = 'UNKNOWN_TOPIC_OR_PARTITION';
  return refusal(error, `there is no topic ${JSON.stringify(name)}`);
}
