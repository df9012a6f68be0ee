import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '@odradek/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damage, damages } from '../../src/soak/damage.ts';

let directory = '';

function contents(): string {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => `${file} ${readFileSync(file).toString('hex')}`)
    .join('\n');
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-damage-'));
  for (const place of ['soak-0', 'soak-1', 'other-0']) {
    mkdirSync(join(directory, place));
    for (const base of ['00', '77'])
      for (const extension of ['log', 'index', 'timeindex'])
        writeFileSync(
          join(directory, place, `${base}.${extension}`),
          `${place} ${base} ${extension} and more bytes`,
        );
    writeFileSync(join(directory, place, 'leader-epoch-checkpoint'), 'x');
  }
  for (const name of ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint'])
    writeFileSync(join(directory, name), 'x');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('damage to a partition', () => {
  it.each(damages)('%s: something of the topic is no longer what it was, and nothing of another', (what) => {
    const before = contents();
    const others = (text: string): readonly string[] =>
      text.split('\n').filter((line) => line.includes('other-0'));
    const told = damage(what, directory, 'soak', new SeededRandom(1));
    expect(told).toMatch(/soak-\d/);
    expect(contents()).not.toBe(before);
    expect(others(contents())).toEqual(others(before));
  });

  it('flips one bit of the segment that is written to', () => {
    const old = ['soak-0', 'soak-1'].map((place) => readFileSync(join(directory, place, '00.log'), 'utf8'));
    damage('flip', directory, 'soak', new SeededRandom(2));
    const now = ['soak-0', 'soak-1'].map((place) => readFileSync(join(directory, place, '00.log'), 'utf8'));
    expect(now).toEqual(old);
  });
});
