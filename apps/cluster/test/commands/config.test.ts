import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mutated } from '../support/mutated.ts';
import { run } from '../support/world.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-config-'));
  file = join(directory, 'server.properties');
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Shown {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

describe('config show', () => {
  it('shows each value with its origin, the strongest source winning', async () => {
    writeFileSync(file, 'node.id=7\nnum.partitions=2\nmin.insync.replicas=2\n');
    const words = ['config', 'show', '--config', file, '--set', 'min.insync.replicas=3', '--json'];
    const { exitCode, stdout } = await run(words, { KAFKA_NUM_PARTITIONS: '4' });
    expect(exitCode).toBe(0);
    const shown: readonly Shown[] = JSON.parse(stdout).data.settings;
    const origins = new Map(shown.map(({ name, value, origin }) => [name, [value, origin]]));
    expect(origins.get('node.id')).toEqual(['7', file]);
    expect(origins.get('num.partitions')).toEqual(['4', 'environment']);
    expect(origins.get('min.insync.replicas')).toEqual(['3', 'flags']);
    expect(origins.get('request.timeout.ms')).toEqual(['30000', 'default']);
  });

  it('says all that is wrong at once, where, and what is allowed', async () => {
    writeFileSync(file, 'node.id=x\nnum.partitions=0\n');
    const { exitCode, stderr } = await run(['config', 'show', '--config', file]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`node.id is "x" (${file})`);
    expect(stderr).toContain(`num.partitions is "0" (${file}): allowed is a whole number from 1`);
  });

  it('names a file that is not there', async () => {
    const { exitCode, stderr } = await run(['config', 'show', '--config', file]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(file)]);
  });
});

it('a mutated server.properties is read, or told by its name, with what is wrong and what is allowed', async () => {
  const all = await run(['config', 'show', '--json']);
  const shown: readonly Shown[] = JSON.parse(all.stdout).data.settings;
  const sound = shown.map(({ name, value }) => `${name}=${value}`).join('\n');
  const said = new Set<string>();
  for (let seed = 1; seed <= 150; seed++) {
    writeFileSync(file, mutated(sound, seed));
    const { exitCode, stderr } = await run(['config', 'show', '--config', file]);
    expect([0, 2]).toContain(exitCode);
    if (exitCode === 0) continue;
    said.add(stderr);
    for (const line of stderr.trimEnd().split('\n').slice(0, -1))
      expect(line).toMatch(/: allowed is |must not be above|node\.id is not set/);
    expect(stderr).not.toMatch(/undefined|\n\s+at /);
  }
  expect(said.size).toBeGreaterThan(10);
});
