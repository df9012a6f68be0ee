import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { askNode } from '../../src/doctor/ask-node.ts';
import { OneNode } from '../support/one-node.ts';
import { run } from '../support/world.ts';

const nodes = new OneNode();
afterEach(() => nodes.end());

it('doctor --bootstrap asks each broker at the address that clients are told', async () => {
  const node = await nodes.start();
  await node.ready;
  const { exitCode, stdout } = await run(['doctor', '--bootstrap', `127.0.0.1:${node.port}`], {});
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^ok +broker 1 +127.0.0.1:${node.port}, running$`, 'm'));
  expect(stdout).toMatch(/^ok +clocks +at most \d+ ms apart$/m);
  expect(stdout).toMatch(/^ok +version +\d+\.\d+\.\d+$/m);
  expect(stdout).toMatch(/^ok +metadata level +\d+$/m);
});

it('doctor asks the cluster that ODRADEK_BOOTSTRAP names, as every command does', async () => {
  const node = await nodes.start();
  await node.ready;
  const { stdout } = await run(['doctor'], { ODRADEK_BOOTSTRAP: `127.0.0.1:${node.port}` });
  expect(stdout).toMatch(new RegExp(`^ok +broker 1 +127.0.0.1:${node.port}, running$`, 'm'));
  expect(stdout).not.toContain('ports');
});

it('doctor --config says that a directory is another node’s', async () => {
  const home = mkdtempSync(join(tmpdir(), 'odradek-doctor-'));
  try {
    const config = join(home, 'server.properties');
    const of = (id: number): void => writeFileSync(config, `node.id=${id}\nlog.dirs=${home}/data\n`);
    of(2);
    await run(['format', '--config', config, '--voters', '2@127.0.0.1:9092']);
    expect((await run(['doctor', '--config', config])).stdout).toMatch(/^ok +identity +node 2 of cluster/m);
    of(1);
    const { exitCode, stdout } = await run(['doctor', '--config', config]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^WRONG +identity +.* is that of node 2 of cluster .*, and node\.id is 1$/m);
    // Programs get all that was found, also when something is wrong.
    const told = JSON.parse((await run(['doctor', '--config', config, '--json'])).stdout);
    expect(told).toMatchObject({ ok: false, error: { code: 'INVALID_CONFIG' } });
    expect(told.data.findings).toContainEqual(expect.objectContaining({ check: 'Node', ok: true }));
    expect(told.data.findings).toContainEqual(expect.objectContaining({ check: 'identity', ok: false }));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

it('a node says who it is and what time it has', async () => {
  const node = await nodes.start();
  await node.ready;
  const asked = await askNode({ host: '127.0.0.1', port: node.port });
  expect(asked).toMatchObject({ word: { node: 1, version: expect.any(String) } });
  if ('word' in asked) expect(Math.abs(asked.word.clockAheadMs)).toBeLessThan(5000);
  await nodes.stop();
  expect(await askNode({ host: '127.0.0.1', port: node.port })).toEqual({ problem: 'nobody listens there' });
});
