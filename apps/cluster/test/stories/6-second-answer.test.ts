import { type Consumer, LogTruncated } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Load, readAll } from '../support/records.ts';

const topic = 'goes-on';
const partition = { topic, partition: 0 };
const inFlight = 20;

describe('story 6, all three dead, the second answer', () => {
  it(
    'the first one back leads, and the loss is named: every acknowledged record that is missing, and no other',
    () =>
      withCluster({ controllers: 1 }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({
          name: topic,
          assignment: [[1, 2, 3]],
          config: { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' },
        });
        const load = new Load(client, topic, { inFlight });
        for (const victim of [3, 2]) {
          await load.more(30);
          await cluster.kill(victim);
          await cluster.untilTopic(client, topic, `${victim} is out of sync`, ({ partitions }) =>
            partitions.every((described) => !described.inSyncReplicas.includes(victim)),
          );
        }
        await load.more(30);
        const reader = cluster.client().consumer();
        reader.assign([{ ...partition, from: 'earliest' }]);
        await readBeyond(reader, load.acknowledged.length);
        await cluster.kill(1);
        await cluster.start(3);
        await cluster.untilTopic(
          client,
          topic,
          'broker 3 leads',
          (described) => described.partitions[0]?.leader === 3,
        );
        await load.more(30);
        await expect(readBeyond(reader, Number.POSITIVE_INFINITY)).rejects.toBeInstanceOf(LogTruncated);
        await reader.close();
        await cluster.start(1, 2);
        await cluster.untilTopic(client, topic, 'all are in sync', ({ partitions }) =>
          partitions.every((described) => described.inSyncReplicas.length === 3),
        );
        await load.stop();
        await eventually('the loss is known', async () => {
          const { losses } = await client.admin().clusterStatus();
          return losses.length > 0 && losses.every((loss) => loss.records !== null);
        });
        const { losses } = await client.admin().clusterStatus();
        const isLost = (offset: number): boolean =>
          losses.some((loss) => loss.fromOffset <= offset && offset < (loss.toOffset ?? 0));
        const read = await readAll(client, topic, [0]);
        const present = new Map(read.map((record) => [record.offset, record.value]));
        const missing = load.acknowledged.filter(({ offset, value }) => present.get(offset) !== value);
        expect(missing.length).toBeGreaterThan(0);
        expect(missing.filter(({ offset }) => !isLost(offset))).toEqual([]);
        // Beside those acknowledged, only the ones that were under way when broker 1 died.
        const named = losses.reduce((sum, loss) => sum + (loss.records ?? 0), 0);
        expect(named).toBeLessThanOrEqual(missing.length + inFlight);
      }),
    60_000,
  );
});

async function readBeyond(reader: Consumer, offset: number): Promise<void> {
  while ((reader.position(partition) ?? 0) < offset) await reader.poll(1000);
}
