// Nodes made as one makes them on machines of their own: a configuration, `odradek format`, `odradek broker`.

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { choosePorts } from '../../src/up/ports.ts';
import { propertiesOf } from '../../src/up/properties.ts';
import { eventually } from './eventually.ts';
import type { Ran } from './world.ts';

const app = resolve(import.meta.dirname, '../..');
const bundle = join(app, 'dist/odradek.js');

export interface HandMadeNode {
  readonly id: number;
  readonly port: number;
  readonly config: string;
  /** Where its copy of the cluster's secret is. */
  readonly secret: string;
}

/** A few nodes' homes; `end` kills and removes all. */
export class HandMadeNodes {
  readonly #home = mkdtempSync(join(tmpdir(), 'odradek-by-hand-'));
  readonly #children: ChildProcess[] = [];
  readonly said: string[] = [];

  constructor() {
    // Builds the bundle if sources are newer, once and not in every process at the same time.
    execFileSync(process.execPath, [join(app, 'bin/odradek.js'), '--version'], { stdio: 'pipe' });
  }

  /** Writes a configuration for each id; each node has a home and a copy of the secret of its own. */
  async configure(ids: readonly number[]): Promise<readonly HandMadeNode[]> {
    const ports = await choosePorts(0, ids.length);
    return ids.map((id, index) => {
      const port = ports[index] ?? 0;
      const secret = join(this.#home, `secret-${id}`);
      const config = join(this.#home, `${id}.properties`);
      const directory = join(this.#home, `node-${id}`);
      const node = {
        ...{ id, host: '127.0.0.1', port, directory, directoryId: '', pid: null },
        roles: ['broker', 'controller'] as const,
      };
      writeFileSync(config, propertiesOf(node, { secretFile: secret, isMemory: false }));
      return { id, port, config, secret };
    });
  }

  /** Runs a command to its end. */
  odradek(...words: readonly string[]): Promise<Ran> {
    return new Promise((done) => {
      const child = execFile(process.execPath, [bundle, ...words], (_error, stdout, stderr) =>
        done({ exitCode: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  }

  /** Starts `odradek broker` and waits until it serves. */
  async start({ id, config }: HandMadeNode): Promise<void> {
    const child = spawn(process.execPath, [bundle, 'broker', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let isServing = false;
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => {
        this.said.push(`${id}: ${line}`);
        isServing ||= line.includes(`node ${id} listens on`);
      });
    await eventually(`node ${id} serves`, () => isServing || child.exitCode !== null);
    if (!isServing) throw new Error(`node ${id} ended with ${child.exitCode}:\n${this.said.join('\n')}`);
  }

  async end(): Promise<void> {
    const ended = this.#children.map((child) =>
      child.exitCode === null ? new Promise((done) => child.once('exit', done)) : undefined,
    );
    for (const child of this.#children) child.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(this.#home, { recursive: true, force: true });
  }
}
