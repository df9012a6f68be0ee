import { expect, it } from 'vitest';
import type { ControllerReply } from '../../src/node/controller-channel.ts';
import { Proposals, type ProposalsOptions } from '../../src/node/proposals.ts';
import { TestClock } from '../support/test-clock.ts';

type Reply = ControllerReply<'alterPartitions'>;
type Asked = Parameters<ProposalsOptions['controller']['request']>;

const topicId = 'TTTTTTTTTTTTTTTTTTTTTA';

function proposalsOf(count: number) {
  const clock = new TestClock();
  const asked: { readonly partitions: readonly number[]; readonly reply: (reply: Reply) => void }[] = [];
  const request = (...[{ body }, , done]: Asked): void => {
    const { partitions } = body as { partitions: readonly { readonly partition: number }[] };
    asked.push({
      partitions: partitions.map(({ partition }) => partition),
      reply: done as (reply: Reply) => void,
    });
  };
  const proposals = new Proposals({
    ...{ controller: { request } as ProposalsOptions['controller'], clock, brokerId: 1 },
    ...{ brokerEpoch: () => 7, timeoutMs: 5000, retryMs: 100 },
  });
  const settled: number[] = [];
  for (let partition = 0; partition < count; partition++)
    proposals.propose(
      { topicId, partition },
      {
        kind: 'shrink',
        changed: [2],
        leaderEpoch: 1,
        partitionEpoch: 0,
        inSyncReplicas: [],
        isRecovering: false,
      },
      () => void settled.push(partition),
    );
  return { clock, asked, settled, proposals };
}

function answerTo(partitions: readonly number[]): Reply {
  const part = { topicId, error: 'NONE', leader: 1, leaderEpoch: 1, partitionEpoch: 1, inSyncReplicas: [1] };
  const answers = partitions.map((partition) => ({ ...part, partition }));
  return { outcome: 'answered', response: { error: 'NONE', partitions: answers } };
}

it('I5: what no controller answers is asked again as one request after one rest, however many partitions it is', () => {
  const { clock, asked, settled } = proposalsOf(3000);
  asked[0]?.reply(answerTo([0]));
  expect([asked.length, asked[1]?.partitions.length, settled]).toEqual([2, 2999, [0]]);
  const refusals: readonly Reply[] = [
    { outcome: 'failed', reason: 'no controller' },
    { outcome: 'answered', response: { error: 'NOT_CONTROLLER', partitions: [] } },
  ];
  for (const [index, refusal] of refusals.entries()) {
    asked[1 + index]?.reply(refusal);
    clock.advance(99);
    expect([asked.length, settled.length]).toEqual([2 + index, 1]);
    clock.advance(1);
    expect(asked[2 + index]?.partitions).toHaveLength(2999);
  }
  const last = asked.at(-1);
  last?.reply(answerTo(last.partitions));
  expect(settled).toHaveLength(3000);
  clock.advance(10_000);
  expect(asked).toHaveLength(4);
});

it('I5: a newer proposal of a partition takes the place of one that is to be asked again', () => {
  const { clock, asked, settled, proposals } = proposalsOf(101);
  asked[0]?.reply(answerTo([0]));
  const newer: string[] = [];
  asked[1]?.reply({ outcome: 'failed', reason: 'timed out' });
  proposals.propose(
    { topicId, partition: 1 },
    {
      kind: 'expand',
      changed: [2],
      leaderEpoch: 2,
      partitionEpoch: 3,
      inSyncReplicas: [],
      isRecovering: false,
    },
    ({ outcome }) => void newer.push(outcome),
  );
  clock.advance(100);
  asked[2]?.reply(answerTo([1]));
  expect([asked.length, newer]).toEqual([3, ['answered']]);
  expect(settled).not.toContain(1);
  proposals.close();
});
