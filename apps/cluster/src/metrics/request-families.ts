// Requests and flushes for Prometheus. Requests are called as Kafka calls them.

import type { NodeMeasures, RequestCount } from '@odradek/core';
import { counter, type Family, gauge, histogram } from './exposition.ts';

/** Kafka's names where they are not ours with a capital. */
const kafkaNames: Readonly<Record<string, string>> = {
  fetch: 'FetchConsumer',
  fetchReplicas: 'FetchFollower',
  fetchMetadata: 'Fetch',
  describeTopic: 'DescribeTopicPartitions',
  clusterStatus: 'DescribeCluster',
  alterConfigs: 'IncrementalAlterConfigs',
  registerBroker: 'BrokerRegistration',
  alterPartitions: 'AlterPartition',
};

export function requestName(api: string): string {
  return kafkaNames[api] ?? api.charAt(0).toUpperCase() + api.slice(1);
}

interface Counted {
  readonly labels: { readonly request: string; readonly from: 'client' | 'node' };
  readonly count: RequestCount;
}

export function* requestFamilies({ counters, waiting }: NodeMeasures): Iterable<Family> {
  const counted: readonly Counted[] = [
    ...[...counters.clientRequests.byApi].map(([api, count]) => labelled(api, 'client', count)),
    ...[...counters.peerRequests.byApi].map(([api, count]) => labelled(api, 'node', count)),
  ];
  yield counter(
    'kafka_network_requestmetrics_requests_total',
    'Requests that have come, of clients and of other nodes.',
    counted.map(({ labels, count }) => ({ labels, value: count.requests })),
  );
  yield counter(
    'kafka_network_requestmetrics_errors_total',
    'Errors in answers: of requests as a whole, and of single partitions in them.',
    counted.flatMap(({ labels, count }) =>
      [...count.errors].map(([error, value]) => ({ labels: { ...labels, error }, value })),
    ),
  );
  yield histogram(
    'odradek_request_seconds',
    'From a request to its answer, with what it waited for: commits, records, the controller.',
    counted.map(({ labels, count }) => ({ labels, milliseconds: count.latencies })),
  );
  yield gauge(
    'odradek_waiting_requests',
    'Requests that wait: for commits, records, the controller.',
    waiting,
  );
}

function labelled(api: string, from: 'client' | 'node', count: RequestCount): Counted {
  return { labels: { request: requestName(api), from }, count };
}

export function* flushFamilies({ flushes, metadataFlushes }: NodeMeasures): Iterable<Family> {
  yield histogram('odradek_log_flush_seconds', 'How long one flush of one log took; _count: how many.', [
    { labels: { log: 'partition' }, milliseconds: flushes },
    { labels: { log: 'metadata' }, milliseconds: metadataFlushes },
  ]);
}
