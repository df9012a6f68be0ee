import { type BrokerImage, emptyImage } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { clusterMetadata } from '../../src/api/cluster-metadata.ts';

function brokerAt(id: number, host: string): BrokerImage {
  return {
    ...{ id, brokerEpoch: id, incarnation: `life of ${id}`, directoryIds: [], features: [], rack: null },
    endPoints: [{ name: 'PLAINTEXT', host, port: 9092, securityProtocol: 0 }],
    ...{
      isFenced: false,
      isShuttingDown: false,
      processId: 1,
      flushPolicy: 'commit',
      restartClass: 'intact',
    },
  };
}

/** Where a client that reached broker 1 at `reachedHost` is sent for broker 2. */
function toldHost(registered: string, reachedHost: string): string | undefined {
  const brokers = new Map([1, 2].map((id) => [id, brokerAt(id, id === 1 ? '127.0.0.1' : registered)]));
  const needs = {
    ...{ clusterId: 'made-up', brokerId: 1, controllerId: () => 1 },
    image: () => ({ ...emptyImage, brokers }),
  };
  const client = { connection: 'test', reachedHost, reachedPort: 9092 };
  return clusterMetadata(needs, client, { topics: [] }).brokers.find(({ id }) => id === 2)?.host;
}

describe('where a client finds the other brokers', () => {
  it('is where they are registered', () => {
    expect(toldHost('kafka-2.example.com', '10.0.0.1')).toBe('kafka-2.example.com');
    expect(toldHost('10.0.0.2', '127.0.0.1')).toBe('10.0.0.2');
  });

  it('is this machine, by the name that the client has for it, if only this machine can mean it', () => {
    expect(toldHost('127.0.0.1', '10.0.0.1')).toBe('10.0.0.1');
    expect(toldHost('0.0.0.0', '10.0.0.1')).toBe('10.0.0.1');
    expect(toldHost('0.0.0.0', '127.0.0.1')).toBe('127.0.0.1');
    expect(toldHost('127.0.0.1', 'localhost')).toBe('localhost');
  });

  it('is their own address on loopback, where each address may be another node', () => {
    expect(toldHost('127.0.0.2', '127.0.0.1')).toBe('127.0.0.2');
    expect(toldHost('127.0.0.1', '127.0.0.2')).toBe('127.0.0.1');
    expect(toldHost('127.0.0.2', 'localhost')).toBe('127.0.0.2');
  });
});
