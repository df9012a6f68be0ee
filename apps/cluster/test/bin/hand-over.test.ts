// Under an older Node the command is two processes. Whoever signals the outer one means both.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/is-alive.ts';

const handOver = pathToFileURL(join(import.meta.dirname, '../../bin/hand-over.js')).href;
let outer: ChildProcess | undefined;
afterEach(() => void outer?.kill('SIGKILL'));

/** The outer process, around one that runs the script; and what both have printed. */
function run(script: string): { readonly said: () => string; readonly ended: Promise<number | null> } {
  const around = `(await import(${JSON.stringify(handOver)})).handOver(process.execPath, ['-e', ${JSON.stringify(script)}])`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', around], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  outer = child;
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { said: () => said, ended: new Promise((done) => child.once('close', (code) => done(code))) };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s to the outer process alone ends the inner one in its own time, and its exit code is that of both',
  async (signal) => {
    const { said, ended } = run(`
      process.on('${signal}', () => setTimeout(() => { console.log('inner is done'); process.exit(7); }, 100));
      setInterval(() => {}, 1000);
      console.log('inner runs');
    `);
    await eventually('the inner process runs', () => said().includes('inner runs'));
    outer?.kill(signal);
    expect(await ended).toBe(7);
    expect(said()).toContain('inner is done');
  },
);

it('an inner process that a signal ended is told as a shell would', async () => {
  const { said, ended } = run(`setInterval(() => {}, 1000); console.log('inner runs');`);
  await eventually('the inner process runs', () => said().includes('inner runs'));
  outer?.kill('SIGTERM');
  expect(await ended).toBe(128 + 15);
});

it('kill -9 of the outer process is one of the inner: a broker whose process id somebody has noted does not go on without it', async () => {
  const { said } = run(`setInterval(() => {}, 1000); console.log('inner runs ' + process.pid);`);
  await eventually('the inner process runs', () => said().includes('inner runs'));
  const inner = Number(said().match(/runs (\d+)/)?.[1]);
  outer?.kill('SIGKILL');
  await eventually('the inner process is gone', () => !isAlive(inner));
});

it('an inner process that has nothing more to do ends by itself', async () => {
  const { said, ended } = run(`console.log(process.execArgv.join(' '))`);
  expect(await ended).toBe(0);
  // And those that it starts with its own options do not look for a pipe that they do not have.
  expect(said()).not.toContain('--import');
});
