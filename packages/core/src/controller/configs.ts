// Changing settings, of a topic or of the whole cluster, and what that changes in partitions (C3, C5).

import {
  BROKER_RESOURCE,
  type ClientRequest,
  type ClientResponse,
  changedTogetherProblem,
  clusterSettingProblem,
  type MetadataRecord,
  NO_LEADER,
  topicByName,
  topicSettingProblem,
} from '@odradek/model';
import { decidePartitions, minInSyncOf } from './leadership.ts';
import { type Decision, type Plan, refusal, refused, success } from './plan.ts';
import { configRecord, unknownTopic } from './topics.ts';

const ALL_BROKERS = -1;

type Request = ClientRequest<'alterConfigs'>['body'];

/** All changes or none. */
export function alterConfigs(plan: Plan, request: Request): Decision<ClientResponse<'alterConfigs'>> {
  const { topic, changes, broker } = request;
  const isOfOneBroker = topic === null && broker !== ALL_BROKERS;
  if (topic !== null && topicByName(plan.image, topic) === undefined)
    return plan.done(refused(unknownTopic(topic)));
  if (isOfOneBroker && !plan.image.brokers.has(broker)) {
    const there = [...plan.image.brokers.keys()].toSorted((one, other) => one - other).join(', ');
    return plan.done(refused(refusal('INVALID_REQUEST', `there is no broker ${broker}; there are ${there}`)));
  }
  const problem = problemIn(plan, request, isOfOneBroker);
  if (problem !== undefined) return plan.done(refused(refusal('INVALID_CONFIG', problem)));
  const of = isOfOneBroker ? String(broker) : '';
  plan.add(
    changes.map(({ name, value }) =>
      topic === null ? clusterRecord(name, value, of) : configRecord(topic, name, value),
    ),
  );
  followSettings(plan);
  return plan.done(success);
}

function problemIn(plan: Plan, { topic, changes }: Request, isOfOneBroker: boolean): string | undefined {
  for (const { name, value } of changes) {
    const problem =
      topic === null ? clusterSettingProblem(name, value, isOfOneBroker) : topicSettingProblem(name, value);
    if (problem !== undefined) return problem;
  }
  return topic === null ? changedTogetherProblem(plan.facts.configuration, changes) : undefined;
}

/** A setting of all brokers, or of the one whose id is given, as a record. */
export function clusterRecord(name: string, value: string | null, resourceName = ''): MetadataRecord {
  return { type: 'ConfigRecord', resourceType: BROKER_RESOURCE, resourceName, name, value };
}

/**
 * Where `min.insync.replicas` has fallen to what is in sync, records are committed without the eligible replicas from now on:
 * they must not lead (C5, V15). Where unclean leaders are allowed now, a partition may have one.
 */
function followSettings(plan: Plan): void {
  decidePartitions(plan, ({ topic, state }) => {
    if (state.leader === NO_LEADER) return {};
    if (state.eligibleLeaderReplicas.length === 0) return undefined;
    const minInSync = minInSyncOf(plan.facts, plan.image, topic.name, state.replicas.length);
    return state.inSyncReplicas.length >= minInSync ? { inSyncReplicas: state.inSyncReplicas } : undefined;
  });
}
