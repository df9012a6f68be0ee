// An independent check: Apache Kafka's own DumpLogSegments reads what we write. It needs Java and a script that runs Kafka's programs
// (`SCRIPT run CLASS ARG…`), so it stands outside the tests: ODRADEK_KAFKA=SCRIPT node packages/storage/outside/kafka-dump.ts

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildBatch, textBytes } from '@odradek/format';
import {
  type BatchDump,
  defaultLogConfiguration,
  dumpLog,
  FlushGroup,
  LogDirectory,
  MemoryDisk,
  startNewLog,
} from '../src/index.ts';

const kafka = process.env.ODRADEK_KAFKA;
if (kafka === undefined) {
  console.error(
    'ODRADEK_KAFKA is not set: it names a script that runs Kafka’s programs (SCRIPT run CLASS ARG…).',
  );
  process.exit(2);
}

const waiting: (() => void)[] = [];
const later = (callback: () => void): void => void waiting.push(callback);
const settle = (): void => {
  for (let callback = waiting.shift(); callback !== undefined; callback = waiting.shift()) callback();
};
const clock = {
  nowMs: () => 0,
  wallMs: () => 0,
  setTimeout: (callback: () => void) => {
    later(callback);
    return 0;
  },
  clearTimeout: () => {},
};
const disk = new MemoryDisk({ later });
const log = writeLog();
const folder = mkdtempSync(join(tmpdir(), 'odradek-dump-'));
try {
  const wrong = compare(copyOut());
  for (const line of wrong) console.error(line);
  if (wrong.length === 0)
    console.log(
      `Kafka reads ${log.batches.length} batches in ${log.segments} segments as we do, and their indexes and snapshots.`,
    );
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A log with everything that we write: codecs, epochs, producers, headers, several segments. */
function writeLog(): { readonly batches: readonly BatchDump[]; readonly segments: number } {
  const directory = new LogDirectory({
    disk,
    clock,
    directoryId: 'AAAAAAAAAAAAAAAAAAAAAg',
    incarnation: 'AAAAAAAAAAAAAAAAAAAAAw',
    flushPolicy: 'commit',
  });
  const { opened, log } = startNewLog({
    ...{ disk, clock, directory, topic: 'orders', partition: 0, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
    configuration: () => ({ ...defaultLogConfiguration, 'segment.bytes': 4000, 'index.interval.bytes': 300 }),
    flushGroup: new FlushGroup({ policy: 'commit', clock }),
    listener: {
      opened: () => {},
      flushed: () => {},
      failed: (error) => {
        throw new Error(error);
      },
      damaged: ({ message }) => {
        throw new Error(message);
      },
    },
  });
  for (let index = 0; index < 120; index++) {
    const records = Array.from({ length: 1 + (index % 5) }, (_, at) => ({
      timestamp: 1_700_000_000_000 + index * 10 + at,
      key: at % 2 === 0 ? textBytes(`key-${index}`) : null,
      value: textBytes(`value ${index} ${'x'.repeat(index % 50)}`),
      headers: [{ name: 'n', value: textBytes(String(at)) }],
    }));
    const isCompressed = index % 7 === 0;
    const batch = buildBatch({
      records,
      ...(index % 3 === 0 ? { producerId: 1000, producerEpoch: 0, baseSequence: sequenceBefore(index) } : {}),
      ...(isCompressed
        ? { compression: { codec: 'gzip', compress: (bytes) => new Uint8Array(gzipSync(bytes)) } }
        : {}),
    });
    const options = {
      leaderEpoch: Math.floor(index / 40),
      wallMs: 1_700_000_000_000,
      origin: 'client',
    } as const;
    const result = log.appendAsLeader(batch, options);
    if (result.outcome !== 'appended') throw new Error(`batch ${index}: ${JSON.stringify(result)}`);
  }
  const segments = log.segmentBaseOffsets.length;
  opened.close(() => {});
  settle();
  const batches: BatchDump[] = [];
  dumpLog(
    { disk, path: 'orders-0', withRecords: false, onBatch: (batch) => void batches.push(batch) },
    () => {},
  );
  settle();
  return { batches, segments };
}

/** How many records the producer has sent before batch `index`. */
function sequenceBefore(index: number): number {
  let sequence = 0;
  for (let before = 0; before < index; before += 3) sequence += 1 + (before % 5);
  return sequence;
}

function copyOut(): readonly string[] {
  mkdirSync(join(folder, 'orders-0'));
  const names = disk.list('orders-0');
  for (const name of names)
    writeFileSync(join(folder, 'orders-0', name), disk.readFile(`orders-0/${name}`) ?? '');
  return names.filter((name) => /\.(log|index|timeindex|snapshot)$/.test(name));
}

/** What Kafka says, held against what we say; the differences. */
function compare(names: readonly string[]): readonly string[] {
  const files = names.map((name) => join(folder, 'orders-0', name)).join(',');
  const run = spawnSync(
    kafka ?? '',
    ['run', 'org.apache.kafka.tools.DumpLogSegments', '--deep-iteration', '--files', files],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (run.status !== 0) return [`Kafka's tool ended with ${run.status}: ${run.stderr}`];
  const lines = run.stdout.split('\n');
  const theirs = lines.filter((line) => line.startsWith('baseOffset: ')).map(facts);
  const ours = log.batches.map((batch) =>
    [
      batch.baseOffset,
      batch.lastOffset,
      batch.leaderEpoch,
      batch.position,
      batch.sizeInBytes,
      batch.crc,
      batch.codec,
    ].join(' '),
  );
  const complaints = lines.filter(
    (line) => /mismatch|corrupt|invalid|exception|out of order/i.test(line) && !/isvalid: true/i.test(line),
  );
  return [
    ...complaints,
    ...ours.flatMap((our, index) => (our === theirs[index] ? [] : [`ours ${our}, theirs ${theirs[index]}`])),
  ];
}

/** A batch's line: `baseOffset: 0 lastOffset: 2 count: 3 …`. */
function facts(line: string): string {
  const value = (name: string): string => new RegExp(`\\b${name}: (\\S+)`).exec(line)?.[1] ?? '?';
  return ['baseOffset', 'lastOffset', 'partitionLeaderEpoch', 'position', 'size', 'crc', 'compresscodec']
    .map(value)
    .join(' ');
}
