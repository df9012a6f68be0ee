import type { ClientAnswer } from '@odradek/model';
import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const CONTROLLER = 101;

it('V11 a leader that hears at once of its in-sync set and of its deposition commits nothing in its dead epoch', () => {
  const settings = {
    'unclean.leader.election.enable': 'true',
    'min.insync.replicas': '1',
    'replica.lag.time.max.ms': '1000',
  };
  const cluster = new MadeUpCluster([1, 2], settings, [CONTROLLER]);
  for (const id of [CONTROLLER, 1, 2]) cluster.start(id);
  cluster.until('running brokers', () => [1, 2].every((id) => cluster.nodes.get(id)?.state === 'running'));
  const topic = { name: 't', partitions: 1, replicationFactor: 2, assignment: [[1, 2]], config: [] };
  const body = {
    timeoutMs: 5000,
    validateOnly: false,
    requestId: '',
    topics: [{ ...topic, partitions: -1 }],
  };
  const topicId = cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const stateAt = (node: number) => cluster.nodes.get(node)?.image.topics.get(topicId)?.partitions[0];
  const produce = (answer: (given: ClientAnswer) => void): void => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const client = { connection: 'test', reachedHost: 'made-up', reachedPort: 1 };
    const request = { api: 'produce', body: { acks: -1, timeoutMs: 60_000, partitions: [part] } } as const;
    cluster.nodes.get(1)?.clients.handle(client, request, answer);
  };
  cluster.until('the leader is ready', () => cluster.nodes.get(1)?.hosted.size === 1);

  cluster.isolate(2);
  const answers: ClientAnswer[] = [];
  produce((given) => answers.push(given));
  // The controller has it, the leader has not heard of it yet.
  while (stateAt(CONTROLLER)?.inSyncReplicas.length !== 1) cluster.clock.advance(0.5);
  expect(stateAt(1)?.inSyncReplicas).toEqual([1, 2]);
  cluster.rejoin(2);
  cluster.isolate(1);
  cluster.until('an unclean leader', () => stateAt(CONTROLLER)?.leader === 2);
  expect(answers).toEqual([]);
  cluster.rejoin(1);
  cluster.until('an answer', () => answers.length > 0);
  expect(answers).toMatchObject([{ body: { partitions: [{ error: 'NOT_LEADER_OR_FOLLOWER' }] } }]);
});
