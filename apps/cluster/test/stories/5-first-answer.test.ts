import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';

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
        expect(missingFrom(await readAll(client, topic, [0]), load.acknowledged)).toEqual([]);
        expect(await client.admin().clusterStatus()).toMatchObject({ losses: [], discarded: [] });
      }),
    90_000,
  );

  it(
    'while no quorum can form, every command says that, and which voters are missing',
    () =>
      withCluster({}, async (cluster) => {
        await cluster.json('topic', 'create', topic);
        await cluster.kill(2, 3);
        const said = 'no quorum: 2 of 3 controllers must be there (missing: 2, 3)';
        await eventually('the status says which voters are missing', async () => {
          const status = (await cluster.json('cluster', 'status')) as { readonly noQuorum?: string };
          return status.noQuorum === said;
        });
        expect(await cluster.json('cluster', 'status')).toMatchObject({
          controller: { id: -1 },
          quorum: { leader: -1, voters: [{ reachable: true }, { reachable: false }, { reachable: false }] },
        });
        for (const words of [
          ['cluster', 'status'],
          ['topic', 'list'],
          ['topic', 'describe', topic],
          ['consume', topic],
        ])
          expect((await cluster.odradek(words)).stderr, words.join(' ')).toContain(said);
        // Nobody could decide it, however long one waits.
        for (const words of [
          ['topic', 'create', 'more'],
          ['topic', 'delete', topic],
        ]) {
          const { exitCode, stdout } = await cluster.odradek([...words, '--timeout', '500', '--json']);
          expect([exitCode, JSON.parse(stdout)], words.join(' ')).toMatchObject([
            4,
            { ok: false, error: { code: 'NOT_CONTROLLER', message: expect.stringContaining(said) } },
          ]);
        }
        await cluster.start(2);
        const create = ['topic', 'create', 'more', '--timeout', '2000'];
        await eventually('it decides again', async () => (await cluster.odradek(create)).exitCode === 0);
        expect(await cluster.json('cluster', 'status')).not.toHaveProperty('noQuorum');
      }),
    90_000,
  );
});
