// The producer's public face: promises over the engine.

import { textBytes } from '@odradek/format';
import { OdradekError } from './errors.ts';
import { type FacePorts, wholeNumber } from './face-ports.ts';
import type { EncodedRecord } from './producer/batch.ts';
import { ProducerEngine, type ProducerSettings } from './producer/producer-engine.ts';
import type { Content, Producer, ProducerOptions, ProducerRecord, RecordPlace } from './types.ts';

export function createProducer(name: string, ports: FacePorts, options: ProducerOptions): Producer {
  const { clock } = ports.cluster;
  const engine = new ProducerEngine(name, ports.cluster, settingsOf(options), {
    compute: ports.compute,
    soon: ports.soon,
    renumbered: (topic, partition, reason) =>
      ports.onEvent({ type: 'sequence restarted', topic, partition, reason }),
  });
  return {
    send(record) {
      return new Promise<RecordPlace>((resolve, reject) => {
        const { topic } = record;
        engine.send(
          topic,
          partitionOf(record),
          encoded(record, clock.wallMs()),
          (error, partition, offset) => {
            if (error === undefined) resolve({ topic, partition, offset });
            else reject(error);
          },
        );
      });
    },
    flush: () => new Promise((resolve) => engine.flush(resolve)),
    close: ({ timeoutMs } = {}) => {
      const withinMs = timeoutMs === undefined ? undefined : wholeNumber('timeoutMs', timeoutMs, 0);
      return new Promise((resolve) => engine.close(resolve, withinMs));
    },
  };
}

function settingsOf(options: ProducerOptions): ProducerSettings {
  const acks = { all: -1, 1: 1, 0: 0 }[options.acks ?? 'all'];
  if (acks === undefined)
    throw new OdradekError('INVALID_REQUIRED_ACKS', `acks is ${options.acks}: it must be "all", 1 or 0`);
  const compression = options.compression ?? 'none';
  if (compression !== 'none' && compression !== 'gzip')
    throw new OdradekError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `compression is ${compression}: it must be none or gzip`,
    );
  const isIdempotent = options.idempotence ?? acks !== 0;
  if (isIdempotent && acks === 0)
    throw new OdradekError('INVALID_CONFIG', 'idempotence needs answers: acks must be "all" or 1');
  return {
    acks,
    isIdempotent,
    compression,
    batchSize: wholeNumber('batchSize', options.batchSize, 64 * 1024, 1),
    lingerMs: wholeNumber('lingerMs', options.lingerMs, 5),
    bufferMemory: wholeNumber('bufferMemory', options.bufferMemory, 32 * 1024 * 1024, 1),
    maxBlockMs: wholeNumber('maxBlockMs', options.maxBlockMs, 60_000),
    deliveryTimeoutMs: wholeNumber('deliveryTimeoutMs', options.deliveryTimeoutMs, 120_000, 1),
    maxRequestSize: wholeNumber('maxRequestSize', options.maxRequestSize, 1024 * 1024, 1),
  };
}

function partitionOf({ topic, partition }: ProducerRecord): number | undefined {
  if (partition === undefined || (Number.isSafeInteger(partition) && partition >= 0)) return partition;
  throw new OdradekError('INVALID_PARTITIONS', `${topic}: partition ${partition} is no whole number from 0`);
}

function encoded(record: ProducerRecord, nowMs: number): EncodedRecord {
  const timestamp = record.timestamp ?? Math.round(nowMs);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw new OdradekError(
      'INVALID_TIMESTAMP',
      `${record.topic}: timestamp ${timestamp} is no ms since 1970`,
    );
  return {
    timestamp,
    key: bytesOf(record.key ?? null),
    value: bytesOf(record.value),
    headers: record.headers?.map(({ name, value }) => ({ name, value: bytesOf(value) })),
  };
}

function bytesOf(content: Content | null): Uint8Array | null {
  return typeof content === 'string' ? textBytes(content) : content;
}
