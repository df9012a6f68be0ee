import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrapOf } from '../../src/bootstrap.ts';
import {
  type ClusterFile,
  forgetCluster,
  readClusterFile,
  rememberCluster,
  rememberedCluster,
  stateDirectory,
  writeClusterFile,
} from '../../src/up/cluster-file.ts';
import { run } from '../support/world.ts';

const node = { host: '127.0.0.1', directory: '/d', directoryId: 'd', pid: null };
const file: ClusterFile = {
  version: 1,
  clusterId: 'c',
  pid: 17,
  control: { port: 1, token: 't' },
  nodes: [
    { ...node, id: 1, roles: ['broker'], port: 9092 },
    { ...node, id: 101, roles: ['controller'], port: 9093 },
  ],
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-cluster-file-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const home = (): NodeJS.ProcessEnv => ({ ODRADEK_HOME: join(directory, 'home') });

describe('the cluster file', () => {
  it('is read as it was written, by its owner alone', () => {
    expect(readClusterFile(directory)).toBeUndefined();
    writeClusterFile(directory, file);
    expect(readClusterFile(directory)).toEqual(file);
    if (process.platform !== 'win32')
      expect(statSync(join(directory, 'cluster.json')).mode & 0o777).toBe(0o600);
  });

  it('is refused by name when it is something else', () => {
    writeFileSync(join(directory, 'cluster.json'), '[]');
    expect(() => readClusterFile(directory)).toThrow('not a cluster file of version 1');
    writeFileSync(join(directory, 'cluster.json'), '{');
    expect(() => readClusterFile(directory)).toThrow('is not JSON');
  });

  it('is found by commands that name no cluster', () => {
    writeClusterFile(directory, file);
    rememberCluster(home(), directory);
    expect(rememberedCluster(home())).toEqual({ dataDirectory: directory, file });
    expect(bootstrapOf(undefined, home())).toEqual([{ host: '127.0.0.1', port: 9092 }]);
    expect(bootstrapOf(undefined, { ...home(), ODRADEK_BOOTSTRAP: 'a:1' })).toEqual([{ host: 'a', port: 1 }]);
    expect(bootstrapOf([{ host: 'b', port: 2 }], { ODRADEK_BOOTSTRAP: 'a:1' })).toEqual([
      { host: 'b', port: 2 },
    ]);
  });

  it('says what to do when there is no cluster, or none that runs', () => {
    expect(() => bootstrapOf(undefined, home())).toThrow('no cluster is known on this machine');
    writeClusterFile(directory, { ...file, pid: null });
    rememberCluster(home(), directory);
    expect(() => bootstrapOf(undefined, home())).toThrow('is not running');
    forgetCluster(home(), directory);
    expect(rememberedCluster(home())).toBeUndefined();
  });

  it('lies where the platform keeps state, unless ODRADEK_HOME says otherwise', () => {
    expect(stateDirectory({ ODRADEK_HOME: '/h', XDG_STATE_HOME: '/x' })).toBe('/h');
    expect(stateDirectory({ XDG_STATE_HOME: '/x' })).toBe(join('/x', 'odradek'));
  });
});

describe('chaos', () => {
  it('needs a cluster that up runs here', async () => {
    const { exitCode, stderr } = await run(['chaos', 'kill', '1'], home());
    expect(exitCode).toBe(3);
    expect(stderr).toContain('`odradek up` has started no cluster on this machine');
    writeClusterFile(directory, { ...file, control: null });
    const stopped = await run(['chaos', 'heal', '--data-dir', directory, '--json'], home());
    expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: false, error: { code: 'CONNECT' } });
  });

  it('refuses ids that are none', async () => {
    const { exitCode, stderr } = await run(['chaos', 'kill', '1', 'two'], home());
    expect(exitCode).toBe(2);
    expect(stderr).toContain('node two: a whole number from 0 is allowed');
  });
});
