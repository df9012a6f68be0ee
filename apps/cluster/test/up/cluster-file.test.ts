import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClusterFile,
  readClusterFile,
  stateDirectory,
  writeClusterFile,
} from '../../src/up/cluster-file.ts';

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

  it('lies where the platform keeps state, unless ODRADEK_HOME says otherwise', () => {
    expect(stateDirectory({ ODRADEK_HOME: '/h', XDG_STATE_HOME: '/x' })).toBe('/h');
    expect(stateDirectory({ XDG_STATE_HOME: '/x' })).toBe(join('/x', 'odradek'));
  });
});
