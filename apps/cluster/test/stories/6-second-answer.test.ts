import { type ClusterStatus, type Consumer, LogTruncated } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';

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
        const truncated = await truncationOf(reader);
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
        const { losses } = (await cluster.json('cluster', 'status')) as Pick<ClusterStatus, 'losses'>;
        expect(losses).toMatchObject([{ topic, partition: 0, fromOffset: truncated.divergesAt }]);
        const named = losses.flatMap((loss) => offsetsOf(loss.fromOffset, loss.toOffset ?? loss.fromOffset));
        expect(losses.map((loss) => loss.records)).toEqual([named.length]);
        const missing = missingFrom(await readAll(client, topic, [0]), load.acknowledged);
        expect(missing.length).toBeGreaterThan(0);
        // Every acknowledged one that is missing; behind them only those that were under way when broker 1 died.
        const offsets = missing.map(({ offset }) => offset).toSorted((one, other) => one - other);
        expect(named.slice(0, offsets.length)).toEqual(offsets);
        expect(named.length - offsets.length).toBeLessThanOrEqual(inFlight);
      }),
    60_000,
  );
});

async function readBeyond(reader: Consumer, offset: number): Promise<void> {
  while ((reader.position(partition) ?? 0) < offset) await reader.poll(1000);
}

/** What a reader is told whose records are no more. */
async function truncationOf(reader: Consumer): Promise<LogTruncated> {
  try {
    await readBeyond(reader, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof LogTruncated) return error;
    throw error;
  }
  throw new Error('it read on, and was told nothing');
}

function offsetsOf(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
