import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { run } from '../support/world.ts';

const app = resolve(import.meta.dirname, '../..');

it('a reader that goes away at the first line, as in `up | head -1`, does not stop a cluster that starts', async () => {
  const home = mkdtempSync(join(tmpdir(), 'odradek-reader-gone-'));
  // Builds the bundle if sources are newer.
  execFileSync(process.execPath, [join(app, 'bin/odradek.js'), '--version'], { stdio: 'pipe' });
  const words = ['up', '--data-dir', join(home, 'data'), '--port', '0', '--brokers', '1'];
  const up = spawn(process.execPath, [join(app, 'dist/odradek.js'), ...words], {
    env: { ...process.env, ODRADEK_HOME: home, ODRADEK_BOOTSTRAP: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(up, 'exit');
  try {
    up.stdout.once('data', () => up.stdout.destroy());
    const status = () => run(['cluster', 'status'], { ODRADEK_HOME: home });
    await eventually(
      'the cluster serves, or up has ended',
      async () => up.exitCode !== null || (await status()).exitCode === 0,
    );
    expect(up.exitCode).toBeNull();
    up.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  } finally {
    up.kill('SIGKILL');
    await exited;
    rmSync(home, { recursive: true, force: true });
  }
});
