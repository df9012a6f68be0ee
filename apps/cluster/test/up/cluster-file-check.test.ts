import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { readClusterFile } from '../../src/up/cluster-file.ts';
import { clusterFileProblem } from '../../src/up/cluster-file-check.ts';
import { newCluster } from '../../src/up/layout.ts';
import { mutated } from '../support/mutated.ts';

const ports = [9092, 9093, 9094];
const newDirectoryId = () => 'AAAAAAAAAAAAAAAAAAAAAQ';
const file = newCluster({
  brokers: 2,
  controllers: 1,
  dataDirectory: '/data',
  clusterId: 'c',
  ports,
  newDirectoryId,
});
const [first, second, third] = file.nodes;
const inNode = (changes: object) => ({ ...file, nodes: [{ ...first, ...changes }, second, third] });

it('what up writes has nothing wrong', () => {
  expect(clusterFileProblem(file)).toBeUndefined();
  expect(clusterFileProblem({ ...file, pid: 7, control: { port: 1, token: 't' } })).toBeUndefined();
});

it.each(
  [
    [[], 'it is not a cluster file of version 1'],
    [{ ...file, version: 2 }, 'it is not a cluster file of version 1'],
    [{ ...file, clusterId: undefined }, 'clusterId is missing: allowed is a text'],
    [{ ...file, pid: 'x' }, 'pid is "x": allowed is the number of a process, or null'],
    [
      { ...file, control: { port: 0, token: 't' } },
      'control.port is 0: allowed is a whole number from 1 to 65535',
    ],
    [{ ...file, control: { port: 1 } }, 'control.token is no text'],
    [{ ...file, nodes: [] }, 'nodes is []: allowed is a list of nodes, one at least'],
    [{ ...file, nodes: [null] }, 'nodes[0] is null: allowed is an object'],
    [inNode({ id: -1 }), 'nodes[0].id is -1: allowed is a whole number from 0'],
    [inNode({ id: 2 }), 'nodes[1].id is 2 once more: each node has an id of its own'],
    [inNode({ port: 9093 }), 'nodes[1].port is 9093 once more: each node has a port of its own'],
    [inNode({ port: 65_536 }), 'nodes[0].port is 65536: allowed is a whole number from 1 to 65535'],
    [
      inNode({ roles: ['king'] }),
      'nodes[0].roles is ["king"]: allowed is one or both of "broker" and "controller"',
    ],
    [inNode({ directory: 'data' }), 'nodes[0].directory is "data": allowed is an absolute path'],
    [{ ...file, nodes: [third] }, 'no node is a broker: one at least is needed'],
  ].map(([content, problem]) => ({ content, problem })),
)('$problem', ({ content, problem }) => {
  expect(clusterFileProblem(content)).toBe(problem);
});

it('a mutated cluster.json is told by its name, with what is wrong, or is one that up could have written', () => {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-cluster-file-'));
  const said = new Set<string>();
  try {
    for (let seed = 1; seed <= 1000; seed++) {
      writeFileSync(join(directory, 'cluster.json'), mutated(JSON.stringify(file, undefined, 2), seed));
      try {
        expect(clusterFileProblem(readClusterFile(directory))).toBeUndefined();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.message).toContain(join(directory, 'cluster.json'));
        expect(error.exitCode).toBe(1);
        said.add(error.message);
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(said.size).toBeGreaterThan(30);
});
