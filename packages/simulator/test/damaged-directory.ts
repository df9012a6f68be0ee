// A node's directory after some work, and what a broken disk or a wrong hand makes of one of its files.

import { buildBatch, readRecords, textBytes, walkBatches } from '@odradek/format';
import type { Disk } from '@odradek/model';
import { HonestClient, WiredCluster } from '../src/hostile/wired-cluster.ts';
import type { SeededRandom } from '../src/seeded-random.ts';

const TOPIC = 'laser';
const RECORDS = 60;
const hmac = (): Uint8Array => new Uint8Array(32);

/** What was written, by offset. */
export type Contents = ReadonlyMap<number, string>;

/** The files of a directory by their paths. */
export type Files = ReadonlyMap<string, Uint8Array>;

export interface Left {
  readonly files: Files;
  readonly contents: Contents;
  readonly topicId: string;
}

const settings = {
  'log.segment.bytes': '1500',
  'log.index.interval.bytes': '200',
  'odradek.flush.policy': 'commit',
  'metadata.log.max.record.bytes.between.snapshots': '400',
};

function lone(): { readonly cluster: WiredCluster; readonly client: HonestClient } {
  const cluster = new WiredCluster({ nodes: 1, seed: 1, hmac, settings });
  return { cluster, client: new HonestClient(cluster, { hmacSha256: hmac }) };
}

/** One node alone that has written, and then stopped in order or died. */
export function leftBehind(end: 'clean' | 'killed'): Left {
  const { cluster, client } = lone();
  cluster.start(1);
  const node = cluster.running.get(1)?.node;
  cluster.until('it runs', () => node?.image.brokers.get(1)?.isFenced === false);
  const topic = { name: TOPIC, partitions: 1, replicationFactor: 1, assignment: [], config: [] };
  const body = { timeoutMs: 2000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = client.answer(1, { api: 'createTopics', body })?.topics[0]?.topicId ?? '';
  for (let count = 0; count < RECORDS; count++) {
    const value = textBytes(`record ${count} ${'x'.repeat(count)}`);
    const records = [buildBatch({ records: [{ timestamp: 1000 + count, key: null, value }] })];
    const part = { topicId, partition: 0, leaderEpoch: -1, records };
    client.answer(1, { api: 'produce', body: { acks: -1, timeoutMs: 1000, partitions: [part] } });
  }
  cluster.advance(6000);
  const contents = read(cluster, client, topicId);
  if (typeof contents === 'string' || contents.size !== RECORDS)
    throw new Error(`not written: ${String(contents)}`);
  if (end === 'clean') {
    let isOver = false;
    node?.stop({ movesLeaderships: false }, () => {
      isOver = true;
    });
    cluster.until('it has stopped', () => isOver);
  }
  cluster.kill(1);
  return { files: filesOf(cluster.diskOf(1)), contents, topicId };
}

function filesOf(disk: Disk, path = ''): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const name of disk.list(path)) {
    const inside = path === '' ? name : `${path}/${name}`;
    const below = disk.list(inside).length > 0 ? filesOf(disk, inside) : undefined;
    const bytes = below === undefined ? disk.readFile(inside) : undefined;
    for (const [deeper, of] of below ?? []) files.set(deeper, of);
    if (bytes !== undefined) files.set(inside, bytes);
  }
  return files;
}

/** One file after another hand was at it, or no file any more; and what was done, in words. */
export function damaged(
  files: Files,
  random: SeededRandom,
): { readonly files: Files; readonly what: string } {
  const paths = [...files.keys()];
  const path = random.pick(paths);
  const before = files.get(path) ?? new Uint8Array(0);
  const result = new Map(files);
  const change = (bytes: Uint8Array, what: string) => {
    result.set(path, bytes);
    return { files: result, what: `${path}: ${what}` };
  };
  const at = random.below(before.length + 1);
  switch (random.below(9)) {
    case 0:
      result.delete(path);
      return { files: result, what: `${path}: removed` };
    case 1:
      return change(before.subarray(0, at), `cut to ${at} bytes`);
    case 2:
      return change(new Uint8Array(0), 'emptied');
    case 3: {
      const other = random.pick(paths);
      return change(files.get(other) ?? before, `replaced by ${other}`);
    }
    case 4:
      return change(random.bytes(before.length), 'overwritten with noise');
    case 5: {
      const bytes = before.slice();
      bytes.fill(0, at, at + random.between(1, 64));
      return change(bytes, `zeros at ${at}`);
    }
    case 6: {
      const more = random.bytes(random.between(1, 200));
      const bytes = new Uint8Array(before.length + more.length);
      bytes.set(before);
      bytes.set(more, before.length);
      return change(bytes, `${more.length} bytes of noise at its end`);
    }
    case 7: {
      const text = new TextDecoder().decode(before);
      const strange = random.pick([
        '-1',
        '99999999999999999999',
        '9007199254740993',
        'NaN',
        '',
        '1e9',
        '0x1',
      ]);
      return change(
        textBytes(text.replace(/\d+/, strange)),
        `its first number made ${JSON.stringify(strange)}`,
      );
    }
    default: {
      const bytes = before.slice();
      const places = Array.from({ length: random.between(1, 4) }, () =>
        random.below(Math.max(1, bytes.length)),
      );
      for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
      return change(bytes, `bits flipped at ${places.join(', ')}`);
    }
  }
}

/** What became of a node on such a directory: `refused` with its reason, or what is read there; an error's name where it is not. */
export type Outcome =
  | { readonly type: 'refused'; readonly reason: unknown }
  | { readonly type: 'serves'; readonly contents: Contents | string };

/** Starts a node on the files. What it throws where nobody hears it is thrown. */
export function startOn({ topicId }: Left, files: Files): Outcome {
  const { cluster, client } = lone();
  const disk = cluster.diskOf(1);
  for (const name of disk.list('')) disk.remove(name);
  for (const [path, bytes] of files) {
    const slash = path.lastIndexOf('/');
    if (slash > 0) disk.makeDirectory(path.slice(0, slash));
    disk.writeFile(path, bytes);
  }
  cluster.start(1);
  const isSettled = (): boolean => {
    const { node } = cluster.running.get(1) ?? {};
    return node?.state === 'running' && node.image.brokers.get(1)?.isFenced === false;
  };
  try {
    cluster.until('it runs or refuses', isSettled);
  } catch (error) {
    if (cluster.broken.includes(error)) return { type: 'refused', reason: error };
    throw error;
  }
  return { type: 'serves', contents: read(cluster, client, topicId) };
}

function read(cluster: WiredCluster, client: HonestClient, topicId: string): Contents | string {
  const contents = new Map<number, string>();
  for (let fetchOffset = 0; ; ) {
    const at = { topicId, partition: 0, leaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1 };
    const body = { maxWaitMs: 0, minBytes: 1, maxBytes: 1e6, partitions: [{ ...at, maxBytes: 1e6 }] };
    const answer = client.answer(1, { api: 'fetch', body });
    const part = answer?.partitions[0];
    if (part === undefined) return answer?.error ?? 'no answer';
    if (part.error !== 'NONE') return part.error;
    if (part.records.length === 0) return contents;
    for (const piece of part.records)
      walkBatches(piece, (batch) => {
        for (const { offset, value } of readRecords(batch))
          contents.set(offset, new TextDecoder().decode(value ?? new Uint8Array(0)));
        fetchOffset = batch.nextOffset;
      });
    cluster.advance(1);
  }
}
