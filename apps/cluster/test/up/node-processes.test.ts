// Processes of nodes that load their program before they may begin.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NodeProcesses } from '../../src/up/node-processes.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/is-alive.ts';

let directory = '';
let said: string[] = [];
let processes: NodeProcesses;
const begun: ChildProcess[] = [];

/** As a node's process does it: it ends when its supervisor is gone. */
const loads = `console.log('loaded');
const { renameSync, writeFileSync } = require('node:fs');
writeFileSync(__dirname + '/pid-' + process.pid, String(process.pid));
renameSync(__dirname + '/pid-' + process.pid, __dirname + '/' + process.argv[2]);
process.on('message', ({ type }) => console.log(type));
process.on('disconnect', () => process.exit());
`;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-ahead-'));
  said = [];
});
afterEach(async () => {
  processes.abandon();
  for (const child of begun.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function make(program: string): NodeProcesses {
  const path = join(directory, 'program.cjs');
  writeFileSync(path, program);
  processes = new NodeProcesses({
    program: path,
    words: (id) => [`node-${id}`],
  });
  return processes;
}

function begin(id: number): ChildProcess {
  const child = processes.begin(id, (line) => said.push(`${id} ${line}`));
  begun.push(child);
  return child;
}

/** The id of a node's process, once it has loaded its program. */
async function loaded(id: number): Promise<number> {
  const path = join(directory, `node-${id}`);
  await eventually(`node ${id} has loaded its program`, () => existsSync(path));
  return Number(readFileSync(path, 'utf8'));
}

it('a process that was started ahead is told to begin when it is asked for, and only then', async () => {
  make(loads).startAhead([1, 2]);
  const [one] = await Promise.all([loaded(1), loaded(2)]);
  expect(said).toEqual([]);
  expect(begin(1).pid).toBe(one);
  await eventually('it is told', () => said.includes('1 begin'));
  expect(said).toEqual(['1 loaded', '1 begin']);
});

it('a process that was not is started when it is asked for', async () => {
  make(loads);
  const { pid } = begin(3);
  expect(await loaded(3)).toBe(pid);
  await eventually('it is told', () => said.includes('3 begin'));
});

it('one that has ended before it could begin is started anew', async () => {
  make(loads).startAhead([1]);
  const first = await loaded(1);
  process.kill(first, 'SIGKILL');
  await eventually('it is gone', () => !isAlive(first));
  const { pid } = begin(1);
  expect(pid).not.toBe(first);
  await eventually('the other is told', () => said.includes('1 begin'));
});

it('of those for whom nobody asks none is left', async () => {
  make(loads).startAhead([1, 2]);
  const pids = await Promise.all([loaded(1), loaded(2)]);
  processes.abandon();
  await eventually('all are gone', () => !pids.some(isAlive));
});

it('a node that waits to begin ends with its supervisor', async () => {
  const program = join(import.meta.dirname, '../../src/broker-process.ts');
  const waits = `
    const { NodeProcesses } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/up/node-processes.ts'))});
    const processes = new NodeProcesses({ program: ${JSON.stringify(join(directory, 'node.mjs'))}, words: () => ['broker', '--config', 'none'] });
    processes.startAhead([1]);
  `;
  make(loads);
  writeFileSync(
    join(directory, 'node.mjs'),
    `const { runBrokerProcess } = await import(${JSON.stringify(program)}); await import(${JSON.stringify(join(directory, 'said.mjs'))}); await runBrokerProcess(() => {});`,
  );
  writeFileSync(
    join(directory, 'said.mjs'),
    `import { renameSync, writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(join(directory, 'pid'))}, String(process.pid));
    renameSync(${JSON.stringify(join(directory, 'pid'))}, ${JSON.stringify(join(directory, 'node-1'))});`,
  );
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', waits], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  begun.push(supervisor);
  const pid = await loaded(1);
  const gone = once(supervisor, 'exit');
  supervisor.kill('SIGKILL');
  await gone;
  await eventually('the node is gone', () => !isAlive(pid));
});
