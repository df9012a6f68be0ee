import { expect, it } from 'vitest';
import { clientOnFakes, type OnFakes } from '../support/client-on-fakes.ts';
import { failureOf } from '../support/outcome.ts';

/** Answers every batch with `error`, saying that nothing was appended, or (as older brokers do) nothing about it. */
function answering({ cluster }: OnFakes, error: string, isRefused: boolean): void {
  cluster.override = (_, request) => {
    if (request.api !== 'produce') return undefined;
    const partitions = request.body.partitions.map(({ topicId, partition }) => ({
      ...{ topicId, partition, error, errorMessage: null, isRefused },
      ...{ baseOffset: -1, logStartOffset: -1, leaderHint: -1 },
    }));
    return { error: 'NONE', errorMessage: null, partitions };
  };
}

it.each(['KAFKA_STORAGE_ERROR', 'NOT_LEADER_OR_FOLLOWER'])(
  'L6 a batch that was answered %s is known not to be in the log, if the broker says that it appended nothing',
  async (error) => {
    for (const isRefused of [true, false]) {
      const fakes = clientOnFakes();
      const { clock, cluster, client } = fakes;
      cluster.addTopic('orders', 1);
      answering(fakes, error, isRefused);
      const producer = client.producer({ deliveryTimeoutMs: 2000 });
      const failure = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'one' })));
      expect([failure.code, failure.outcome]).toEqual([error, isRefused ? 'refused' : 'unknown']);
    }
  },
);

it('without idempotence sends again what is known not to be in the log', async () => {
  const fakes = clientOnFakes();
  const { clock, cluster, client } = fakes;
  cluster.addTopic('orders', 1);
  answering(fakes, 'KAFKA_STORAGE_ERROR', true);
  const producer = client.producer({ idempotence: false, lingerMs: 0 });
  const sent = producer.send({ topic: 'orders', value: 'one' });
  await clock.until(() => cluster.seen.filter(({ api }) => api === 'produce').length > 2);
  cluster.override = () => undefined;
  expect((await clock.settle(sent)).offset).toBe(0);
  answering(fakes, 'KAFKA_STORAGE_ERROR', false);
  const failure = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'two' })));
  expect([failure.code, failure.outcome]).toEqual(['KAFKA_STORAGE_ERROR', 'unknown']);
});
