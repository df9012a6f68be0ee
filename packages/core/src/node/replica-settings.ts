// What roles and fetchers are told of the configuration.

import { type Configuration, type MetadataImage, topicSetting } from '@odradek/model';
import type { FetcherSettings, ReplicaSettings } from '@odradek/replication';

/** Until a proposal that was not answered is made again. */
export const PROPOSAL_RETRY_MS = 100;
/** A fetch that has waited this long at its leader does not hold up a partition that is newly followed. */
const NUDGE_AFTER_MS = 5;

/** Of a leader, by its topic. */
export function replicaSettings(
  image: MetadataImage,
  configuration: Configuration,
  topic: string,
): ReplicaSettings {
  return {
    minInSyncReplicas: topicSetting(image, configuration, topic, 'min.insync.replicas'),
    lagTimeMaxMs: configuration.values['replica.lag.time.max.ms'],
    proposalRetryMs: PROPOSAL_RETRY_MS,
  };
}

/** Of whoever fetches from one leader broker. */
export function fetcherSettings({ values }: Configuration): FetcherSettings {
  return {
    maxWaitMs: values['replica.fetch.wait.max.ms'],
    maxBytes: values['replica.fetch.response.max.bytes'],
    partitionMaxBytes: values['replica.fetch.max.bytes'],
    backOffMs: values['replica.fetch.backoff.ms'],
    answerTimeoutMs: values['replica.socket.timeout.ms'],
    nudgeAfterMs: NUDGE_AFTER_MS,
  };
}
