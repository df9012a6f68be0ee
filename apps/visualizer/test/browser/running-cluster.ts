// A real cluster from `odradek up`, in processes of its own, with a home and ports of its own.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const bin = resolve(import.meta.dirname, '../../../cluster/bin/odradek.js');

export interface RunningCluster {
  /** The inspectors of its processes, where they were started with one. */
  readonly inspectors: readonly string[];
  /** Where broker N serves the page. */
  address(broker: number): string;
  odradek(...words: string[]): string;
  /** Orders to `up`, which is there when no broker is. */
  chaos(...words: string[]): string;
  end(): Promise<void>;
}

/** `environment`: more of it for its processes. */
export async function startCluster(
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningCluster> {
  const home = mkdtempSync(join(tmpdir(), 'odradek-console-'));
  const env = { ...process.env, HOME: home, ...environment };
  const child = spawn(process.execPath, [bin, 'up', '--data-dir', join(home, 'data'), '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const ports = new Map<number, number>();
  const inspectors: string[] = [];
  await new Promise<void>((ready, failed) => {
    child.once('exit', (code) => failed(new Error(`up ended with ${code}:\n${said.join('\n')}`)));
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => {
        said.push(line);
        const [inspector] = /ws:\/\/127[.]0[.]0[.]1:\d+\/[\w-]+/.exec(line) ?? [];
        if (inspector !== undefined) inspectors.push(inspector);
        const [, id, port] = /^\s*(\d+) {2}broker.*:(\d+)\s+\d+$/.exec(line) ?? [];
        if (port !== undefined) ports.set(Number(id), Number(port));
        if (line.startsWith('Ctrl-C here')) ready();
      });
  });
  const address = (broker: number): string => `http://127.0.0.1:${ports.get(broker)}/`;
  const run = (...words: string[]): string =>
    execFileSync(process.execPath, [bin, ...words], { env: { ...env, NODE_OPTIONS: '' }, encoding: 'utf8' });
  return {
    inspectors,
    address,
    odradek: (...words) => run(...words, '--bootstrap', `127.0.0.1:${ports.get(1)}`),
    chaos: (...words) => run('chaos', ...words),
    async end() {
      child.removeAllListeners('exit');
      if (child.exitCode === null) {
        child.kill('SIGINT');
        await once(child, 'exit');
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}
