import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { Load, readAll } from '../support/records.ts';

const topic = 'waits';

describe('story 5, all three dead, the first answer', () => {
  it(
    'the wrong one back first leads nothing and says for whom it waits; the right one back has everything',
    () =>
      withCluster({ controllers: 1 }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({
          name: topic,
          assignment: [[1, 2, 3]],
          config: { 'min.insync.replicas': '1' },
        });
        const load = new Load(client, topic);
        for (const victim of [3, 2]) {
          await load.more(30);
          await cluster.kill(victim);
          await cluster.untilTopic(client, topic, `${victim} is out of sync`, ({ partitions }) =>
            partitions.every((partition) => !partition.inSyncReplicas.includes(victim)),
          );
        }
        await load.more(30);
        await cluster.kill(1);
        await cluster.start(3);
        const waiting = await cluster.untilTopic(client, topic, 'no leader', ({ partitions }) =>
          partitions.every((partition) => partition.leader === -1),
        );
        expect(waiting.partitions[0]?.waitingFor).toContain(1);
        expect(waiting.partitions[0]?.waitingFor).not.toContain(3);
        const described = await cluster.json('topic', 'describe', topic);
        expect(described).toMatchObject({
          partitions: [{ leader: -1, waitingFor: waiting.partitions[0]?.waitingFor }],
        });
        await cluster.start(1);
        await cluster.untilTopic(
          client,
          topic,
          'broker 1 leads',
          ({ partitions }) => partitions[0]?.leader === 1,
        );
        await load.more(30);
        await load.stop();
        const read = new Map(
          (await readAll(client, topic, [0])).map((record) => [record.offset, record.value]),
        );
        for (const { offset, value } of load.acknowledged) expect(read.get(offset)).toBe(value);
        expect(await client.admin().clusterStatus()).toMatchObject({ losses: [], discarded: [] });
      }),
    90_000,
  );
});
