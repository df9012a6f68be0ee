import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@odradek/client';
import { SeededRandom } from '@odradek/simulator';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { directLink } from '../support/direct.ts';
import { eventually } from '../support/eventually.ts';
import { persist } from '../support/persist.ts';
import { Load, readAll } from '../support/records.ts';
import { expectReplicasEqual } from '../support/replicas.ts';

/** `ODRADEK_CONTROLLER_DEATHS=50` for more of them, by another chance. */
const { ODRADEK_CONTROLLER_DEATHS: wanted } = process.env;
const times = Number(wanted ?? 15);
const seed = wanted === undefined ? 5 : times;
const MOST_MS_EACH = 8000;
const topic = 'reborn';

/** What topics there must be, each with its partitions and its setting. */
type Expected = Map<string, { readonly partitions: number; readonly retention: string }>;

/** One change of the topics, as a user would make it, and what it makes of what is there. */
function change(client: Client, round: number, expected: Expected): () => Promise<number> {
  const admin = client.admin();
  const [oldest = '', state] = [...expected][0] ?? [];
  const kind = expected.size < 2 ? 'create' : (['create', 'alter', 'grow', 'delete'] as const)[round % 4];
  if (kind === 'create') {
    const name = `round-${round}`;
    expected.set(name, { partitions: 3, retention: '1000000' });
    const config = { 'retention.ms': '1000000' };
    return () => persist(() => admin.createTopic({ name, partitions: 3, config }), 'TOPIC_ALREADY_EXISTS');
  }
  if (kind === 'delete') {
    expected.delete(oldest);
    return () => persist(() => admin.deleteTopic(oldest), 'UNKNOWN_TOPIC_OR_PARTITION');
  }
  const { partitions = 0, retention = '' } = state ?? {};
  if (kind === 'grow') {
    expected.set(oldest, { partitions: partitions + 2, retention });
    return () => persist(() => admin.createPartitions(oldest, partitions + 2), 'INVALID_PARTITIONS');
  }
  expected.set(oldest, { partitions, retention: String(2_000_000 + round) });
  return () => persist(() => admin.alterConfig(oldest, { 'retention.ms': String(2_000_000 + round) }));
}

/** How many partitions each topic has, as one broker sees it. */
async function topicsOf(cluster: TestCluster, broker: number): Promise<ReadonlyMap<string, number>> {
  const node = cluster.file().nodes.find(({ id }) => id === broker);
  if (node === undefined) throw new Error(`there is no node ${broker}`);
  const link = directLink(node);
  const answer = await link.ask<'metadata'>({ api: 'metadata', body: { topics: null } });
  link.close();
  return new Map((answer?.topics ?? []).map(({ name, partitions }) => [name, partitions.length]));
}

async function activeController(client: Client): Promise<number> {
  let id = -1;
  await eventually('there is a controller', async () => {
    id = (await client.admin().clusterStatus()).controller.id;
    return id > 0;
  });
  return id;
}

describe('the active controller dies', () => {
  it(
    `${times} times while topics are created, altered and deleted: all or nothing, and the retry is safe (C1, S79)`,
    () =>
      withCluster({ brokers: 2, controllers: 3 }, async (cluster) => {
        const client = cluster.client();
        const random = new SeededRandom(seed);
        const expected: Expected = new Map();
        let tries = 0;
        for (let round = 0; round < times; round++) {
          const victim = await activeController(client);
          const done = change(client, round, expected)();
          // Both are waited for below; neither may fail unheard before.
          const killed = later(random.below(15)).then(() => cluster.kill(victim));
          const [asked] = await Promise.all([done, killed.then(() => cluster.start(victim))]);
          tries += asked;
          // The broker that answered has seen the change; nothing of it is there in part.
          await eventually('the topics are as they should be', async () => {
            const seen = await topicsOf(cluster, 1);
            return (
              seen.size === expected.size &&
              [...seen].every(([name, length]) => length === expected.get(name)?.partitions)
            );
          });
        }
        expect(tries).toBeGreaterThanOrEqual(times);
        // The other one may still be looking for the controller that has come after the last death.
        await eventually('both brokers see the same', async () =>
          isDeepStrictEqual(await topicsOf(cluster, 2), await topicsOf(cluster, 1)),
        );
        for (const [name, { partitions, retention }] of expected) {
          const described = await cluster.untilTopic(client, name, 'all are led', (now) =>
            now.partitions.every(({ leader }) => leader > 0),
          );
          expect(described.partitions).toHaveLength(partitions);
          expect(described.config).toMatchObject({ 'retention.ms': retention });
        }
      }),
    times * MOST_MS_EACH,
  );

  it(
    'and a topic deleted and created again under load, also while one of its replicas is down, never shows old records (S23)',
    () =>
      withCluster({}, async (cluster) => {
        const client = cluster.client();
        const admin = client.admin();
        const old = new Set<string>();
        const partitions = [0, 1, 2];
        const create = () =>
          admin.createTopic({ name: topic, partitions: partitions.length, replicationFactor: 3 });
        await create();
        for (let generation = 0; generation < 6; generation++) {
          const load = new Load(client, topic, { partitions: partitions.length, name: `life ${generation}` });
          await load.more(60);
          const absent = generation % 2 === 0 ? undefined : ((generation >> 1) % 3) + 1;
          if (absent !== undefined) await cluster.kill(absent);
          const acknowledged = [...load.acknowledged];
          await persist(() => admin.deleteTopic(topic), 'UNKNOWN_TOPIC_OR_PARTITION');
          for (const { value } of acknowledged) old.add(value);
          await persist(create, 'TOPIC_ALREADY_EXISTS');
          if (absent !== undefined) await cluster.start(absent);
          // What the load still sends under the topic's name goes to the new one, as it should.
          await load.stop();
          await expectReplicasEqual(cluster, client, topic);
          const read = await readAll(client, topic, partitions);
          expect(read.filter(({ value }) => old.has(value))).toEqual([]);
        }
      }),
    120_000,
  );
});

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
