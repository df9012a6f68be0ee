import type { Network, PeerAnswer, PeerHandler } from '@odradek/model';
import { expect, it } from 'vitest';
import { OwnPeer } from '../../src/node/own-peer.ts';
import { TestClock } from '../support/test-clock.ts';

const self = { id: 1, directoryId: 'AAAAAAAAAAAAAAAAAAAAAA', incarnation: 'i' };

function ownPeer(answerOf: (answer: (response: PeerAnswer) => void) => void) {
  const clock = new TestClock();
  const asked: string[] = [];
  const outside: Network = {
    request: (to) => asked.push(`outside ${to}`),
    address: (id) => asked.push(`address ${id}`),
    probe: (id) => asked.push(`probe ${id}`),
    serve: () => {},
  };
  const handler: PeerHandler = {
    handle: (peer, request, answer) => {
      asked.push(`own ${request.api} by ${peer.id}`);
      answerOf(answer);
    },
    observe: () => {},
  };
  const network = new OwnPeer(outside, clock, self);
  network.serve(handler);
  return { network, clock, asked };
}

const allocate = { api: 'allocateProducerIds', body: { brokerId: 1, brokerEpoch: 3 } } as const;

it('answers its own requests, not within the call, and passes on those to others', () => {
  const { network, clock, asked } = ownPeer((answer) =>
    answer({ api: 'allocateProducerIds', body: { error: 'NONE', firstProducerId: 7, count: 1000 } }),
  );
  const replies: unknown[] = [];
  network.request(1, 'control', allocate, 100, (reply) => replies.push(reply));
  network.request(2, 'control', allocate, 100, (reply) => replies.push(reply));
  expect(asked).toEqual(['outside 2']);
  clock.advance(0);
  expect(asked).toEqual(['outside 2', 'own allocateProducerIds by 1']);
  expect(replies).toEqual([
    { outcome: 'answered', response: { error: 'NONE', firstProducerId: 7, count: 1000 } },
  ]);
  clock.advance(1000);
  expect(replies).toHaveLength(1);
});

it('W2 a request that is never answered times out, and a late answer is dropped', () => {
  let late: (() => void) | undefined;
  const { network, clock } = ownPeer((answer) => {
    late = () =>
      answer({ api: 'allocateProducerIds', body: { error: 'NONE', firstProducerId: 7, count: 1 } });
  });
  const replies: unknown[] = [];
  network.request(1, 'control', allocate, 100, (reply) => replies.push(reply));
  clock.advance(100);
  late?.();
  clock.advance(100);
  expect(replies).toEqual([{ outcome: 'failed', reason: 'timed out' }]);
});
