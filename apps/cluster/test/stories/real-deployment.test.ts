import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { shortTimers } from '@odradek/model';
import { expect, it } from 'vitest';
import { choosePorts } from '../../src/up/ports.ts';

const app = resolve(import.meta.dirname, '../..');

/** The commands of the README's section, in their order, with a free port in place of Kafka's. */
function commands(port: number): string {
  const readme = readFileSync(join(app, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```sh deployment\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  expect(blocks.length).toBeGreaterThan(5);
  return blocks.join('\n').replaceAll('9092', String(port));
}

/** Settings as a container would give them, stronger than the files: with Kafka's timers draining alone takes seconds. */
function environmentOf(settings: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const named = [...settings].map(([name, value]) => [
    `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`,
    value,
  ]);
  return Object.fromEntries(named);
}

it('a real deployment works as the README shows it: three machines, a fourth, one lost and replaced, all restarted', async () => {
  const home = mkdtempSync(join(tmpdir(), 'odradek-deployment-'));
  mkdirSync(join(home, 'bin'));
  const odradek = join(home, 'bin/odradek');
  writeFileSync(odradek, `#!/bin/sh\nexec ${process.execPath} ${join(app, 'bin/odradek.js')} "$@"\n`);
  chmodSync(odradek, 0o755);
  const [port = 0] = await choosePorts(0, 1);
  // Whatever fails, no process is left behind.
  const atTheEnd = "trap 'kill -9 $(cat node-*/pid) 2> /dev/null || true' EXIT";
  const script = `set -eu\n${atTheEnd}\n${commands(port)}`;
  const shell = spawn('bash', ['-c', script], {
    cwd: home,
    env: {
      ...process.env,
      ...environmentOf(shortTimers.entries),
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
      ODRADEK_HOME: home,
    },
  });
  let said = '';
  for (const output of [shell.stdout, shell.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exitCode = await new Promise((done) => shell.once('close', done));
  expect({ exitCode, said }).toMatchObject({ exitCode: 0 });
  // What `consume | wc -l` counted, at the very end.
  expect(said.trimEnd()).toMatch(/\n *2000$/);
  rmSync(home, { recursive: true, force: true });
}, 180_000);
