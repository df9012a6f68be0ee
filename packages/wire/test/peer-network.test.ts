import { describe, expect, it, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import { defaultLimits } from '../src/limits.ts';
import {
  answeredBy,
  ask,
  failed,
  limits,
  MadeUpNet,
  type MadeUpNode,
  madeUpNode,
  type Reply,
} from './made-up-world.ts';

const peer = (id: number) => ({ id, directoryId: `d${id}`, incarnation: `i${id}` });
const epochs = (node: MadeUpNode) =>
  node.requests.map((request) => (request.api === 'reportFlushed' ? request.body.brokerEpoch : request.api));

/** Node 1 has dialled node 2 in vain for long, and has just reached it. */
function linkThatHadFailedOften() {
  const net = new MadeUpNet();
  const one = madeUpNode(net, 1);
  ask(one, 2);
  net.clock.advance(30_000);
  const two = madeUpNode(net, 2);
  ask(two, 1);
  net.clock.advance(10);
  return { net, one, link: net.sockets.at(-1) };
}

describe('the network between nodes', () => {
  it('dials on the first request, and both sides see it', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    expect(net.sockets).toHaveLength(0);
    const replies = ask(one, 2);
    net.clock.advance(50);
    expect(replies).toEqual([answeredBy(2)]);
    expect(two.requests).toMatchObject([{ api: 'reportFlushed', body: { brokerId: 9 } }]);
    expect(one.evidence).toEqual([{ type: 'reached', id: 2 }]);
    expect(two.evidence).toEqual([{ type: 'linked', peer: peer(1) }]);
  });

  it('tells the handler who has proved to be there', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    const seen: unknown[] = [];
    two.answerWith = (from) => seen.push(from);
    ask(one, 2);
    net.clock.advance(50);
    expect(seen).toEqual([peer(1)]);
  });

  it('keeps one control and one data link for each ordered pair', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    for (let i = 0; i < 5; i++) ask(one, 2, i);
    net.clock.advance(50);
    const request = { api: 'reportFlushed', body: { brokerId: 1, brokerEpoch: 1, partitions: [] } } as const;
    one.network.request(2, 'data', request, 1000, () => undefined);
    two.network.request(1, 'control', request, 1000, () => undefined);
    net.clock.advance(50);
    expect(net.sockets).toHaveLength(3);
    expect(epochs(two)).toEqual([0, 1, 2, 3, 4, 1]);
    expect(two.evidence.filter(({ type }) => type === 'linked')).toHaveLength(1);
  });

  it('asks itself without a link, and never from within the order', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const replies = ask(one, 1);
    net.clock.advance(1);
    expect(replies).toEqual([answeredBy(1)]);
    expect(net.sockets).toHaveLength(0);
  });

  it('makes a link in a turn of its own, not in the transition of a machine that asks: xstate makes no actor there', () => {
    const net = new MadeUpNet();
    const [one] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    const warned = vi.spyOn(console, 'warn');
    const replies: Reply[][] = [];
    const asker = setup({
      actions: {
        'ask the other': () => {
          one.network.probe(2);
          for (const number of [1, 2]) replies.push(ask(one, 2, number));
        },
      },
    }).createMachine({ on: { ask: { actions: 'ask the other' } } });
    const actor = createActor(asker).start();
    try {
      actor.send({ type: 'ask' });
      net.clock.advance(50);
      expect(replies).toEqual([[answeredBy(2)], [answeredBy(2)]]);
      expect(net.sockets).toHaveLength(1);
      expect(warned.mock.calls).toEqual([]);
    } finally {
      warned.mockRestore();
    }
  });

  it('says that an address is unknown, or that it is closed', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const unknown = ask(one, 7);
    const waiting = ask(one, 2);
    one.network.close();
    const late = ask(one, 2);
    net.clock.advance(1);
    expect([unknown, waiting, late].flat()).toEqual([
      failed('unknown address'),
      failed('closed'),
      failed('closed'),
    ]);
  });

  it('reports a refused address as evidence, also when only probed, and dials again with a growing back-off (E5)', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const replies = ask(one, 2);
    net.clock.advance(2);
    expect(replies).toEqual([failed('refused')]);
    expect(one.evidence).toEqual([{ type: 'refused', id: 2 }]);
    net.clock.advance(60_000);
    const dials = net.sockets.length;
    expect(dials).toBeGreaterThan(60_000 / defaultLimits.backOffMaxMs);
    expect(dials).toBeLessThan((2 * 60_000) / defaultLimits.backOffMaxMs + 20);
    expect(one.troubles).toEqual(['link-2-control: ECONNREFUSED localhost:9002']);
    one.network.probe(3);
    net.clock.advance(2);
    expect(one.evidence.at(-1)).toEqual({ type: 'refused', id: 3 });
  });

  it('C7: a probe has its evidence at once, also of a link that breaks after it and had failed often before', () => {
    const { net, one, link } = linkThatHadFailedOften();
    expect(one.evidence.at(-1)).toEqual({ type: 'reached', id: 2 });
    net.doors.delete(9002);
    one.network.probe(2);
    link?.other?.close('killed');
    net.clock.advance(5);
    expect(one.evidence.at(-1)).toEqual({ type: 'refused', id: 2 });
  });

  it('C7: a probe that a dying process resets is made once more, and then is refused', () => {
    const { net, one, link } = linkThatHadFailedOften();
    net.doors.set(9002, 'resets');
    one.network.probe(2);
    link?.other?.close('killed');
    net.clock.advance(5);
    expect(one.evidence.at(-1)).toEqual({ type: 'reached', id: 2 });
    net.doors.delete(9002);
    net.clock.advance(30);
    expect(one.evidence.at(-1)).toEqual({ type: 'refused', id: 2 });
  });

  it('finds a node that returns, and is found by it without waiting', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    ask(one, 2);
    net.clock.advance(30_000);
    const two = madeUpNode(net, 2);
    const before = net.clock.nowMs();
    ask(two, 1);
    const replies = ask(one, 2);
    while (replies.length === 0 && net.clock.nowMs() < before + 2000) net.clock.advance(1);
    expect(replies).toEqual([answeredBy(2)]);
    expect(net.clock.nowMs() - before).toBeLessThan(15);
  });

  it('follows a node to another address', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    ask(one, 2);
    net.clock.advance(50);
    net.doors.set(9100, (socket) => two.network.accept(socket, { host: 'localhost', port: 9100 }));
    net.doors.delete(9002);
    one.network.address(2, 'localhost', 9100);
    const replies = ask(one, 2);
    net.clock.advance(50);
    expect(replies).toEqual([answeredBy(2)]);
  });
});

describe('E3: a peer that vanishes', () => {
  it('a connect that hangs times out', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    net.doors.set(9002, 'hangs');
    const replies = ask(one, 2);
    net.clock.advance(limits.connectTimeoutMs);
    expect(replies).toEqual([failed('timed out')]);
    expect(one.evidence).toEqual([]);
  });

  it('one that accepts and never answers times out', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    const mute = { opened() {}, message() {}, drained() {}, closed() {} };
    net.doors.set(9002, () => mute);
    const replies = ask(one, 2);
    net.clock.advance(limits.helloTimeoutMs + 10);
    expect(replies).toEqual([failed('timed out')]);
    expect(one.evidence).toEqual([]);
  });

  it('both sides notice a cut without a goodbye, by missed heartbeats', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    ask(one, 2);
    net.clock.advance(1000);
    two.answerWith = () => undefined;
    const replies = ask(one, 2);
    net.clock.advance(10);
    const [near] = net.sockets;
    if (near?.other === undefined) return expect.unreachable();
    near.isCut = true;
    near.other.isCut = true;
    net.doors.set(9002, 'hangs');
    net.clock.advance(limits.heartbeatMs * (limits.missedHeartbeats + 1));
    expect(replies).toEqual([failed('disconnected')]);
    expect(two.evidence.map(({ type }) => type)).toEqual(['linked', 'unlinked']);
    expect([two.troubles, two.troubledBy]).toEqual([['session-1: it was lifeless for too long'], ['node 1']]);
  });

  it('a probe of a link that is up asks for a sign of life at once', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    madeUpNode(net, 2);
    ask(one, 2);
    net.clock.advance(limits.heartbeatMs + 10);
    const [near] = net.sockets;
    const before = near?.receivedBytes ?? 0;
    one.network.probe(2);
    net.clock.advance(5);
    expect(near?.receivedBytes).toBeGreaterThan(before);
  });

  it('a link lives as long as heartbeats pass, and each is a sign that the node is reached', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    ask(one, 2);
    net.clock.advance(10_000);
    expect(net.sockets).toHaveLength(1);
    expect(one.evidence.length).toBeGreaterThan(90);
    expect(two.evidence).toHaveLength(1);
  });

  it('E6: a process that was stalled counts one missed heartbeat, not the time', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    ask(one, 2);
    net.clock.advance(1000);
    net.clock.stall(60_000);
    net.clock.advance(1000);
    expect([...one.troubles, ...two.troubles]).toEqual([]);
    expect(net.sockets).toHaveLength(1);
  });

  it('a second dial of the same process replaces its half-open session, and it stays linked', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    ask(one, 2);
    net.clock.advance(1000);
    const [near] = net.sockets;
    if (near?.other === undefined) return expect.unreachable();
    near.other.isCut = true;
    near.listener?.closed({ refused: false, reason: 'reset' });
    net.clock.advance(60);
    expect(near.other.closedBecause).toBe('the same node has dialled again');
    net.clock.advance(2000);
    expect(two.evidence.map(({ type }) => type)).toEqual(['linked', 'linked']);
  });

  it('an unanswered request times out alone; its late answer is passed over', () => {
    const net = new MadeUpNet();
    const [one, two] = [madeUpNode(net, 1), madeUpNode(net, 2)];
    const answers: (() => void)[] = [];
    two.answerWith = (_, __, answer) =>
      answers.push(() => answer({ api: 'reportFlushed', body: { error: 'late' } }));
    const early = ask(one, 2, 1, 100);
    const late = ask(one, 2, 2, 1000);
    net.clock.advance(200);
    for (const answer of answers) answer();
    net.clock.advance(10);
    expect(early).toEqual([failed('timed out')]);
    expect(late).toEqual([{ outcome: 'answered', response: { error: 'late' } }]);
  });

  it('a request that times out unsent takes those behind it with it, so that order holds', () => {
    const net = new MadeUpNet();
    const one = madeUpNode(net, 1);
    net.doors.set(9002, 'hangs');
    const first = ask(one, 2, 1, 100);
    const second = ask(one, 2, 2, 10_000);
    net.clock.advance(100);
    expect([first, second]).toEqual([[failed('timed out')], [failed('disconnected')]]);
  });
});
