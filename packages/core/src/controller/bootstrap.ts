// What the metadata of a cluster must say before anything else is decided.

import {
  clusterConfig,
  METADATA_VERSION,
  type MetadataRecord,
  metadataVersion,
  SUPPORTED_METADATA_VERSION,
} from '@odradek/model';
import { clusterRecord } from './configs.ts';
import type { Decision, Plan } from './plan.ts';

/** The name of the setting by which leaders commit and the controller elects: they must agree on it (C5, L3). */
const MIN_IN_SYNC = 'min.insync.replicas';

/**
 * The level of the metadata, where no snapshot has said it yet; and `min.insync.replicas` as a setting of the cluster, as in
 * Kafka with ELR: were it each node's own, a leader could commit with fewer than the controller believes.
 */
export function bootstrap(plan: Plan): Decision<undefined> {
  const records: MetadataRecord[] = [];
  if (metadataVersion(plan.image) === 0)
    records.push({
      type: 'FeatureLevelRecord',
      name: METADATA_VERSION,
      featureLevel: SUPPORTED_METADATA_VERSION.max,
    });
  if (!clusterConfig(plan.image).has(MIN_IN_SYNC))
    records.push(clusterRecord(MIN_IN_SYNC, String(plan.facts.configuration.values[MIN_IN_SYNC])));
  plan.add(records);
  return plan.done(undefined);
}
