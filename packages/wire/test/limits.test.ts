import { describe, expect, it } from 'vitest';
import { ask, body, heldAnswers, here, links, produce } from './client-links.ts';
import { ask as askPeer, MadeUpNet, madeUpNode } from './made-up-world.ts';

describe('E4: caps', () => {
  it('a request waits while more bytes are unanswered than allowed', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    const answers: (() => void)[] = [];
    node.network.serveClients({
      handle(_client, _request, answer) {
        answers.push(() =>
          answer({ api: 'produce', body: { error: 'NONE', errorMessage: null, partitions: [] } }),
        );
      },
    });
    const link = links(net, { maxUnansweredBytes: 1000 }).connect('bootstrap', here);
    const first = produce(link, 600);
    const second = produce(link, 600);
    net.clock.advance(20);
    expect(answers).toHaveLength(1);
    answers[0]?.();
    net.clock.advance(20);
    expect([first.length, second.length, answers.length]).toEqual([1, 0, 2]);
  });

  it('one request may be larger than the room for several', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2);
    produce(links(net, { maxUnansweredBytes: 10 }).connect('bootstrap', here), 600);
    net.clock.advance(20);
    expect(node.clientRequests).toHaveLength(1);
  });

  it('a link on which too much waits is given up', () => {
    const net = new MadeUpNet();
    madeUpNode(net, 2);
    const link = links(net, { maxWaitingBytes: 1000, maxUnansweredBytes: 10 }).connect('bootstrap', here);
    const replies = produce(link, 600);
    net.clock.advance(20);
    expect([produce(link, 600), produce(link, 600)]).toEqual([[], []]);
    net.clock.advance(1);
    expect(replies).toMatchObject([
      { reason: 'disconnected', detail: 'more is unanswered than the caps allow' },
    ]);
  });

  it('X7: a client that asks too much at once is not read until it has answers', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxServing: 2 } });
    const answers: (() => void)[] = [];
    node.network.serveClients({
      handle: (_, __, answer) => answers.push(() => answer({ api: 'initProducerId', body })),
    });
    const link = links(net).connect('bootstrap', here);
    const replies = [ask(link), ask(link), ask(link)];
    net.clock.advance(20);
    const far = net.sockets[0]?.other;
    expect([answers.length, far?.isPaused]).toEqual([2, true]);
    answers[0]?.();
    answers[0]?.();
    expect([answers.length, far?.isPaused]).toEqual([3, true]);
    answers[1]?.();
    answers[2]?.();
    net.clock.advance(20);
    expect(far?.isPaused).toBe(false);
    expect(replies.map((reply) => reply.length)).toEqual([1, 1, 1]);
  });

  it('X7: nor one whose unanswered requests hold too many bytes', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxUnansweredBytes: 1000 } });
    const answers = heldAnswers(node);
    const link = links(net).connect('bootstrap', here);
    for (let i = 0; i < 3; i++) produce(link, 600);
    net.clock.advance(20);
    const far = net.sockets[0]?.other;
    expect([answers.length, far?.isPaused]).toEqual([2, true]);
    answers[0]?.();
    expect([answers.length, far?.isPaused]).toEqual([3, true]);
    answers[1]?.();
    answers[2]?.();
    expect(far?.isPaused).toBe(false);
  });

  it('X1: what all clients together wait for has a cap; who asks beyond it is not read until there is room', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxServingBytes: 1500 } });
    const answers = heldAnswers(node);
    const [one, other] = [links(net).connect('one', here), links(net).connect('other', here)];
    for (const link of [one, other, one, other]) produce(link, 600);
    net.clock.advance(20);
    const far = net.sockets.map((socket) => socket.other?.isPaused);
    expect([answers.length, ...far]).toEqual([3, false, true]);
    answers[0]?.();
    answers[1]?.();
    net.clock.advance(20);
    expect([answers.length, ...net.sockets.map((socket) => socket.other?.isPaused)]).toEqual([
      4,
      false,
      false,
    ]);
  });

  it('X7: so many clients are served, and the next is told; nodes have room of their own', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxClients: 2 } });
    const peer = madeUpNode(net, 1);
    node.network.serveClients({ handle: (_, __, answer) => answer({ api: 'initProducerId', body }) });
    const [one, other, third] = ['one', 'other', 'third'].map((id) => links(net).connect(id, here));
    if (one === undefined || other === undefined || third === undefined) return expect.unreachable();
    const replies = [ask(one), ask(other)];
    net.clock.advance(20);
    expect(replies.flat()).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }]);
    const refused = ask(third);
    const asked = askPeer(peer, 2);
    net.clock.advance(20);
    expect(refused).toMatchObject([{ outcome: 'failed' }]);
    expect(JSON.stringify(refused)).toContain('2 clients are connected, and more are not taken');
    expect(asked).toMatchObject([{ outcome: 'answered' }]);
    one.close();
    net.clock.advance(20);
    const again = ask(third);
    net.clock.advance(2000);
    expect(again).toMatchObject([{ outcome: 'answered' }]);
  });

  it('X1: a request above the limit costs its connection', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxRequestBytes: 500 } });
    produce(links(net).connect('bootstrap', here), 600);
    net.clock.advance(20);
    expect(node.troubles[0]).toContain('at most 500 are allowed');
    expect(node.clientRequests).toEqual([]);
  });

  it('X7: a node that lets more requests wait than a link ever has costs its connection', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxRequests: 3 } });
    node.answerWith = () => undefined;
    const peer = madeUpNode(net, 1);
    const asked = [1, 2, 3, 4].map(() => askPeer(peer, 2));
    net.clock.advance(20);
    expect(node.troubles[0]).toContain('more than 3 requests wait for an answer');
    expect(asked.flat()).toHaveLength(4);
  });

  it('one that takes no answers is not read, and closed beyond the hard cap', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { maxBufferedBytes: 50, maxBufferedBytesHard: 100 } });
    node.network.serveClients({ handle: (_, __, answer) => answer({ api: 'initProducerId', body }) });
    const link = links(net).connect('bootstrap', here);
    ask(link);
    net.clock.advance(20);
    const far = net.sockets[0]?.other;
    if (far === undefined) return expect.unreachable();
    far.isStuck = true;
    for (let i = 0; i < 4; i++) ask(link);
    net.clock.advance(2);
    expect(far.isPaused).toBe(true);
    far.resume();
    net.clock.advance(20);
    for (let i = 0; i < 4; i++) ask(link);
    far.resume();
    net.clock.advance(20);
    expect(node.troubles).toEqual(['session-1: it takes no answers']);
  });

  it('E3: one that neither takes answers nor is full is closed too, after a while', () => {
    const net = new MadeUpNet();
    const node = madeUpNode(net, 2, { limits: { clientHeartbeatMs: 1000 } });
    node.network.serveClients({ handle: (_, __, answer) => answer({ api: 'initProducerId', body }) });
    const link = links(net, { missedHeartbeats: 1000 }).connect('bootstrap', here);
    ask(link);
    net.clock.advance(20);
    const far = net.sockets[0]?.other;
    if (far === undefined) return expect.unreachable();
    far.isStuck = true;
    // It goes on asking for a sign of life while it waits for an answer.
    ask(link);
    net.clock.advance(20);
    const received = far.receivedBytes;
    net.clock.advance(8000);
    expect(far.receivedBytes).toBeGreaterThan(received);
    expect(node.troubles).toEqual(['session-1: it was lifeless for too long']);
  });
});
