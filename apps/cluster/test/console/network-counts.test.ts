import type { Network, NetworkReply, PeerHandler } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { NetworkCounts } from '../../src/console/network-counts.ts';

function network(reply: NetworkReply<'brokerHeartbeat'>) {
  const asked: unknown[] = [];
  const inner: Network = {
    request(...parts) {
      asked.push(parts);
      // The reply of the API that is asked for in these tests.
      parts[4](reply as never);
    },
    address: (...parts) => asked.push(parts),
    probe: (...parts) => asked.push(parts),
    serve: (...parts) => asked.push(parts),
  };
  return { asked, inner };
}

const heartbeat = { api: 'brokerHeartbeat', body: {} } as never;

describe('NetworkCounts', () => {
  it('unwatched, hands requests on as they are and counts nothing', () => {
    const { inner, asked } = network({ outcome: 'failed', reason: 'timed out' });
    const counts = new NetworkCounts(1);
    const done = (): void => {};
    counts.over(inner).request(2, 'control', heartbeat, 100, done);
    expect(asked).toEqual([[2, 'control', heartbeat, 100, done]]);
    expect(counts.take()).toEqual([]);
  });

  it('watched, counts what is asked and answered by peer and API, once', () => {
    const { inner } = network({ outcome: 'answered', response: {} as never });
    const counts = new NetworkCounts(1);
    counts.isWatched = true;
    let replies = 0;
    for (const to of [2, 2, 3, 1])
      counts.over(inner).request(to, 'control', heartbeat, 100, () => {
        replies += 1;
      });
    expect(replies).toBe(4);
    expect(counts.take()).toEqual([
      { from: 1, to: 2, name: 'brokerHeartbeat', count: 2 },
      { from: 2, to: 1, name: 'brokerHeartbeat answer', count: 2 },
      { from: 1, to: 3, name: 'brokerHeartbeat', count: 1 },
      { from: 3, to: 1, name: 'brokerHeartbeat answer', count: 1 },
    ]);
    expect(counts.take()).toEqual([]);
  });

  it('watched, says of each message to another node when it leaves, and what it carries', () => {
    const left: unknown[] = [];
    let handler: PeerHandler | undefined;
    const { inner } = network({ outcome: 'failed', reason: 'timed out' });
    const counts = new NetworkCounts(1, (...message) => left.push(message));
    const counted = counts.over({ ...inner, serve: (given) => (handler = given) });
    const answering: PeerHandler = {
      handle: (_peer, _request, answer) => answer({ error: 'NONE' } as never),
      observe: () => {},
    };
    const answers: unknown[] = [];
    const ask = (id: number): void => {
      counted.request(id, 'control', heartbeat, 100, () => {});
      handler?.handle({ id } as never, heartbeat, (response) => answers.push(response));
    };
    counted.serve(answering);
    ask(2);
    counts.isWatched = true;
    ask(2);
    // To itself nothing goes.
    ask(1);
    expect(answers).toHaveLength(3);
    expect(left).toEqual([
      [2, 'brokerHeartbeat', {}],
      [2, 'brokerHeartbeat answer', { error: 'NONE' }],
    ]);
  });

  it('an answer that never came is not counted', () => {
    const { inner } = network({ outcome: 'failed', reason: 'timed out' });
    const counts = new NetworkCounts(1);
    counts.isWatched = true;
    counts.over(inner).request(2, 'control', heartbeat, 100, () => {});
    expect(counts.take()).toEqual([{ from: 1, to: 2, name: 'brokerHeartbeat', count: 1 }]);
  });
});
