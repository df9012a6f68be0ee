// Changing settings, of a topic or of the whole cluster, and what that changes in partitions (C3, C5).

import {
  BROKER_RESOURCE,
  type ClientRequest,
  type ClientResponse,
  clusterSettingProblem,
  type MetadataRecord,
  NO_LEADER,
  topicByName,
  topicSettingProblem,
} from '@odradek/model';
import { decidePartitions, minInSyncOf } from './leadership.ts';
import { type Decision, type Plan, refusal, refused, success } from './plan.ts';
import { configRecord, unknownTopic } from './topics.ts';

type Request = ClientRequest<'alterConfigs'>['body'];

/** All changes or none. */
export function alterConfigs(plan: Plan, request: Request): Decision<ClientResponse<'alterConfigs'>> {
  const { topic, changes } = request;
  if (topic !== null && topicByName(plan.image, topic) === undefined)
    return plan.done(refused(unknownTopic(topic)));
  for (const { name, value } of changes) {
    const problem = topic === null ? clusterSettingProblem(name, value) : topicSettingProblem(name, value);
    if (problem !== undefined) return plan.done(refused(refusal('INVALID_CONFIG', problem)));
  }
  plan.add(
    changes.map(({ name, value }) =>
      topic === null ? clusterRecord(name, value) : configRecord(topic, name, value),
    ),
  );
  followSettings(plan);
  return plan.done(success);
}

/** A setting of the cluster as a record. */
export function clusterRecord(name: string, value: string | null): MetadataRecord {
  return { type: 'ConfigRecord', resourceType: BROKER_RESOURCE, resourceName: '', name, value };
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
