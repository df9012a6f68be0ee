import { peerMessages } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../src/envelope.ts';
import { helloBody, proofBody } from '../src/hello.ts';
import type { SocketListener } from '../src/socket.ts';
import { joined } from './arbitrary-message.ts';
import { ask, failed, limits, MadeUpNet, madeUpNode } from './made-up-world.ts';

/** Whoever dials and does not listen. */
const deaf: SocketListener = { opened() {}, message() {}, drained() {}, closed() {} };

describe('X8: who may speak as a node', () => {
  it('a dialler without the secret is refused, and gets no answer', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1, { secret: new Uint8Array(32) });
    const two = madeUpNode(net, 2);
    // It believes whatever the listener says.
    const replies = ask(one, 2);
    net.clock.advance(20);
    expect(replies).toEqual([failed('disconnected')]);
    expect(two.requests).toEqual([]);
    expect(two.evidence).toEqual([]);
    expect(one.troubles[0]).toBe('link-2-control: it does not know the secret of the cluster');
  });

  it('a wrong proof ends the session by name', () => {
    const net = new MadeUpNet();
    const two = madeUpNode(net, 2);
    const dialled = net.dial({ host: 'localhost', port: 9002 }, deaf);
    net.clock.advance(5);
    dialled.send([helloOf('node')]);
    net.clock.advance(5);
    dialled.send(proofFrame(new Uint8Array(32)));
    net.clock.advance(5);
    expect(two.troubles).toEqual(['session-1: the proof is wrong']);
    expect(two.evidence).toEqual([]);
  });

  it('a proof cannot be replayed, because the nonces of each hello are new', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    const said: Uint8Array[] = [];
    const accept = net.doors.get(9002);
    if (typeof accept !== 'function') return expect.unreachable();
    net.doors.set(9002, (socket) => {
      const listener = accept(socket);
      const message = (bytes: Uint8Array): void => {
        said.push(bytes);
        listener.message(bytes);
      };
      return { ...listener, message };
    });
    ask(one, 2);
    net.clock.advance(20);
    expect(two.evidence).toHaveLength(1);
    const replayer = net.dial({ host: 'localhost', port: 9002 }, deaf);
    net.clock.advance(5);
    replayer.send([said[0] ?? new Uint8Array(0)]);
    replayer.send([said[1] ?? new Uint8Array(0)]);
    net.clock.advance(5);
    expect(two.troubles).toEqual(['session-2: the proof is wrong']);
  });

  it('nobody is a node where there is no secret', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const two = madeUpNode(net, 2, { secret: undefined });
    ask(one, 2);
    net.clock.advance(20);
    expect(one.troubles[0]).toContain(
      'CLUSTER_AUTHORIZATION_FAILED: this node has no odradek.cluster.secret',
    );
    expect(two.requests).toEqual([]);
  });

  it('another node at the address is not spoken to', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const three = madeUpNode(net, 3);
    one.network.address(2, 'localhost', 9003);
    ask(one, 2);
    net.clock.advance(20);
    expect(one.troubles[0]).toBe('link-2-control: node 3 answers there, not node 2');
    expect([three.requests, three.evidence]).toEqual([[], []]);
  });

  it('a node with our own id is refused', () => {
    const net = new MadeUpNet();
    const two = madeUpNode(net, 2);
    const door = net.doors.get(9002);
    const impostor = madeUpNode(net, 2, { incarnation: 'other' });
    net.doors.set(9003, door ?? 'hangs');
    ask(impostor, 3);
    net.clock.advance(20);
    expect(impostor.troubles[0]).toContain('DUPLICATE_BROKER_REGISTRATION: this is node 2');
    expect(two.troubles[0]).toEqual('session-1: this is node 2; another one may not have its id');
  });
});

function helloOf(role: 'node' | 'client'): Uint8Array {
  const nonce = new Uint8Array(16);
  return joined(
    encodeFrame('hello', 0, 0, helloBody, {
      protocolVersion: 1,
      role,
      channel: 'control',
      clusterId: 'c',
      nodeId: 1,
      directoryId: 'd1',
      incarnation: 'i1',
      nonce,
    }).pieces,
  );
}

function proofFrame(proof: Uint8Array): readonly Uint8Array[] {
  return encodeFrame('proof', 0, 0, proofBody, { proof }).pieces;
}

describe('X7, X13: what is no hello', () => {
  const strange: readonly [string, Uint8Array, RegExp][] = [
    ['arbitrary bytes', Uint8Array.of(0x16, 3, 1, 2), /end at byte|array|claimed/],
    [
      'a request before the hello',
      joined(
        encodeFrame(
          'request',
          peerMessages.allocateProducerIds.id,
          1,
          peerMessages.allocateProducerIds.request,
          {
            brokerId: 1,
            brokerEpoch: 1,
          },
        ).pieces,
      ),
      /a request before the end of the hello/,
    ],
    ['a hello that is too large', new Uint8Array(5000), /at most 4096/],
  ];

  it.each(strange)('%s costs its connection, and no more', (_, bytes, reason) => {
    const net = new MadeUpNet();
    const two = madeUpNode(net, 2);
    const socket = net.dial({ host: 'localhost', port: 9002 }, deaf);
    net.clock.advance(5);
    socket.send([bytes]);
    net.clock.advance(5);
    expect(two.troubles).toEqual([expect.stringMatching(reason)]);
    expect(two.requests).toEqual([]);
  });

  it('silence ends with the deadline', () => {
    const net = new MadeUpNet();
    const two = madeUpNode(net, 2);
    net.dial({ host: 'localhost', port: 9002 }, deaf);
    net.clock.advance(limits.helloTimeoutMs + 10);
    expect(two.troubles).toEqual(['session-1: no hello in time']);
    net.clock.advance(5000);
    expect(net.clock.pendingTimers).toBe(0);
  });
});
