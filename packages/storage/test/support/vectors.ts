// Logs that Apache Kafka 4.3.1 wrote, from what is committed here and from the folder that ODRADEK_VECTORS names.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compute, inflateInSlices } from '@odradek/model';

export interface ExpectedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly partitionLeaderEpoch: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly position: number;
  readonly size: number;
  readonly crc: number;
  readonly compresscodec: string;
  readonly timestampType: string;
  readonly maxTimestamp: number;
}

type Text = string | null | { readonly length: number; readonly sha256: string };

export interface ExpectedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Text;
  readonly value: Text;
  readonly headers: readonly (readonly [name: string, value: Text])[];
}

export interface ExpectedPartition {
  readonly topicId: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly logStartOffset: number;
  readonly logEndOffset?: number;
  readonly records: readonly ExpectedRecord[];
  readonly segments: readonly {
    readonly file: string;
    readonly size: number;
    readonly batches: readonly ExpectedBatch[];
    readonly index: readonly (readonly [number, number])[];
    readonly timeIndex: readonly (readonly [number, number])[];
  }[];
  readonly leaderEpochs: readonly { readonly epoch: number; readonly startOffset: number }[];
  readonly producerSnapshots: readonly {
    readonly file: string;
    readonly producers: readonly ExpectedProducer[];
  }[];
  readonly offsetsForTimestamps?: readonly {
    readonly timestamp: number;
    readonly offset: number;
    readonly found: number;
  }[];
  readonly offsetsForTimestampsNote?: string;
}

export interface ExpectedProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly offsetDelta: number | null;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnFirstOffset: number | null;
}

export interface LooseCase {
  readonly name: string;
  readonly file: string;
  readonly group: 'valid' | 'legacy' | 'damaged';
  readonly produce: { readonly error: string };
  readonly recover: { readonly outcome: string; readonly kept?: number };
}

export interface VectorCase {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly expected: {
    readonly partitions?: Readonly<Record<string, ExpectedPartition>>;
    readonly cases?: readonly LooseCase[];
  };
}

/** The committed cases, and those of the folder outside. */
export function vectorCases(): readonly VectorCase[] {
  const committed = join(import.meta.dirname, '../vectors');
  const cases = readdirSync(committed)
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => packedCase(name.slice(0, -'.json.gz'.length), join(committed, name)));
  const outside = process.env.ODRADEK_VECTORS;
  if (outside === undefined) return cases;
  const folder = join(outside, 'kafka-log');
  const more = readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .map((name) => folderCase(name, join(folder, name)));
  return [...cases, ...more];
}

function packedCase(name: string, path: string): VectorCase {
  const packed = JSON.parse(gunzipSync(readFileSync(path)).toString()) as {
    files: Record<string, string>;
    expected?: VectorCase['expected'];
  };
  const files = new Map(
    Object.entries(packed.files).map(([file, content]) => [
      file,
      new Uint8Array(Buffer.from(content, 'base64')),
    ]),
  );
  return { name, files, expected: packed.expected ?? {} };
}

function folderCase(name: string, path: string): VectorCase {
  const files = new Map<string, Uint8Array>();
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory)) {
      const file = join(directory, entry);
      if (statSync(file).isDirectory()) walk(file);
      else if (entry !== 'expected.json') files.set(relative(path, file), new Uint8Array(readFileSync(file)));
    }
  };
  walk(path);
  const expected = join(path, 'expected.json');
  const read = existsSync(expected) ? JSON.parse(readFileSync(expected, 'utf8')) : {};
  return { name: `${name} (outside)`, files, expected: read as VectorCase['expected'] };
}

/** All of Kafka's codecs: Node's own, and ours. */
export function inflateWith(later: (callback: () => void) => void): Compute['inflate'] {
  return (codec, bytes, maxBytes, done) => {
    if (codec === 'snappy' || codec === 'lz4') return inflateInSlices(codec, bytes, maxBytes, later, done);
    const inflate = { gzip: gunzipSync, zstd: zstdDecompressSync }[codec as string];
    later(() => {
      if (inflate === undefined) return done({ error: 'UNSUPPORTED' });
      try {
        done(new Uint8Array(inflate(bytes, { maxOutputLength: maxBytes })));
      } catch {
        // Whatever zlib says, the bytes are not what they should be.
        done({ error: 'CORRUPT' });
      }
    });
  };
}
