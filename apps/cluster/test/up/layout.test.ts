import { describe, expect, it } from 'vitest';
import { checkSameShape, newCluster, rolesOf, votersOf } from '../../src/up/layout.ts';

function cluster(brokers: number, controllers: number) {
  let count = 0;
  return newCluster({
    brokers,
    controllers,
    dataDirectory: '/data',
    clusterId: 'c',
    ports: Array.from({ length: brokers + controllers }, (_, index) => 9092 + index),
    newDirectoryId: () => `directory-${++count}`,
  });
}

describe('the layout of a cluster', () => {
  it('lets brokers 1 to 3 vote, and broker 1 alone when there are fewer', () => {
    const voters = (brokers: number) => votersOf(cluster(brokers, 0)).map((voter) => voter.id);
    expect([1, 2, 3, 5].map(voters)).toEqual([[1], [1], [1, 2, 3], [1, 2, 3]]);
  });

  it('puts the voters into nodes of their own, with ports after the brokers', () => {
    const { nodes } = cluster(2, 1);
    expect(nodes.map(({ id, roles, port }) => [id, roles.join(), port])).toEqual([
      [1, 'broker', 9092],
      [2, 'broker', 9093],
      [101, 'controller', 9094],
    ]);
    expect(rolesOf({ brokers: 1, controllers: 3 }).map((node) => node.id)).toEqual([1, 101, 102, 103]);
  });

  it('gives every voter the directory id that is written into its directory', () => {
    expect(votersOf(cluster(1, 0))).toEqual([
      { id: 1, directoryId: 'directory-1', host: '127.0.0.1', port: 9092 },
    ]);
  });

  it('goes on with the cluster that is there, and names what differs', () => {
    const nothing = { brokers: undefined, controllers: undefined, port: undefined };
    const file = cluster(3, 0);
    checkSameShape(file, nothing);
    checkSameShape(file, { brokers: 3, controllers: 0, port: 9092 });
    checkSameShape(file, { ...nothing, port: 0 });
    expect(() => checkSameShape(file, { ...nothing, brokers: 5 })).toThrow('--brokers 3, not 5');
    expect(() => checkSameShape(file, { ...nothing, port: 9192 })).toThrow('--port 9092, not 9192');
  });
});
