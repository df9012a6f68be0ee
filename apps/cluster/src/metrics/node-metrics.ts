// All that Prometheus is told of one node, made when it asks.

import type { NodeMeasures } from '@odradek/core';
import {
  type Configuration,
  metadataVersion,
  SUPPORTED_METADATA_VERSION,
  topicSetting,
} from '@odradek/model';
import type { WatchedActor } from '@odradek/trace';
import { actorFamilies } from './actor-families.ts';
import { controllerFamilies, metadataFamilies } from './cluster-families.ts';
import { type Family, familyText, gauge } from './exposition.ts';
import { detailOf, partitionFamilies, replicaManagerFamilies } from './partition-families.ts';
import { type LoopDelay, processFamilies } from './process-families.ts';
import { flushFamilies, requestFamilies } from './request-families.ts';

export interface Measured {
  readonly configuration: Configuration;
  readonly version: string;
  readonly clusterId: string;
  readonly measures: NodeMeasures;
  /** The roots of the node's actors, and of its connections'. */
  readonly roots: readonly WatchedActor[];
  readonly connections: number;
  readonly loopDelay: LoopDelay;
}

/** So long the families of one turn of the event loop may take, but for the last of them. */
const TURN_MS = 1;

/** The text of all metrics. */
export function metricsText(measured: Measured): Promise<string> {
  return textInTurns(families(measured), () => performance.now());
}

/**
 * Nobody waits for all families at once: of thousands of partitions some take a millisecond. Nor has each a turn of its own: those of a
 * broker that takes thousands of places are long, and there were eighty.
 */
export async function textInTurns(told: Iterable<Family | undefined>, nowMs: () => number): Promise<string> {
  const texts: string[] = [];
  let beganMs = nowMs();
  for (const family of told) {
    if (family !== undefined) texts.push(familyText(family));
    if (nowMs() - beganMs < TURN_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    beganMs = nowMs();
  }
  return texts.join('');
}

/** `undefined`: others may have their turn, if it has lasted. */
export function* families(measured: Measured): Iterable<Family | undefined> {
  const { configuration, version, clusterId, measures, roots, connections, loopDelay } = measured;
  const { values } = configuration;
  const node = values['node.id'];
  yield gauge('odradek_info', 'This node.', [{ labels: { version, node, cluster: clusterId }, value: 1 }]);
  yield gauge('odradek_wall_clock_seconds', 'What time it is here, since 1970.', Date.now() / 1000);
  yield gauge('odradek_metadata_version', 'The level of the metadata.', metadataVersion(measures.image));
  yield gauge(
    'odradek_metadata_version_supported',
    'The highest level that this node knows.',
    SUPPORTED_METADATA_VERSION.max,
  );
  const byTopic = new Map<string, number>();
  const minInSyncReplicas = (topic: string): number => {
    const known = byTopic.get(topic);
    if (known !== undefined) return known;
    const found = topicSetting(measures.image, configuration, topic, 'min.insync.replicas');
    byTopic.set(topic, found);
    return found;
  };
  const detail = detailOf(measures.hosted, values['odradek.metrics.partition.limit']);
  yield* requestFamilies(measures);
  yield* replicaManagerFamilies(measures, { minInSyncReplicas });
  yield* partitionFamilies(measures, { detail, minInSyncReplicas });
  yield* flushFamilies(measures);
  yield* controllerFamilies(measures);
  yield* metadataFamilies(measures);
  yield* actorFamilies(roots);
  yield gauge(
    'kafka_server_socket_server_metrics_connection_count',
    'Open connections, of all protocols.',
    connections,
  );
  yield* loopDelay.families();
  yield* processFamilies();
}
