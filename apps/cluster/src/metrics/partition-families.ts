// Partitions for Prometheus. Series of single partitions up to a limit; above it of topics, and with too many topics sums only, so that
// ten thousand partitions cost no more than one thousand.

import type { NodeMeasures } from '@odradek/core';
import { counter, type Family, gauge, type Labels, type Sample } from './exposition.ts';

type Hosted = NodeMeasures['hosted'] extends ReadonlyMap<string, infer One> ? One : never;

/** How finely partitions are told apart. */
export type Detail = 'partition' | 'topic' | 'sum';

export function detailOf(hosted: NodeMeasures['hosted'], limit: number): Detail {
  if (hosted.size <= limit) return 'partition';
  const topics = new Set<string>();
  for (const { name } of hosted.values()) topics.add(name.topic);
  return topics.size <= limit ? 'topic' : 'sum';
}

/** How values of several partitions become one. */
type Combine = (one: number, other: number) => number;
const sum: Combine = (one, other) => one + other;
const largest: Combine = Math.max;
const smallest: Combine = Math.min;

export interface PartitionFamiliesOptions {
  readonly detail: Detail;
  minInSyncReplicas(topic: string): number;
}

export function* partitionFamilies(
  { hosted, counters }: NodeMeasures,
  options: PartitionFamiliesOptions,
): Iterable<Family> {
  const groups = groupsOf(hosted, options.detail);
  const of = (combine: Combine, value: (partition: Hosted) => number | undefined): Sample[] =>
    combined(groups, combine, value);
  yield gauge(
    'kafka_log_log_logstartoffset',
    'The first offset of a replica’s log.',
    of(sum, ({ log }) => log?.logStartOffset),
  );
  yield gauge(
    'kafka_log_log_logendoffset',
    'The end (exclusive) of a replica’s log.',
    of(sum, ({ log }) => log?.logEndOffset),
  );
  yield gauge(
    'kafka_log_log_size',
    'The bytes of a replica’s log.',
    of(sum, ({ log }) => log?.sizeInBytes),
  );
  yield gauge(
    'odradek_log_flushed_end_offset',
    'How far a replica’s log is durable, as the flush policy asks.',
    of(sum, ({ log }) => log?.flushedEndOffset),
  );
  yield gauge(
    'kafka_topic_partition_current_offset',
    'The high watermark, told by the leader.',
    of(sum, ({ leader }) => leader?.highWatermark),
  );
  yield gauge(
    'kafka_topic_partition_oldest_offset',
    'Where the log begins, told by the leader.',
    of(sum, ({ leader }) => leader?.log.logStartOffset),
  );
  yield gauge(
    'kafka_cluster_partition_replicascount',
    'Replicas, told by the leader.',
    of(largest, ({ leader, place }) => leader && place.replicas.length),
  );
  yield gauge(
    'kafka_cluster_partition_insyncreplicascount',
    'Replicas in sync, told by the leader; the fewest of several partitions.',
    of(smallest, ({ leader, place }) => leader && place.inSyncReplicas.length),
  );
  yield gauge(
    'kafka_cluster_partition_underminisr',
    '1 where too few replicas are in sync to write with acks=all; how many of several partitions.',
    of(sum, (partition) => (partition.leader ? Number(isUnder(partition, options)) : undefined)),
  );
  yield gauge(
    'odradek_replica_lag_records',
    'How many records a follower has yet to fetch, as its leader knows it; the most of several partitions. -1: it has not fetched in this leader epoch.',
    lags(groups),
  );
  yield* trafficFamilies(hosted, options.detail, counters);
}

function* trafficFamilies(
  hosted: NodeMeasures['hosted'],
  detail: Detail,
  { traffic, replicationBytesOut }: NodeMeasures['counters'],
): Iterable<Family> {
  // Kafka tells traffic by topic, and without one that of the broker.
  const topics = detail === 'sum' ? [] : groupsOf(hosted, 'topic');
  const byTopic = (value: (partition: Hosted) => number, whole: number): Sample[] => [
    { labels: {}, value: whole },
    ...combined(topics, sum, value),
  ];
  yield counter(
    'kafka_server_brokertopicmetrics_messagesin_total',
    'Records that producers wrote here; of the broker, and by topic.',
    byTopic((partition) => partition.traffic.recordsIn, traffic.recordsIn),
  );
  yield counter(
    'kafka_server_brokertopicmetrics_bytesin_total',
    'Bytes of batches that producers wrote here; of the broker, and by topic.',
    byTopic((partition) => partition.traffic.bytesIn, traffic.bytesIn),
  );
  yield counter(
    'kafka_server_brokertopicmetrics_bytesout_total',
    'Bytes of batches that consumers read here; of the broker, and by topic.',
    byTopic((partition) => partition.traffic.bytesOut, traffic.bytesOut),
  );
  yield counter(
    'kafka_server_brokertopicmetrics_replicationbytesout_total',
    'Bytes of batches that followers were given here.',
    replicationBytesOut,
  );
}

function isUnder({ place, name }: Hosted, { minInSyncReplicas }: PartitionFamiliesOptions): boolean {
  return place.inSyncReplicas.length < Math.min(minInSyncReplicas(name.topic), place.replicas.length);
}

/** Partitions that have one series together. */
interface Group {
  readonly labels: Labels;
  readonly partitions: Hosted[];
}

/** Made once for all families: ten thousand partitions are grouped by text once, not once for each family. */
function groupsOf(hosted: NodeMeasures['hosted'], detail: Detail): readonly Group[] {
  if (detail === 'partition')
    return [...hosted.values()].map((partition) => {
      const { topic, partition: number } = partition.name;
      return { labels: { topic, partition: number }, partitions: [partition] };
    });
  const groups = new Map<string, Group>();
  for (const partition of hosted.values()) {
    const topic = detail === 'topic' ? partition.name.topic : '';
    const group = groups.get(topic) ?? { labels: detail === 'topic' ? { topic } : {}, partitions: [] };
    if (group.partitions.length === 0) groups.set(topic, group);
    group.partitions.push(partition);
  }
  return [...groups.values()];
}

/** One sample for each group in which somebody has the value. */
function combined(
  groups: readonly Group[],
  combine: Combine,
  valueOfOne: (partition: Hosted) => number | undefined,
): Sample[] {
  const samples: Sample[] = [];
  for (const { labels, partitions } of groups) {
    let value: number | undefined;
    for (const partition of partitions) {
      const one = valueOfOne(partition);
      if (one !== undefined) value = value === undefined ? one : combine(value, one);
    }
    if (value !== undefined) samples.push({ labels, value });
  }
  return samples;
}

/** The longest lag of each follower. */
function lags(groups: readonly Group[]): Sample[] {
  return groups.flatMap(({ labels, partitions }) => {
    const byFollower = new Map<number, number>();
    for (const { leader } of partitions) {
      const [own, ...others] = leader?.describeEnds() ?? [];
      for (const { broker, logEndOffset } of others) {
        const lag = logEndOffset < 0 ? -1 : Math.max(0, (own?.logEndOffset ?? 0) - logEndOffset);
        byFollower.set(broker, Math.max(byFollower.get(broker) ?? -1, lag));
      }
    }
    return [...byFollower].map(([follower, value]) => ({ labels: { ...labels, follower }, value }));
  });
}

/** What Kafka's replica manager counts of the replicas here. */
export function* replicaManagerFamilies(
  { hosted, counters }: NodeMeasures,
  options: Pick<PartitionFamiliesOptions, 'minInSyncReplicas'>,
): Iterable<Family> {
  const counts = { leading: 0, underReplicated: 0, underMin: 0, atMin: 0, offline: 0 };
  for (const partition of hosted.values()) {
    if (partition.failure !== undefined) counts.offline += 1;
    if (partition.leader === undefined) continue;
    const { replicas, inSyncReplicas } = partition.place;
    const minInSync = Math.min(options.minInSyncReplicas(partition.name.topic), replicas.length);
    counts.leading += 1;
    if (inSyncReplicas.length < replicas.length) counts.underReplicated += 1;
    if (inSyncReplicas.length < minInSync) counts.underMin += 1;
    if (inSyncReplicas.length === minInSync) counts.atMin += 1;
  }
  const name = (rest: string): string => `kafka_server_replicamanager_${rest}`;
  yield gauge(name('partitioncount'), 'Replicas at this broker.', hosted.size);
  yield gauge(name('leadercount'), 'Partitions that this broker leads.', counts.leading);
  yield gauge(
    name('underreplicatedpartitions'),
    'Partitions led here with replicas out of sync.',
    counts.underReplicated,
  );
  yield gauge(
    name('underminisrpartitioncount'),
    'Partitions led here that refuse acks=all: fewer are in sync than min.insync.replicas.',
    counts.underMin,
  );
  yield gauge(
    name('atminisrpartitioncount'),
    'Partitions led here that would refuse acks=all if one more replica fell out.',
    counts.atMin,
  );
  yield gauge(name('offlinereplicacount'), 'Replicas here whose log has failed.', counts.offline);
  const { expands, shrinks, failed } = counters.inSync;
  yield counter(name('isrexpands_total'), 'Replicas taken back into sync by leaders here.', expands);
  yield counter(name('isrshrinks_total'), 'Replicas found lagging by leaders here.', shrinks);
  yield counter(
    name('failedisrupdates_total'),
    'Changes of in-sync sets that the controller refused or did not answer.',
    failed,
  );
}
