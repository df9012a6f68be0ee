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
  const { detail } = options;
  const all = [...hosted.values()];
  const of = (combine: Combine, value: (partition: Hosted) => number | undefined): Sample[] =>
    combined(all, detail, combine, (partition) => {
      const found = value(partition);
      return found === undefined ? [] : [{ labels: {}, value: found }];
    });
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
    combined(all, detail, largest, lags),
  );
  yield* trafficFamilies(all, detail, counters);
}

function* trafficFamilies(
  all: readonly Hosted[],
  detail: Detail,
  { traffic, replicationBytesOut }: NodeMeasures['counters'],
): Iterable<Family> {
  // Kafka tells traffic by topic, and without one that of the broker.
  const byTopic = (value: (partition: Hosted) => number, whole: number): Sample[] => [
    { labels: {}, value: whole },
    ...(detail === 'sum'
      ? []
      : combined(all, 'topic', sum, (partition) => [{ labels: {}, value: value(partition) }])),
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

function lags({ leader }: Hosted): readonly Sample[] {
  if (leader === undefined) return [];
  const [own, ...others] = leader.describeEnds();
  return others.map(({ broker, logEndOffset }) => ({
    labels: { follower: broker },
    value: logEndOffset < 0 ? -1 : Math.max(0, (own?.logEndOffset ?? 0) - logEndOffset),
  }));
}

/** Samples of each partition, put together as finely as `detail` says. */
function combined(
  all: readonly Hosted[],
  detail: Detail,
  combine: Combine,
  samplesOf: (partition: Hosted) => readonly Sample[],
): Sample[] {
  const byLabels = new Map<string, Sample>();
  for (const partition of all) {
    const place = labelsOf(partition, detail);
    const prefix = Object.values(place).join('/');
    for (const { labels, value } of samplesOf(partition)) {
      const key = `${prefix} ${Object.values(labels).join(' ')}`;
      const known = byLabels.get(key);
      const together = known === undefined ? value : combine(known.value, value);
      byLabels.set(key, { labels: known?.labels ?? { ...place, ...labels }, value: together });
    }
  }
  return [...byLabels.values()];
}

function labelsOf({ name }: Hosted, detail: Detail): Labels {
  if (detail === 'sum') return {};
  return detail === 'topic' ? { topic: name.topic } : { topic: name.topic, partition: name.partition };
}

/** What Kafka's replica manager counts of the replicas here. */
export function* replicaManagerFamilies(
  { hosted, counters }: NodeMeasures,
  options: Pick<PartitionFamiliesOptions, 'minInSyncReplicas'>,
): Iterable<Family> {
  const counts = { leading: 0, underReplicated: 0, underMin: 0, atMin: 0, offline: 0 };
  for (const partition of hosted.values()) {
    if (partition.state === 'failed') counts.offline += 1;
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
