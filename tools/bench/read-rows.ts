// Reading, from the tail that is in memory and from cold segments, against reading the file and sending it.

import { BatchView } from '@odradek/format';
import { batchOf } from './batches.ts';
import { BothPaths } from './both-paths.ts';
import type { ClusterTarget } from './cluster.ts';
import type { Target } from './load.ts';
import type { RawTarget } from './raw-path.ts';
import { type Row, ratioRow } from './rows.ts';
import { type BenchOptions, KIB, oneProducer } from './setting.ts';

const batch = batchOf(64 * KIB);
const ANSWER_BYTES = KIB * KIB;
/** What is read: less than a broker keeps in memory of a partition, or far more. */
const lengths = { tail: 2 * KIB * KIB, cold: 128 * KIB * KIB };
/** A tail is so short that it is read more than once. */
const rounds = { tail: 16, cold: 1 };

export async function* readRows(options: BenchOptions): AsyncGenerator<Row> {
  const places = (['tail', 'cold'] as const).filter((place) => options.wants(nameOf(place)));
  if (places.length === 0) return;
  yield* BothPaths.with(options, 'os', async function* (paths) {
    for (const place of places) {
      const count = Math.floor(lengths[place] / batch.length);
      const { raws, clusters } = await paths.turns(
        oneProducer,
        ([target]) => measured(target, count, rounds[place], readRaw),
        ([target]) => measured(target, count, rounds[place], readCluster),
      );
      yield ratioRow(nameOf(place), 'MB/s', raws.flat(), clusters.flat(), { value: 80, is: 'least' });
    }
  });
}

function nameOf(place: keyof typeof lengths): string {
  return `reading from ${place === 'tail' ? 'the tail' : 'cold segments'}`;
}

/** Fills partition 0, then reads it. Megabytes per second. */
async function measured<T extends Target>(
  target: T | undefined,
  count: number,
  times: number,
  readAll: (target: T, bytes: number) => Promise<void>,
): Promise<number> {
  if (target === undefined) throw new Error('there is no connection');
  for (let sent = 0; sent < count; sent += 8)
    await Promise.all(Array.from({ length: Math.min(8, count - sent) }, () => produced(target)));
  const bytes = count * batch.length;
  const fromMs = performance.now();
  for (let time = 0; time < times; time++) await readAll(target, bytes);
  return (bytes * times) / 1000 / (performance.now() - fromMs);
}

function produced(target: Target): Promise<void> {
  return new Promise((resolve, reject) =>
    target.send(batch, 0, (error) => (error === undefined ? resolve() : reject(new Error(error)))),
  );
}

async function readRaw(target: RawTarget, bytes: number): Promise<void> {
  for (let position = 0; position < bytes; )
    position += (await target.read(position, Math.min(ANSWER_BYTES, bytes - position))).length;
}

async function readCluster(target: ClusterTarget, bytes: number): Promise<void> {
  let offset = 0;
  for (let read = 0; read < bytes; ) {
    const records = await target.read(offset, ANSWER_BYTES);
    for (let at = 0; at < records.length; ) {
      const view = new BatchView(records, at);
      offset = view.nextOffset;
      at += view.sizeInBytes;
    }
    read += records.length;
  }
}
