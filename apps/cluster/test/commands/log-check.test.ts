import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../support/world.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-check-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Lays out logs that Apache Kafka wrote: storage's vectors say how. */
function layOut(name: string): void {
  const vectors = join(import.meta.dirname, '../../../../packages/storage/test/vectors', `${name}.json.gz`);
  const { files } = JSON.parse(gunzipSync(readFileSync(vectors)).toString());
  for (const [path, content] of Object.entries<string>(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), Buffer.from(content, 'base64'));
  }
}

function damage(file: string, position: number): void {
  const bytes = readFileSync(join(directory, file));
  bytes.writeUInt8(bytes.readUInt8(position) ^ 0xff, position);
  writeFileSync(join(directory, file), bytes);
}

const segment = 'plain-0/00000000000000000000.log';

describe('log check', () => {
  it.each([
    'plain',
    'segments',
    'epochs',
    'idempotent',
    'compact',
    'transactional',
    'delete-records',
    'gzip',
    'zstd',
  ])('finds the vectors of %s sound', async (name) => {
    layOut(name);
    const { exitCode, stdout } = await run(['log', 'check', directory, '--json']);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { ok: true, data: { problems: [] } }]);
  });

  it('takes the directory of one partition, which nobody may write to', async () => {
    layOut('plain');
    chmodSync(join(directory, segment), 0o400);
    const { exitCode, stdout } = await run(['log', 'check', join(directory, 'plain-0')]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/is sound: 100 records in (1 batch|\d+ batches)/);
  });

  it.each([
    [segment, 90, `${segment} at 0: BAD_CRC`],
    ['plain-0/00000000000000000000.index', 7, 'where no batch begins'],
    ['plain-0/00000000000000000100.snapshot', 3, 'its checksum or form is wrong'],
    ['plain-1/leader-epoch-checkpoint', 0, 'plain-1/leader-epoch-checkpoint: cannot be read'],
  ])('names damage in %s, and exits with 1', async (file, position, message) => {
    layOut('plain');
    damage(file, position);
    const { exitCode, stdout } = await run(['log', 'check', directory, '--json']);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      1,
      {
        ok: false,
        error: { code: 'CORRUPT_MESSAGE', message: expect.stringContaining(message) },
        data: {
          problems: expect.arrayContaining([expect.objectContaining({ message: expect.any(String) })]),
        },
      },
    ]);
  });

  it('names a checkpoint that says more than its log has', async () => {
    layOut('plain');
    writeFileSync(join(directory, 'recovery-point-offset-checkpoint'), '0\n1\nplain 1 1000\n');
    const { exitCode, stderr } = await run(['log', 'check', directory]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('recovery-point-offset-checkpoint: plain-1 at 1000, but it ends at 30');
  });

  it('refuses what is no directory of logs, and makes none', async () => {
    expect((await run(['log', 'check', join(directory, 'no')])).stderr).toContain('there is no directory');
    expect(existsSync(join(directory, 'no'))).toBe(false);
    expect((await run(['log', 'check', directory])).stderr).toContain('has no logs');
    layOut('plain');
    expect((await run(['log', 'check', join(directory, segment)])).stderr).toContain('is a file');
  });
});
