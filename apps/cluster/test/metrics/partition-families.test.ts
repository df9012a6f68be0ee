import type { NodeMeasures } from '@odradek/core';
import { expect, it } from 'vitest';
import { familyText } from '../../src/metrics/exposition.ts';
import { detailOf, partitionFamilies, replicaManagerFamilies } from '../../src/metrics/partition-families.ts';
import { parseExposition, seriesValue } from '../support/exposition-parser.ts';

type Hosted = NodeMeasures['hosted'];

/** Partitions as the families look at them, led here, two followers each. */
function hosting(topics: number, partitions: number): Pick<NodeMeasures, 'hosted' | 'counters'> {
  const hosted = new Map<string, unknown>();
  for (let topic = 0; topic < topics; topic++)
    for (let partition = 0; partition < partitions; partition++)
      hosted.set(`${topic}:${partition}`, {
        name: { topic: `topic-${topic}`, topicId: String(topic), partition },
        failure: partition === 1 ? { kind: 'disk', error: 'EIO' } : undefined,
        place: { replicas: [1, 2, 3], inSyncReplicas: partition === 0 ? [1] : [1, 2, 3] },
        log: { logStartOffset: 0, logEndOffset: 100, flushedEndOffset: 90, sizeInBytes: 1000 },
        leader: {
          highWatermark: 80,
          log: { logStartOffset: 5 },
          describeEnds: () => [
            { broker: 1, logEndOffset: 100 },
            { broker: 2, logEndOffset: 100 - partition },
            { broker: 3, logEndOffset: -1 },
          ],
        },
        traffic: { recordsIn: 10, bytesIn: 1000, bytesOut: 500 },
      });
  const traffic = { recordsIn: 7777, bytesIn: 8888, bytesOut: 9999 };
  const inSync = { expands: 1, shrinks: 2, failed: 3 };
  return { hosted, counters: { traffic, inSync, replicationBytesOut: 5 } } as unknown as ReturnType<
    typeof hosting
  >;
}

function told(measures: Pick<NodeMeasures, 'hosted' | 'counters'>, limit: number) {
  const options = { detail: detailOf(measures.hosted as Hosted, limit), minInSyncReplicas: () => 2 };
  const whole = measures as NodeMeasures;
  const families = [...partitionFamilies(whole, options), ...replicaManagerFamilies(whole, options)];
  const text = families.map(familyText).join('');
  return { text, families: parseExposition(text) };
}

it('few partitions are told one by one', () => {
  const { families } = told(hosting(2, 3), 100);
  const labels = { topic: 'topic-1', partition: '2' };
  expect(seriesValue(families, 'kafka_log_log_logendoffset', labels)).toBe(100);
  expect(seriesValue(families, 'kafka_topic_partition_current_offset', labels)).toBe(80);
  expect(seriesValue(families, 'odradek_replica_lag_records', { ...labels, follower: '2' })).toBe(2);
  expect(seriesValue(families, 'odradek_replica_lag_records', { ...labels, follower: '3' })).toBe(-1);
  expect(
    seriesValue(families, 'kafka_cluster_partition_underminisr', { topic: 'topic-0', partition: '0' }),
  ).toBe(1);
});

it('more than the limit are told by topic: sums, the fewest in sync, the longest lag', () => {
  const { families } = told(hosting(2, 3), 5);
  const topic = { topic: 'topic-1' };
  expect(seriesValue(families, 'kafka_log_log_logendoffset', topic)).toBe(300);
  expect(seriesValue(families, 'kafka_cluster_partition_insyncreplicascount', topic)).toBe(1);
  expect(seriesValue(families, 'odradek_replica_lag_records', { ...topic, follower: '2' })).toBe(2);
  expect(seriesValue(families, 'kafka_cluster_partition_underminisr', topic)).toBe(1);
});

it('ten thousand topics are told as one, and traffic of the broker is what it counted itself', () => {
  const { families, text } = told(hosting(10_000, 1), 1000);
  expect(text.split('\n').length).toBeLessThan(100);
  expect(seriesValue(families, 'kafka_log_log_logendoffset')).toBe(1_000_000);
  expect(seriesValue(families, 'kafka_server_brokertopicmetrics_bytesin_total')).toBe(8888);
});

it('traffic is told of the broker and by topic, as Kafka tells it', () => {
  const { families } = told(hosting(2, 3), 100);
  const name = 'kafka_server_brokertopicmetrics_messagesin_total';
  expect(seriesValue(families, name)).toBe(7777);
  expect(seriesValue(families, name, { topic: 'topic-0' })).toBe(30);
});

it('the replica manager counts leaders, under-replicated ones, those below min.insync.replicas, failed logs', () => {
  const { families } = told(hosting(2, 3), 100);
  const value = (rest: string): number | undefined =>
    seriesValue(families, `kafka_server_replicamanager_${rest}`);
  expect(value('partitioncount')).toBe(6);
  expect(value('leadercount')).toBe(6);
  expect(value('underreplicatedpartitions')).toBe(2);
  expect(value('underminisrpartitioncount')).toBe(2);
  expect(value('offlinereplicacount')).toBe(2);
  expect(value('isrshrinks_total')).toBe(2);
});
