import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBatch } from '@odradek/format';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compressing } from '../support/compressed.ts';
import { run } from '../support/world.ts';

const text = new TextEncoder();
const record = (key: string | null, value: string | null) => ({
  timestamp: 1_000,
  key: key === null ? null : text.encode(key),
  value: value === null ? null : text.encode(value),
});

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-dump-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function segment(baseOffset: number, ...batches: readonly Uint8Array[]): string {
  const path = join(directory, `${String(baseOffset).padStart(20, '0')}.log`);
  writeFileSync(path, Buffer.concat(batches));
  return path;
}

function lines(output: string): readonly Record<string, unknown>[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const first = buildBatch({
  records: [record('k', 'one'), record(null, null)],
  leaderEpoch: 3,
  producerId: 7,
  producerEpoch: 1,
  baseSequence: 5,
});
const second = buildBatch({
  records: [record(null, 'zipped')],
  baseOffset: 2,
  leaderEpoch: 4,
  compression: { codec: 'gzip', compress: compressing.gzip },
});

describe('log dump', () => {
  it('prints one line for each batch of all segments, in a form that stays', async () => {
    segment(2, second);
    segment(0, first);
    const { exitCode, stdout } = await run(['log', 'dump', directory, '--json']);
    expect(exitCode).toBe(0);
    const batches = lines(stdout);
    expect(batches.map((batch) => [batch.baseOffset, batch.lastOffset, batch.codec])).toEqual([
      [0, 1, 'none'],
      [2, 2, 'gzip'],
    ]);
    expect(batches[0]).toEqual({
      baseOffset: 0,
      lastOffset: 1,
      baseSequence: 5,
      lastSequence: 6,
      producerId: 7,
      producerEpoch: 1,
      leaderEpoch: 3,
      isTransactional: false,
      isControl: false,
      position: 0,
      sizeInBytes: first.length,
      crc: expect.any(Number),
      codec: 'none',
      timestampType: 'CreateTime',
      maxTimestamp: 1000,
    });
  });

  it('prints records too, inflated', async () => {
    const { stdout } = await run(['log', 'dump', segment(0, first, second), '--records', '--json']);
    const records = lines(stdout).map((batch) => batch.records);
    expect(records).toEqual([
      [
        { offset: 0, timestamp: 1000, key: 'k', value: 'one', headers: [] },
        { offset: 1, timestamp: 1000, key: null, value: null, headers: [] },
      ],
      [{ offset: 2, timestamp: 1000, key: null, value: 'zipped', headers: [] }],
    ]);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'prints the records of a batch in %s',
    async (codec) => {
      const batch = buildBatch({
        records: [record('k', 'one'), record(null, 'two')],
        compression: { codec, compress: compressing[codec] },
      });
      const { exitCode, stdout } = await run(['log', 'dump', segment(0, batch), '--records', '--json']);
      expect(exitCode).toBe(0);
      expect(lines(stdout)).toMatchObject([
        {
          codec,
          records: [
            { offset: 0, key: 'k', value: 'one' },
            { offset: 1, key: null, value: 'two' },
          ],
        },
      ]);
    },
  );

  it('says of a torn tail that it is one, and goes on', async () => {
    const { exitCode, stderr } = await run(['log', 'dump', segment(0, first, second.subarray(0, 30))]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`ends at ${first.length} with an incomplete batch`);
  });

  it('fails at damage, after what is sound', async () => {
    const damaged = Uint8Array.from(second);
    damaged.fill(0, damaged.length - 4);
    const { exitCode, stdout } = await run(['log', 'dump', segment(0, first, damaged), '--json']);
    expect(exitCode).toBe(1);
    expect(lines(stdout)).toMatchObject([
      { baseOffset: 0 },
      { ok: false, error: { code: 'CORRUPT_MESSAGE' } },
    ]);
  });

  it('names a path that is not there, or has no segments', async () => {
    expect((await run(['log', 'dump', join(directory, 'no')])).stderr).toContain(
      'there is no file or directory',
    );
    expect((await run(['log', 'dump', directory])).stderr).toContain('has no segments');
    writeFileSync(join(directory, 'server.log'), 'no segment');
    expect((await run(['log', 'dump', directory])).stderr).toContain('has no segments');
  });
});
