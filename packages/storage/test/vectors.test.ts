import { createHash } from 'node:crypto';
import { checkBatch } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { checkLog } from '../src/check-log.ts';
import { decodeCleanShutdown, decodeEpochs, decodeOffsets } from '../src/checkpoint-files.ts';
import { type BatchDump, dumpLog } from '../src/dump-log.ts';
import { offsetOf } from '../src/file-names.ts';
import { FlushGroup } from '../src/flush-group.ts';
import { OffsetIndex, TimeIndex } from '../src/indexes.ts';
import { defaultLogConfiguration } from '../src/log-configuration.ts';
import { LogDirectory } from '../src/log-directory.ts';
import { startLog } from '../src/open-log.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../src/producer-snapshot.ts';
import type { ProducerEntry } from '../src/producer-state.ts';
import { DIRECTORY_ID, incarnationOf, TestBroker } from './support/broker.ts';
import { diskWithQueue, ManualClock } from './support/queue.ts';
import {
  type ExpectedPartition,
  type ExpectedProducer,
  type ExpectedRecord,
  inflateWith,
  type VectorCase,
  vectorCases,
} from './support/vectors.ts';

/** The disk with a partition of a case on it. */
function diskOf(vectors: VectorCase, directory: string) {
  const made = diskWithQueue({ bootId: 'boot' });
  made.disk.makeDirectory(directory);
  for (const [path, bytes] of vectors.files) {
    if (path.startsWith(`${directory}/`)) made.disk.writeFile(path, bytes);
  }
  return { ...made, compute: { inflate: inflateWith(made.queue.later) } };
}

/** A partition, opened after a clean end, or after one that left no checkpoint at all. */
function openPartition(
  vectors: VectorCase,
  directory: string,
  expected: ExpectedPartition,
  isClean: boolean,
) {
  const { disk, queue, compute } = diskOf(vectors, directory);
  const clock = new ManualClock();
  const dash = directory.lastIndexOf('-');
  if (isClean) {
    disk.writeFile('.kafka_cleanshutdown', new TextEncoder().encode('{"version":0,"brokerEpoch":11}'));
    const start = `0\n1\n${directory.slice(0, dash)} ${directory.slice(dash + 1)} ${expected.logStartOffset}\n`;
    disk.writeFile('log-start-offset-checkpoint', new TextEncoder().encode(start));
  } else {
    for (const name of disk.list(directory))
      if (!name.endsWith('.log') && name !== 'partition.metadata') disk.remove(`${directory}/${name}`);
  }
  const told: string[] = [];
  const opened = startLog({
    ...{ disk, clock, compute },
    directory: new LogDirectory({
      ...{ disk, clock, directoryId: DIRECTORY_ID, incarnation: incarnationOf(1) },
      flushPolicy: 'commit',
    }),
    topic: directory.slice(0, dash),
    partition: Number(directory.slice(dash + 1)),
    topicId: expected.topicId ?? 'AAAAAAAAAAAAAAAAAAAAAQ',
    configuration: () => ({
      ...defaultLogConfiguration,
      'index.interval.bytes': Number(expected.config?.['index.interval.bytes'] ?? 4096),
      'cleanup.policy': ['compact'],
    }),
    flushGroup: new FlushGroup({ policy: 'commit', clock }),
    listener: {
      opened: () => {},
      flushed: () => {},
      failed: (error) => void told.push(error),
      damaged: (damage) => void told.push(damage.message),
    },
  });
  const settle = (): void => {
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(0);
      queue.run();
    }
  };
  settle();
  const { log } = opened;
  if (log === undefined) throw new Error(`not opened: ${told}`);
  return { log, opened, disk, settle };
}

function dumpOf(vectors: VectorCase, directory: string, withRecords: boolean): Map<string, BatchDump[]> {
  const { disk, queue, compute } = diskOf(vectors, directory);
  const files = new Map<string, BatchDump[]>();
  const onBatch = (batch: BatchDump, file: string): void => {
    files.set(file, [...(files.get(file) ?? []), batch]);
  };
  let faults: unknown;
  dumpLog({ disk, path: directory, withRecords, compute, onBatch }, (dumped) => {
    faults = dumped.filter((one) => one.fault !== undefined);
  });
  queue.run();
  expect(faults).toEqual([]);
  return files;
}

type Text = ExpectedRecord['key'];

/** Bytes in the form of the vectors. */
function textOf(bytes: Uint8Array | null): Text {
  if (bytes === null) return null;
  if (bytes.length > 1024)
    return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  return Buffer.from(bytes).toString('base64');
}

function producerOf(entry: ProducerEntry): ExpectedProducer {
  const last = entry.batches.at(-1);
  return {
    producerId: entry.producerId,
    producerEpoch: entry.producerEpoch,
    firstSequence: last?.firstSequence ?? -1,
    lastSequence: last?.lastSequence ?? -1,
    lastOffset: last?.lastOffset ?? -1,
    offsetDelta: last === undefined ? null : last.lastOffset - last.firstOffset,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnFirstOffset: entry.transactionFirstOffset < 0 ? null : entry.transactionFirstOffset,
  };
}

const byId = (a: { producerId: number }, b: { producerId: number }): number => a.producerId - b.producerId;

const partitions = vectorCases().flatMap((vectors) =>
  Object.entries(vectors.expected.partitions ?? {}).map(
    ([directory, expected]) => [`${vectors.name}/${directory}`, vectors, directory, expected] as const,
  ),
);

describe.each(partitions)('vectors: %s', (_, vectors, directory, expected) => {
  const filesHere = (extension: string): [string, Uint8Array][] =>
    [...vectors.files].filter(([path]) => path.startsWith(`${directory}/`) && path.endsWith(extension));

  it('vectors: every batch has the header that Kafka reads', () => {
    const dumped = dumpOf(vectors, directory, false);
    for (const { file, batches } of expected.segments) {
      const wanted = batches.map((batch) => ({
        baseOffset: batch.baseOffset,
        lastOffset: batch.lastOffset,
        baseSequence: batch.baseSequence,
        lastSequence: batch.lastSequence,
        producerId: batch.producerId,
        producerEpoch: batch.producerEpoch,
        leaderEpoch: batch.partitionLeaderEpoch,
        isTransactional: batch.isTransactional,
        isControl: batch.isControl,
        position: batch.position,
        sizeInBytes: batch.size,
        crc: batch.crc,
        codec: batch.compresscodec,
        timestampType: batch.timestampType,
        maxTimestamp: batch.maxTimestamp,
      }));
      expect(dumped.get(`${directory}/${file}`) ?? []).toEqual(wanted);
    }
  });

  it('vectors: every record has the values that Kafka reads', () => {
    const records = [...dumpOf(vectors, directory, true).values()]
      .flat()
      .filter((batch) => !batch.isControl)
      .flatMap((batch) => batch.records ?? [])
      .filter(({ offset }) => offset >= expected.logStartOffset)
      .map(({ offset, timestamp, key, value, headers }) => ({
        ...{ offset, timestamp, key: textOf(key), value: textOf(value) },
        headers: headers.map(([name, bytes]) => [name, textOf(bytes)]),
      }));
    const wanted = expected.records.map(({ offset, timestamp, key, value, headers }) => ({
      ...{ offset, timestamp, key, value },
      headers,
    }));
    expect(records).toEqual(wanted);
  });

  it('vectors: indexes, epochs and snapshots are read to the same values', () => {
    for (const { file, index, timeIndex } of expected.segments) {
      const name = file.slice(0, -'.log'.length);
      const base = offsetOf(file, '.log') ?? -1;
      const offsets = new OffsetIndex(base, vectors.files.get(`${directory}/${name}.index`));
      const times = new TimeIndex(base, vectors.files.get(`${directory}/${name}.timeindex`));
      const entries = Array.from({ length: offsets.count }, (__, at) => offsets.entry(at));
      expect(entries.map(({ offset, position }) => [offset, position])).toEqual(index);
      const timeEntries = Array.from({ length: times.count }, (__, at) => times.entry(at));
      expect(timeEntries.map(({ timestamp, offset }) => [timestamp, offset])).toEqual(timeIndex);
    }
    const epochs = vectors.files.get(`${directory}/leader-epoch-checkpoint`);
    if (epochs !== undefined) expect(decodeEpochs(epochs)).toEqual(expected.leaderEpochs);
    for (const { file, producers } of expected.producerSnapshots) {
      const bytes = vectors.files.get(`${directory}/${file}`) ?? new Uint8Array(0);
      const entries = decodeProducerSnapshot(bytes) ?? [];
      expect(entries.map(producerOf).sort(byId)).toEqual([...producers].sort(byId));
      expect([...encodeProducerSnapshot(entries)]).toEqual([...bytes]);
    }
  });

  it('vectors: the log opens after a clean end, with the ends, epochs and producers that Kafka has', () => {
    const { log } = openPartition(vectors, directory, expected, true);
    const lastBatch = expected.segments.at(-1)?.batches.at(-1);
    const end = expected.logEndOffset ?? (lastBatch?.lastOffset ?? -1) + 1;
    expect([log.logStartOffset, log.logEndOffset]).toEqual([expected.logStartOffset, end]);
    const wanted = expected.leaderEpochs.filter(({ startOffset }) => startOffset < end);
    expect(log.epochs.length).toBe(wanted.length);
    expect(log.epochs.map(({ epoch }) => epoch)).toEqual(wanted.map(({ epoch }) => epoch));
    const producers = expected.producerSnapshots.at(-1)?.producers ?? [];
    expect(log.producers.map(producerOf).sort(byId)).toEqual([...producers].sort(byId));
  });

  it('vectors: without any cache it opens to the same, and its caches are those that Kafka wrote', () => {
    const { log, opened, disk, settle } = openPartition(vectors, directory, expected, false);
    const lastSegment = expected.segments.at(-1);
    expect(log.logEndOffset).toBeGreaterThanOrEqual((lastSegment?.batches.at(-1)?.lastOffset ?? -1) + 1);
    const isCleaned = vectors.name.startsWith('compact') || vectors.name.startsWith('delete-records');
    if (isCleaned || directory.startsWith('__')) return;
    // An epoch without a record is told by its file alone.
    expect(log.epochs).toEqual(expected.leaderEpochs.filter((one) => one.startOffset < log.logEndOffset));
    opened.close(() => {});
    settle();
    for (const [path, bytes] of [...filesHere('.index'), ...filesHere('.timeindex')]) {
      expect([path, Buffer.from(disk.readFile(path) ?? [])]).toEqual([path, Buffer.from(bytes)]);
    }
  });

  it('vectors: finds the records by time that Kafka finds', () => {
    const { log, settle } = openPartition(vectors, directory, expected, true);
    if (expected.offsetsForTimestampsNote !== undefined) return;
    for (const { timestamp, offset, found } of expected.offsetsForTimestamps ?? []) {
      let answer: unknown = 'none came';
      log.offsetForTimestamp(timestamp, (result) => {
        answer =
          result === undefined
            ? [-1, -1]
            : 'error' in result
              ? result.error
              : [result.offset, result.timestamp];
      });
      settle();
      expect([timestamp, answer]).toEqual([timestamp, [offset, found]]);
    }
  });

  it('vectors: `log check` has nothing to say', () => {
    const { disk, queue } = diskOf(vectors, directory);
    let problems: unknown;
    checkLog({ disk, path: directory }, (check) => {
      problems = check.problems;
    });
    queue.run();
    expect(problems).toEqual([]);
  });
});

const loose = vectorCases().flatMap((vectors) =>
  (vectors.expected.cases ?? []).map((one) => [`${vectors.name}/${one.name}`, vectors, one] as const),
);

describe('vectors: single files of batches', () => {
  it.each(loose.filter(([, , { group, name }]) => group === 'legacy' && name !== 'v2-then-v1'))(
    'vectors: %s is refused by name',
    (_, vectors, one) => {
      const check = checkBatch(vectors.files.get(one.file) ?? new Uint8Array(0));
      expect(check).toMatchObject({ ok: false, fault: 'LEGACY_MAGIC' });
    },
  );

  /** Damage inside of what is compressed, which only those see who look at the records. Node lets be what follows a frame of zstd. */
  const codecDamage = loose.filter(
    ([, , { group, name, produce }]) =>
      group === 'damaged' &&
      /^(gzip|snappy|lz4|zstd)-/.test(name) &&
      name !== 'zstd-stream-trailing' &&
      produce.error !== 'NONE',
  );
  it.each(codecDamage)(
    'vectors: %s: what is damaged below the checksum is bad records',
    (_, vectors, one) => {
      const { disk, queue } = diskWithQueue();
      disk.writeFile('file.log', vectors.files.get(one.file) ?? new Uint8Array(0));
      const compute = { inflate: inflateWith(queue.later) };
      let fault: { readonly name: string } | undefined;
      dumpLog({ disk, path: 'file.log', withRecords: true, compute, onBatch: () => {} }, ([dumped]) => {
        fault = dumped?.fault;
      });
      queue.run();
      expect(fault?.name).toBe('BAD_RECORDS');
    },
  );

  it.each(loose)(
    'vectors: %s: dump and check end, and what is valid is read to its end',
    (_, vectors, one) => {
      const { disk, queue } = diskWithQueue();
      const bytes = vectors.files.get(one.file) ?? new Uint8Array(0);
      disk.writeFile('file.log', bytes);
      const compute = { inflate: inflateWith(queue.later) };
      let fault: { readonly name: string } | undefined;
      let validBytes = -1;
      dumpLog({ disk, path: 'file.log', withRecords: true, compute, onBatch: () => {} }, ([dumped]) => {
        fault = dumped?.fault;
        validBytes = dumped?.validBytes ?? -1;
      });
      queue.run();
      expect(validBytes).toBeGreaterThanOrEqual(0);
      if (one.group === 'legacy') expect(fault?.name).toBe('LEGACY_MAGIC');
      if (one.group === 'valid') expect([fault, validBytes]).toEqual([undefined, bytes.length]);
      // No more of a file is taken for sound than Kafka would keep of it.
      if (one.recover.kept !== undefined && one.group === 'damaged')
        expect(validBytes).toBeLessThanOrEqual(one.recover.kept);
    },
  );
});

/** Refused by Kafka for want of a right, before it looks at the batch. */
const NOT_LOOKED_AT = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';

/** Kafka takes them, and puts them right or lets them be. */
const stricter = ['v2-delete-horizon', 'v2-max-timestamp-lies', 'v2-spare-attribute-bits'];
/** Kafka looks at what follows a batch before it counts batches, and at a length before the magic. */
const namedOtherwise = ['zeros', 'good-then-zeros', 'good-then-noise', 'length-max'];

describe('vectors: X4: a leader refuses what Kafka refuses', () => {
  const uncompressed = loose.filter(([, vectors, one]) => {
    const bytes = vectors.files.get(one.file) ?? new Uint8Array(0);
    // What lies inside a compressed batch is not looked at on the way in.
    return (
      one.produce?.error !== undefined && one.produce.error !== NOT_LOOKED_AT && ((bytes[22] ?? 0) & 7) === 0
    );
  });

  it.each(uncompressed)('vectors: %s', (_, vectors, one) => {
    const bytes = (vectors.files.get(one.file) ?? new Uint8Array(0)).slice();
    // As in the request that Kafka was sent: the base offset is the log's to give.
    if (!one.name.includes('offset')) bytes.fill(0, 0, Math.min(8, bytes.length));
    const result = new TestBroker().create().appendAsLeader(bytes, {
      leaderEpoch: 0,
      wallMs: 1_800_000_000_000,
      origin: 'client',
    });
    if (one.produce.error !== 'NONE') expect(result.outcome).toBe('refused');
    else if (one.group === 'valid' && !stricter.includes(one.name)) expect(result.outcome).toBe('appended');
    if (result.outcome === 'refused' && one.produce.error !== 'NONE' && !namedOtherwise.includes(one.name))
      expect([one.name, result.error]).toEqual([one.name, one.produce.error]);
  });
});

describe('vectors: the checkpoints of a log directory', () => {
  const directories = vectorCases().filter(({ name }) => name.startsWith('log-dir'));
  it.each(directories)('vectors: $name', ({ files }) => {
    const offsets = (name: string) => decodeOffsets(files.get(name) ?? new Uint8Array(0));
    expect(offsets('log-start-offset-checkpoint')?.get('delete-records-0')).toBe(61);
    expect(offsets('recovery-point-offset-checkpoint')?.get('segments-0')).toBe(257);
    expect(offsets('replication-offset-checkpoint')?.get('__transaction_state-0')).toBe(257);
    expect(decodeCleanShutdown(files.get('kafka_cleanshutdown') ?? new Uint8Array(0))).toBe(11);
  });
});
