import type { Client } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';
import { expectReplicasEqual } from '../support/replicas.ts';

const topic = 'replicas';

async function create(client: Client, minInSync: string): Promise<void> {
  await client.admin().createTopic({
    name: topic,
    assignment: [[1, 2, 3]],
    config: { 'min.insync.replicas': minInSync },
  });
}

function untilInSync(cluster: TestCluster, client: Client, ids: readonly number[]) {
  return cluster.untilTopic(client, topic, `in sync are ${ids}`, ({ partitions }) =>
    sameSet(partitions[0]?.inSyncReplicas ?? [], ids),
  );
}

function sameSet(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}

describe('story 4, failing replicas', () => {
  it(
    'with min.insync.replicas=1 writes go on while followers fall behind; they catch up under load, byte for byte',
    () =>
      withCluster({ controllers: 1 }, async (cluster) => {
        const client = cluster.client();
        await create(client, '1');
        const load = new Load(client, topic);
        await load.more(50);
        await cluster.kill(3);
        await untilInSync(cluster, client, [1, 2]);
        await load.more(50);
        const { partitions } = await client.admin().describeTopic(topic);
        const ends = new Map(partitions[0]?.replicaEnds.map((end) => [end.broker, end.logEndOffset]));
        expect(ends.get(3) ?? -1).toBeLessThan(ends.get(1) ?? 0);
        await cluster.kill(2);
        await untilInSync(cluster, client, [1]);
        await load.more(50);
        await cluster.start(2);
        await untilInSync(cluster, client, [1, 2]);
        await cluster.start(3);
        await untilInSync(cluster, client, [1, 2, 3]);
        await load.more(50);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectReplicasEqual(cluster, client, topic);
      }),
    90_000,
  );

  it(
    'with min.insync.replicas=2 and one left, acks=all is refused by name and what is committed is read; back one at a time, they rejoin',
    () =>
      withCluster({ controllers: 1 }, async (cluster) => {
        const client = cluster.client();
        await create(client, '2');
        const load = new Load(client, topic);
        await load.more(50);
        await cluster.kill(3);
        await untilInSync(cluster, client, [1, 2]);
        await load.more(50);
        await cluster.kill(2);
        await untilInSync(cluster, client, [1]);
        const refused = await cluster.odradek(['produce', topic, '--timeout', '500', '--json'], 'more\n');
        expect(JSON.parse(refused.stdout)).toMatchObject({
          ok: false,
          error: { code: 'NOT_ENOUGH_REPLICAS', message: expect.stringContaining('acks=all needs 2') },
        });
        expect(refused.exitCode).toBe(4);
        const acknowledged = [...load.acknowledged];
        expect(missingFrom(await readAll(client, topic, [0]), acknowledged)).toEqual([]);
        await cluster.start(2);
        await untilInSync(cluster, client, [1, 2]);
        await load.more(50);
        await cluster.start(3);
        await untilInSync(cluster, client, [1, 2, 3]);
        await load.more(50);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectReplicasEqual(cluster, client, topic);
        expect(missingFrom(await readAll(client, topic, [0]), load.acknowledged)).toEqual([]);
      }),
    90_000,
  );
});
