import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrapOf, type ClusterName, hintOfDead } from '../../src/bootstrap.ts';
import { type ClusterFile, writeClusterFile } from '../../src/up/cluster-file.ts';
import { forgetCluster, isRunning, knownClusters, rememberCluster } from '../../src/up/known-clusters.ts';
import { createWorld, run } from '../support/world.ts';

/** Of a cluster that this very process runs. */
function clusterFile(port: number): ClusterFile {
  const node = { host: '127.0.0.1', directory: '/d', directoryId: 'd', pid: null };
  return {
    ...{ version: 1, clusterId: 'c', pid: process.pid, control: { port: 1, token: 't' } },
    nodes: [
      { ...node, id: 1, roles: ['broker'], port },
      { ...node, id: 101, roles: ['controller'], port: port + 1 },
    ],
  };
}

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-known-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const home = (): NodeJS.ProcessEnv => ({ ODRADEK_HOME: join(directory, 'home') });
const place = (name: string): string => join(directory, name);

/** `up` has begun a cluster there. */
function begun(name: string, file: ClusterFile): void {
  mkdirSync(place(name), { recursive: true });
  writeClusterFile(place(name), file);
  rememberCluster(home(), place(name));
}

/** The ports a command asks, and what it says on the way. */
function asked(name: ClusterName = {}, environment = home()): { ports: number[]; said: string } {
  const { session, stderr } = createWorld([], environment);
  const ports = bootstrapOf(name, session).map(({ port }) => port);
  return { ports, said: stderr.text };
}

describe('which cluster a command speaks to', () => {
  it('is the one of `up`, unless another is named', () => {
    begun('one', clusterFile(9092));
    expect(knownClusters(home())).toEqual([{ dataDirectory: place('one'), file: clusterFile(9092) }]);
    expect(asked()).toEqual({ ports: [9092], said: '' });
    expect(asked({}, { ...home(), ODRADEK_BOOTSTRAP: 'a:1' }).ports).toEqual([1]);
    const bootstrap = [{ host: 'b', port: 2 }];
    expect(asked({ bootstrap }, { ODRADEK_BOOTSTRAP: 'a:1' }).ports).toEqual([2]);
    const dataDir = place('one');
    expect(asked({ dataDir }, { ODRADEK_BOOTSTRAP: 'a:1' }).ports).toEqual([9092]);
    expect(() => asked({ bootstrap, dataDir })).toThrow('--bootstrap and --data-dir each name a cluster');
  });

  it('of several that run it is the one begun last, which is said, and --data-dir chooses another', () => {
    begun('one', clusterFile(1001));
    begun('two', clusterFile(2001));
    begun('three', { ...clusterFile(3001), pid: null });
    expect(asked()).toEqual({
      ports: [2001],
      said: `odradek: 2 clusters of \`up\` run here; this is the one begun last, in ${place('two')}. --data-dir names another: ${place('one')}\n`,
    });
    expect(asked({ dataDir: place('one') })).toEqual({ ports: [1001], said: '' });
    begun('one', clusterFile(1001));
    expect(asked().ports).toEqual([1001]);
  });

  it('that one of several has ended, or its `up` was killed, leaves the other', () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    begun('one', clusterFile(1001));
    begun('two', { ...clusterFile(2001), pid: dead });
    expect(isRunning({ ...clusterFile(2001), pid: dead })).toBe(false);
    expect(asked()).toEqual({ ports: [1001], said: '' });
    begun('one', { ...clusterFile(1001), pid: null });
    expect(() => asked()).toThrow(`the cluster in ${place('one')} is not running`);
  });

  it('whose brokers are all down says what brings them back', () => {
    const of = (name: ClusterName, environment = home()) =>
      hintOfDead(name, createWorld([], environment).session);
    begun('one', clusterFile(1001));
    const hint =
      'All brokers that `odradek up` runs here are down: `odradek chaos start 1` brings them back.';
    expect(of({})).toBe(hint);
    expect(of({ dataDir: place('one') }, { ODRADEK_BOOTSTRAP: 'a:1' })).toBe(hint);
    expect(of({}, { ...home(), ODRADEK_BOOTSTRAP: 'a:1' })).toBeUndefined();
    expect(of({ bootstrap: [{ host: 'b', port: 2 }] })).toBeUndefined();
    const alive = clusterFile(1001).nodes.map((node) => ({ ...node, pid: process.pid }));
    begun('one', { ...clusterFile(1001), nodes: alive });
    expect(of({})).toBeUndefined();
    begun('one', { ...clusterFile(1001), pid: null });
    expect(of({})).toBeUndefined();
  });

  it('says what to do when there is none', () => {
    expect(() => asked()).toThrow('no cluster is known on this machine');
    expect(() => asked({ dataDir: place('none') })).toThrow(`there is no cluster in ${place('none')}`);
    begun('one', clusterFile(1001));
    forgetCluster(home(), place('one'));
    expect(knownClusters(home())).toEqual([]);
  });

  it('a damaged file is told of by whoever means its cluster, and one that is gone is forgotten', () => {
    for (const name of ['gone', 'broken', 'one']) begun(name, clusterFile(1001));
    rmSync(place('gone'), { recursive: true });
    writeFileSync(join(place('broken'), 'cluster.json'), '{');
    expect(asked().ports).toEqual([1001]);
    expect(() => asked({ dataDir: place('broken') })).toThrow('is not JSON');
    rememberCluster(home(), place('broken'));
    expect(() => asked()).toThrow('is not JSON');
    begun('one', clusterFile(1001));
    expect(knownClusters(home()).map(({ dataDirectory }) => dataDirectory)).toEqual([place('one')]);
  });
});

describe('chaos', () => {
  it('needs a cluster that up runs here', async () => {
    const { exitCode, stderr } = await run(['chaos', 'kill', '1'], home());
    expect(exitCode).toBe(3);
    expect(stderr).toContain('no cluster is known on this machine');
    writeClusterFile(directory, { ...clusterFile(1001), control: null });
    const stopped = await run(['chaos', 'heal', '--data-dir', directory, '--json'], home());
    expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: false, error: { code: 'CONNECT' } });
  });

  it('refuses ids that are none', async () => {
    const { exitCode, stderr } = await run(['chaos', 'kill', '1', 'two'], home());
    expect(exitCode).toBe(2);
    expect(stderr).toContain('node two: a whole number from 0 is allowed');
  });
});
