import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';

describe('story 3, spread', () => {
  it.each([3, 5])(
    '%i brokers share leaders and replicas of 12 partitions evenly',
    (brokers) =>
      withCluster({ brokers }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: 'wide', partitions: 12, replicationFactor: 3 });
        const { partitions } = await cluster.untilTopic(client, 'wide', 'all have leaders', (topic) =>
          topic.partitions.every((partition) => partition.leader !== -1),
        );
        const leads = counts(
          brokers,
          partitions.map((partition) => partition.leader),
        );
        const holds = counts(
          brokers,
          partitions.flatMap((partition) => partition.replicas),
        );
        expect(Math.max(...leads) - Math.min(...leads), `leaders: ${leads}`).toBeLessThanOrEqual(1);
        expect(Math.max(...holds) - Math.min(...holds), `replicas: ${holds}`).toBeLessThanOrEqual(1);
        const { stdout } = await cluster.odradek(['topic', 'describe', 'wide']);
        expect(stdout.split('\n').filter((line) => /^\s*\d+ /.test(line))).toHaveLength(12);
      }),
    60_000,
  );

  it('3 partitions on 3 brokers have their leaders on the diagonal', () =>
    withCluster({}, async (cluster) => {
      const client = cluster.client();
      await client.admin().createTopic({ name: 'square', partitions: 3, replicationFactor: 3 });
      const { partitions } = await cluster.untilTopic(client, 'square', 'all have leaders', (topic) =>
        topic.partitions.every((partition) => partition.leader !== -1),
      );
      expect(partitions.map((partition) => partition.replicas[0]).sort()).toEqual([1, 2, 3]);
      expect(new Set(partitions.map((partition) => partition.leader)).size).toBe(3);
    }));

  it('one broker holds one replica; three are refused by name', () =>
    withCluster({ brokers: 1 }, async (cluster) => {
      expect(await cluster.json('topic', 'create', 'alone')).toMatchObject({ replicationFactor: 1 });
      const refused = await cluster.odradek([
        'topic',
        'create',
        'three',
        '--replication-factor',
        '3',
        '--json',
      ]);
      expect([refused.exitCode, JSON.parse(refused.stdout).error.code]).toEqual([
        4,
        'INVALID_REPLICATION_FACTOR',
      ]);
    }));
});

function counts(brokers: number, ids: readonly number[]): readonly number[] {
  return Array.from({ length: brokers }, (_, index) => ids.filter((id) => id === index + 1).length);
}
