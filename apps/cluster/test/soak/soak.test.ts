import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { soak } from '../../src/soak/soak.ts';

const app = resolve(import.meta.dirname, '../..');

it('a short soak loses nothing, repeats nothing, keeps the order, and its replicas are equal (W2, W3)', async () => {
  execFileSync(process.execPath, [join(app, 'bin/odradek.js'), '--version'], { stdio: 'pipe' });
  const directory = mkdtempSync(join(tmpdir(), 'odradek-soak-'));
  const said: string[] = [];
  const { problems, acknowledged, read, faults } = await soak({
    ...{ seed: 4, durationMs: 15_000, directory },
    program: join(app, 'dist/odradek.js'),
    say: (line) => said.push(line),
  });
  expect(problems, said.join('\n')).toEqual([]);
  const tried = faults.reduce((sum, { times }) => sum + times, 0);
  expect(Math.min(acknowledged, read, tried)).toBeGreaterThan(1);
  rmSync(directory, { recursive: true, force: true });
}, 180_000);
