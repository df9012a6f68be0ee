import { clientMessages, peerMessages } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientLinks } from '../src/client-link.ts';
import { encodeFrame } from '../src/envelope.ts';
import { emptyBody } from '../src/hello.ts';
import { Link } from '../src/link.ts';
import { createWireSystem } from '../src/system.ts';
import { anyValueOf, joined } from './arbitrary-message.ts';
import { ask, body, here, links } from './client-links.ts';
import { compute, countingRandom, limits, MadeUpNet, madeUpNode } from './made-up-world.ts';

describe("a client's link", () => {
  it('asks without a proof, and the node knows how it was reached', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    const contexts: unknown[] = [];
    node.network.serveClients({
      handle(client, _request, answer) {
        contexts.push(client);
        answer({ api: 'initProducerId', body });
      },
    });
    const link = links(net).connect('bootstrap', here);
    const replies = ask(link);
    net.clock.advance(20);
    expect(replies).toEqual([{ outcome: 'answered', response: body }]);
    expect(contexts).toEqual([{ connection: 'session-1', reachedHost: 'localhost', reachedPort: 9002 }]);
    expect(node.evidence).toEqual([]);
  });

  it('is told when the node does not serve clients yet', () => {
    const net = new MadeUpNet();
    madeUpNode(net, 2, { servesClients: false });
    const replies = ask(links(net).connect('bootstrap', here));
    net.clock.advance(20);
    expect(replies).toMatchObject([{ outcome: 'refused', error: 'BROKER_NOT_AVAILABLE' }]);
  });

  it('dials again for the next request only, and says why the last one failed', () => {
    const net = new MadeUpNet();
    const link = links(net).connect('bootstrap', here);
    const refused = ask(link);
    net.clock.advance(5000);
    expect(refused).toEqual([
      { outcome: 'failed', reason: 'refused', detail: 'ECONNREFUSED localhost:9002' },
    ]);
    expect(net.sockets).toHaveLength(1);
    const node = madeUpNode(net, 2);
    node.network.serveClients({ handle: (_, __, answer) => answer({ api: 'initProducerId', body }) });
    const replies = ask(link);
    net.clock.advance(20);
    expect(replies).toMatchObject([{ outcome: 'answered' }]);
  });

  it('of another cluster is turned away', () => {
    const net = new MadeUpNet();
    madeUpNode(net, 2);
    const { clock, dial } = net;
    const other = createClientLinks({ clock, random: countingRandom(), compute, dial, clusterId: 'mine' });
    const replies = ask(other.connect('bootstrap', here));
    net.clock.advance(20);
    expect(replies).toMatchObject([{ detail: 'INCONSISTENT_CLUSTER_ID: this is a node of cluster c' }]);
  });

  it('that is closed fails what is asked of it', () => {
    const net = new MadeUpNet();
    const link = links(net).connect('bootstrap', here);
    link.close();
    const replies = ask(link);
    net.clock.advance(1);
    expect(replies).toMatchObject([{ outcome: 'failed', reason: 'closed' }]);
  });

  it('E8: of which nothing is asked says now and then that it is there, no more; a node that is silent is noticed once it is asked', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    node.network.serveClients({ handle: (_, __, answer) => answer({ api: 'initProducerId', body }) });
    const { clock, dial } = net;
    const limits = { heartbeatMs: 100, clientHeartbeatMs: 10_000, missedHeartbeats: 3 };
    const all = createClientLinks({ clock, random: countingRandom(), compute, dial, limits });
    const link = all.connect('bootstrap', here);
    ask(link);
    net.clock.advance(20);
    const [near] = net.sockets;
    const far = near?.other;
    if (near === undefined || far === undefined) throw new Error('there is no connection');
    const before = far.receivedBytes;
    net.clock.advance(60_000);
    expect(link.isUp).toBe(true);
    const pingBytes = encodeFrame('ping', 0, 0, emptyBody, {}).byteLength;
    expect(far.receivedBytes - before).toBe(6 * pingBytes);
    near.isCut = true;
    const replies = ask(link);
    net.clock.advance(450);
    expect(replies).toMatchObject([{ outcome: 'failed', detail: 'nothing was heard for too long' }]);
  });

  it('W2: has one timer for all its requests, and each ends at its own time, whichever was asked first', () => {
    const net = new MadeUpNet();
    madeUpNode(net, 2);
    const link = links(net).connect('bootstrap', here);
    net.clock.advance(20);
    const ended: string[] = [];
    const askFor = (name: string, timeoutMs: number): void =>
      link.request<'initProducerId'>({ api: 'initProducerId', body: {} }, timeoutMs, ({ outcome }) =>
        ended.push(`${name} ${outcome} at ${net.clock.nowMs()}`),
      );
    askFor('warm', 1000);
    net.clock.advance(20);
    const before = net.clock.pendingTimers;
    const now = net.clock.nowMs();
    askFor('long', 900);
    for (let count = 0; count < 50; count++) askFor(`short ${count}`, 300);
    askFor('middle', 600);
    // Until they have arrived each is a timer of the made-up network's.
    net.clock.advance(10);
    expect(net.clock.pendingTimers - before).toBeLessThanOrEqual(1);
    net.clock.advance(1000);
    expect(ended.filter((line) => !line.startsWith('short'))).toEqual([
      `middle failed at ${now + 600}`,
      `long failed at ${now + 900}`,
      'warm failed at 1020',
    ]);
    expect(ended.filter((line) => line.endsWith(`failed at ${now + 300}`))).toHaveLength(50);
  });

  it('leaves nothing behind when it is closed', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    const all = links(net);
    const replies = ask(all.connect('bootstrap', here));
    net.clock.advance(20);
    all.close();
    net.clock.advance(5000);
    expect(replies).toMatchObject([{ outcome: 'failed', reason: 'closed' }]);
    expect(node.clientRequests).toHaveLength(1);
    expect(net.clock.pendingTimers).toBe(0);
  });
});

describe('X8: a client', () => {
  it('may not speak the APIs of nodes: it is told so, and the node never sees them', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    const { clock, dial } = net;
    const system = createWireSystem('links', clock);
    const link = new Link(
      { system, clock, random: countingRandom(), compute, dial, limits },
      {
        id: 'impostor',
        address: here,
        hello: {
          role: 'client',
          channel: 'data',
          clusterId: 'c',
          nodeId: 1,
          directoryId: 'd1',
          incarnation: 'i1',
        },
        expected: { clusterId: undefined, nodeId: undefined },
        secret: undefined,
        isKept: false,
      },
    );
    const replies: unknown[] = [];
    const forged = { brokerId: 1, brokerEpoch: 1, partitions: [] };
    link.request(peerMessages.reportFlushed, forged, 1000, (reply) => replies.push(reply));
    const heartbeat = {
      brokerId: 1,
      brokerEpoch: 1,
      metadataOffset: 1,
      wantFence: true,
      wantShutDown: true,
      failedLogs: [],
      isMetadataStuck: false,
      noRoom: '',
    };
    link.request(peerMessages.brokerHeartbeat, heartbeat, 1000, (reply) => replies.push(reply));
    net.clock.advance(20);
    expect(replies).toEqual([
      {
        outcome: 'refused',
        error: 'CLUSTER_AUTHORIZATION_FAILED',
        message: "reportFlushed is for nodes of the cluster only; this connection is a client's",
      },
      expect.objectContaining({ outcome: 'refused', error: 'CLUSTER_AUTHORIZATION_FAILED' }),
    ]);
    expect([node.requests, node.evidence]).toEqual([[], []]);
    expect(node.troubles).toHaveLength(2);
  });
});

describe('X13: hostile frames on a session that serves', () => {
  it('cost at most their own connection, whatever they are', () => {
    const field = clientMessages.fetch.request;
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          anyValueOf(field),
          fc.oneof(fc.constant(clientMessages.fetch.id), fc.nat(100)),
          fc.nat(),
          fc.nat(255),
        )
        .map(([value, api, place, byte]) => {
          const message = joined(encodeFrame<unknown>('request', api, 1, field, value).pieces);
          message[place % message.length] = byte;
          return message;
        }),
    );
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 10 }), (hostile) => {
        const net = new MadeUpNet();
        const node = madeUpNode(net, 2);
        node.network.serveClients({
          handle(_client, request, answer) {
            if (request.api === 'initProducerId') answer({ api: 'initProducerId', body });
          },
        });
        const stranger = links(net).connect('stranger', here);
        const friend = links(net).connect('friend', here);
        ask(stranger);
        net.clock.advance(20);
        for (const bytes of hostile) net.sockets[0]?.send([bytes]);
        const replies = ask(friend);
        net.clock.advance(20);
        expect(replies).toMatchObject([{ outcome: 'answered' }]);
        expect(node.requests).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
