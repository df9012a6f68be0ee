import type { NetworkReply, PeerAnswer, PeerEvidence, PeerRequest } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../src/seeded-random.ts';
import { VirtualTime } from '../src/virtual-clock.ts';
import { VirtualNetwork } from '../src/virtual-network.ts';
import { VirtualProcess } from '../src/virtual-process.ts';

function vote(epoch: number): PeerRequest<'beginQuorumEpoch'> {
  return {
    api: 'beginQuorumEpoch',
    body: { clusterId: 'cluster', leaderId: 1, leaderEpoch: epoch, voterDirectoryId: 'directory' },
  };
}

function answerTo(request: PeerRequest): PeerAnswer {
  if (request.api !== 'beginQuorumEpoch') throw new Error(`unexpected ${request.api}`);
  return {
    api: 'beginQuorumEpoch',
    body: { error: 'NONE', leaderId: 1, leaderEpoch: request.body.leaderEpoch },
  };
}

/** Two nodes; 2 answers every request, unless told to keep quiet. */
function twoNodes() {
  const time = new VirtualTime();
  const network = new VirtualNetwork(time, new SeededRandom(1));
  const epochs: number[] = [];
  const evidence: string[] = [];
  const say = (at: number) => (found: PeerEvidence) => {
    evidence.push(`${at}: ${found.type} ${'peer' in found ? found.peer.id : found.id}`);
  };
  const start = (id: number, life: number) => {
    const process = new VirtualProcess({ id, directoryId: `d${id}`, incarnation: `life ${life}` });
    const port = network.attach(process, `node${id}`, 9092);
    for (const other of [1, 2, 3]) port.address(other, `node${other}`, 9092);
    port.serve({
      handle(_peer, request, answer) {
        if (request.api === 'beginQuorumEpoch') epochs.push(request.body.leaderEpoch);
        answer(answerTo(request));
      },
      observe: say(id),
    });
    return { process, port };
  };
  const one = start(1, 1);
  const two = start(2, 1);
  const replies: string[] = [];
  const ask = (epoch: number, to = 2) =>
    one.port.request(to, 'control', vote(epoch), 500, (reply: NetworkReply<'beginQuorumEpoch'>) =>
      replies.push(reply.outcome === 'answered' ? `${reply.response.leaderEpoch}` : reply.reason),
    );
  return { time, network, one, two, ask, replies, epochs, evidence, start };
}

describe('virtual network', () => {
  it('carries requests and answers in their order, later', () => {
    const { time, ask, replies, epochs, evidence } = twoNodes();
    for (const epoch of [1, 2, 3, 4]) ask(epoch);
    expect(replies).toEqual([]);
    time.advance(50);
    expect(epochs).toEqual([1, 2, 3, 4]);
    expect(replies).toEqual(['1', '2', '3', '4']);
    expect(evidence.slice(0, 2)).toEqual(['2: linked 1', '1: reached 2']);
  });

  it('is refused by a host whose process is dead, which is evidence', () => {
    const { time, ask, replies, evidence, two } = twoNodes();
    ask(1);
    time.advance(50);
    two.process.end();
    time.advance(50);
    ask(2);
    time.advance(50);
    expect(replies).toEqual(['1', 'refused']);
    expect(evidence.at(-1)).toBe('1: refused 2');
  });

  it('shows the listener that its peer has gone', () => {
    const { time, ask, evidence, one } = twoNodes();
    ask(1);
    time.advance(50);
    one.process.end();
    time.advance(50);
    expect(evidence.at(-1)).toBe('2: unlinked 1');
  });

  it('fails what was asked of a process that is killed', () => {
    const { time, network, ask, replies, two } = twoNodes();
    ask(1);
    time.advance(50);
    network.hold({ to: 2, kind: 'request' });
    ask(2);
    time.advance(5);
    two.process.end();
    time.advance(20);
    expect(replies).toEqual(['1', 'disconnected']);
  });

  it('fails what was asked of a process that is killed while it is paused, also where it was only dialled', () => {
    const { time, ask, replies, two, start } = twoNodes();
    two.process.pause();
    ask(1);
    time.advance(50);
    two.process.end();
    time.advance(20);
    start(2, 2);
    ask(2);
    time.advance(50);
    expect(replies).toEqual(['disconnected', '2']);
  });

  it('is silent where the power is gone, until a process is there again', () => {
    const { time, network, ask, replies, evidence, two, start } = twoNodes();
    two.process.end();
    network.silence('node2', 9092);
    ask(1);
    time.advance(600);
    expect(replies).toEqual(['timed out']);
    expect(evidence).toEqual([]);
    start(2, 2);
    time.advance(5000);
    ask(2);
    time.advance(50);
    expect(replies).toEqual(['timed out', '2']);
  });

  it('reaches a host that lost its power while it was dialled', () => {
    const { time, network, ask, replies, two, start } = twoNodes();
    ask(1);
    two.process.end();
    network.silence('node2', 9092);
    time.advance(600);
    start(2, 2);
    ask(2);
    time.advance(50);
    expect(replies).toEqual(['timed out', '2']);
  });

  it('delivers late what a cut has held up, in its order (E1)', () => {
    const { time, network, ask, replies, epochs } = twoNodes();
    ask(1);
    time.advance(50);
    network.cut(1, 2);
    ask(2);
    ask(3);
    time.advance(100);
    expect(epochs).toEqual([1]);
    network.healAll();
    time.advance(50);
    expect(replies).toEqual(['1', '2', '3']);
  });

  it('cuts one way: the request has its effect, its answer does not come back (E2)', () => {
    const { time, network, ask, replies, epochs } = twoNodes();
    ask(1);
    time.advance(50);
    network.cut(2, 1);
    ask(2);
    time.advance(600);
    expect(epochs).toEqual([1, 2]);
    expect(replies).toEqual(['1', 'timed out']);
  });

  it('gives up a connection that is silent for too long, at both ends', () => {
    const { time, network, ask, evidence } = twoNodes();
    ask(1);
    time.advance(50);
    network.cut(1, 2);
    time.advance(2900);
    expect(evidence).not.toContain('2: unlinked 1');
    time.advance(200);
    expect(evidence.at(-1)).toBe('2: unlinked 1');
  });

  it('loses an answer after its effect, and the connection with it', () => {
    const { time, network, ask, replies, epochs } = twoNodes();
    network.loseNext({ kind: 'answer' });
    ask(1);
    time.advance(50);
    expect(epochs).toEqual([1]);
    expect(replies).toEqual(['disconnected']);
    ask(2);
    time.advance(50);
    expect(replies).toEqual(['disconnected', '2']);
  });

  it('holds one answer while others pass, and a request with all that is behind it', () => {
    const { time, network, ask, replies, epochs } = twoNodes();
    ask(1);
    time.advance(50);
    const answers = network.hold({ kind: 'answer' });
    ask(2);
    time.advance(50);
    const requests = network.hold({ kind: 'request', api: 'beginQuorumEpoch' });
    ask(3);
    ask(4);
    time.advance(50);
    expect(epochs).toEqual([1, 2]);
    network.release(requests);
    network.release(answers);
    time.advance(50);
    expect(epochs).toEqual([1, 2, 3, 4]);
    expect(replies).toEqual(['1', '2', '3', '4']);
  });

  it('knows no address that nobody has said', () => {
    const { time, ask, replies } = twoNodes();
    ask(1, 9);
    expect(replies).toEqual([]);
    time.advance(1);
    expect(replies).toEqual(['unknown address']);
  });

  it('lets a paused process answer late (E6)', () => {
    const { time, ask, replies, two } = twoNodes();
    ask(1);
    time.advance(50);
    two.process.pause();
    ask(2);
    time.advance(100);
    expect(replies).toEqual(['1']);
    two.process.resume((callback) => time.after(0, callback));
    time.advance(50);
    expect(replies).toEqual(['1', '2']);
  });

  it('gives a probe its evidence, with nothing asked', () => {
    const { time, one, two, evidence } = twoNodes();
    one.port.probe(2);
    time.advance(50);
    two.process.end();
    time.advance(50);
    one.port.probe(2);
    time.advance(50);
    expect(evidence).toEqual(['2: linked 1', '1: reached 2', '1: refused 2']);
  });

  it('refuses a message that its schema does not allow', () => {
    const { time, one } = twoNodes();
    const request = vote(0.5);
    one.port.request(2, 'control', request, 500, () => {});
    expect(() => time.advance(50)).toThrow('leaderEpoch');
  });
});
