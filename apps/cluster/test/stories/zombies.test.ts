import type { TopicDescription } from '@odradek/client';
import { buildBatch, readRecords, walkBatches } from '@odradek/format';
import type { ClientResponse } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { type DirectLink, directLink } from '../support/direct.ts';
import { eventually } from '../support/eventually.ts';
import { persist } from '../support/persist.ts';
import { Load, type Placed } from '../support/records.ts';
import { expectKept } from '../support/replicas.ts';

const topic = 'haunted';
/** Short, so that a pause need not be long to outlast them. */
const set = { 'broker.session.timeout.ms': '1500', 'replica.lag.time.max.ms': '1500' };

function linkTo(cluster: TestCluster, id: number): DirectLink {
  const node = cluster.file().nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new Error(`there is no node ${id}`);
  return directLink(node);
}

/** What a client that still believes in a leader sends it: all of it lies in the socket until the leader goes on. */
function believe(link: DirectLink, { topicId, partitions }: TopicDescription) {
  const offset = Math.max(0, (partitions[0]?.highWatermark ?? 0) - 20);
  const place = { topicId, partition: 0, leaderEpoch: -1 };
  const fetch = () =>
    link.ask<'fetch'>({
      api: 'fetch',
      body: {
        ...{ maxWaitMs: 500, minBytes: 1, maxBytes: 1_000_000 },
        partitions: [{ ...place, fetchOffset: offset, lastFetchedEpoch: -1, maxBytes: 1_000_000 }],
      },
    });
  const produce = (acks: number, value: string) =>
    link.ask<'produce'>({
      api: 'produce',
      body: { acks, timeoutMs: 5000, partitions: [{ ...place, records: [batchOf(value)] }] },
    });
  return {
    before: fetch(),
    all: produce(-1, 'zombie, acks=all'),
    one: produce(1, 'zombie, acks=1'),
    latest: link.ask<'listOffsets'>({
      api: 'listOffsets',
      body: { partitions: [{ ...place, timestamp: -1 }] },
    }),
    after: fetch(),
  };
}

function batchOf(value: string): Uint8Array {
  return buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: new TextEncoder().encode(value) }],
  });
}

/** What a fetch has given out. */
function recordsOf(answer: ClientResponse<'fetch'> | undefined): Placed[] {
  const found: Placed[] = [];
  const decoder = new TextDecoder();
  for (const bytes of answer?.partitions[0]?.records ?? [])
    walkBatches(bytes, (batch) => {
      for (const { offset, value } of readRecords(batch))
        found.push({ value: decoder.decode(value ?? undefined), partition: 0, offset });
    });
  return found;
}

describe('zombies', () => {
  it(
    'a leader that was paused for longer than its session answers nothing it must not, cuts its tail and catches up (S33, S41)',
    () =>
      withCluster({ set }, async (cluster) => {
        const client = cluster.client();
        const { controller } = await client.admin().clusterStatus();
        const [zombie = 0, heir = 0] = [1, 2, 3].filter((id) => id !== controller.id);
        await client.admin().createTopic({ name: topic, assignment: [[zombie, heir, controller.id]] });
        const load = new Load(client, topic);
        await load.more(100);
        const link = linkTo(cluster, zombie);
        const described = await client.admin().describeTopic(topic);
        await link.ask<'metadata'>({ api: 'metadata', body: { topics: [] } });
        await cluster.chaos({ do: 'pause', nodes: [zombie] });
        const asked = believe(link, described);
        await cluster.untilTopic(client, topic, 'another leads', ({ partitions }) =>
          partitions.every(({ leader }) => leader > 0 && leader !== zombie),
        );
        // Not by the first client: its requests wait for the old leader, up to their time.
        const heirs = new Load(cluster.client(), topic, { name: 'heir' });
        await heirs.more(50);
        await cluster.chaos({ do: 'resume', nodes: [zombie] });
        const [before, all, one, latest, after] = await Promise.all([
          ...[asked.before, asked.all, asked.one, asked.latest, asked.after],
        ] as const);
        // It may append what it was sent, and even flush it; nobody ever reads it, and whoever waits for the others is told so.
        expect(all?.partitions[0]).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER', baseOffset: -1 });
        expect(['NONE', 'NOT_LEADER_OR_FOLLOWER']).toContain(one?.partitions[0]?.error);
        await cluster.untilTopic(client, topic, 'it is in sync again', ({ partitions }) =>
          partitions.every(({ inSyncReplicas }) => inSyncReplicas.length === 3),
        );
        await load.more(50);
        await Promise.all([load.stop(), heirs.stop()]);
        expect([...load.errors, ...heirs.errors]).toEqual([]);
        const acknowledged = [...load.acknowledged, ...heirs.acknowledged];
        const read = await expectKept(cluster, client, topic, acknowledged);
        const committed = new Map(read.map(({ offset, value }) => [offset, value]));
        expect(read.filter(({ value }) => value.startsWith('zombie'))).toEqual([]);
        const given = [...recordsOf(before), ...recordsOf(after)];
        expect(given.length).toBeGreaterThan(0);
        for (const { offset, value } of given) expect(value, `offset ${offset}`).toBe(committed.get(offset));
        expect(latest?.partitions[0]?.offset).toBeLessThanOrEqual(read.length);
        // One election for one pause, and one by which it leads again, as the preferred replica (W4, C3).
        const now = await cluster.untilPreferredLead(client, topic);
        expect(now.partitions[0]?.leaderEpoch).toBe((described.partitions[0]?.leaderEpoch ?? 0) + 2);
        expect((await client.admin().clusterStatus()).losses).toEqual([]);
      }),
    90_000,
  );

  it(
    'an active controller that was paused decides nothing when it goes on; what its successor decided stands (S70)',
    () =>
      withCluster({ set }, async (cluster) => {
        const client = cluster.client();
        const admin = client.admin();
        await admin.createTopic({ name: topic, partitions: 3 });
        await admin.createTopic({ name: 'doomed' });
        const load = new Load(client, topic, { partitions: 3 });
        await load.more(100);
        const { controller: zombie, quorum } = await admin.clusterStatus();
        const link = linkTo(cluster, zombie.id);
        await link.ask<'metadata'>({ api: 'metadata', body: { topics: [] } });
        await cluster.chaos({ do: 'pause', nodes: [zombie.id] });
        const asked = {
          create: link.ask<'createTopics'>({ api: 'createTopics', body: creation('stale') }),
          doomed: link.ask<'createTopics'>({ api: 'createTopics', body: creation('doomed') }),
          alter: link.ask<'alterConfigs'>({
            api: 'alterConfigs',
            body: { timeoutMs: 5000, topic, changes: [{ name: 'retention.ms', value: '1000' }], broker: -1 },
          }),
          status: link.ask<'clusterStatus'>({ api: 'clusterStatus', body: {} }),
        };
        await eventually(
          'another decides',
          async () => (await admin.clusterStatus()).controller.id !== zombie.id,
        );
        await persist(() => admin.alterConfig(topic, { 'retention.ms': '7777777' }));
        await persist(() => admin.deleteTopic('doomed'), 'UNKNOWN_TOPIC_OR_PARTITION');
        await persist(() => admin.createTopic({ name: 'made' }), 'TOPIC_ALREADY_EXISTS');
        await cluster.untilTopic(client, topic, 'others lead', ({ partitions }) =>
          partitions.every(({ leader }) => leader > 0 && leader !== zombie.id),
        );
        await load.more(100);
        await cluster.chaos({ do: 'resume', nodes: [zombie.id] });
        // Handed to its successor they may be done; then they are, and if not, they are not.
        const isDone = async (answer: Promise<{ readonly error: string } | undefined>): Promise<boolean> =>
          (await answer)?.error === 'NONE';
        const [isMade, isRemade, isAltered] = await Promise.all(
          [asked.create, asked.doomed, asked.alter].map(isDone),
        );
        const { controller: told } = (await asked.status) ?? { controller: { id: -1 } };
        expect(told.id).not.toBe(zombie.id);
        await cluster.untilTopic(client, topic, 'all are in sync', ({ partitions }) =>
          partitions.every(({ inSyncReplicas }) => inSyncReplicas.length === 3),
        );
        await load.more(50);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectKept(cluster, client, topic, load.acknowledged);
        const names = (await admin.listTopics()).map(({ name }) => name);
        const late = [...(isMade === true ? ['stale'] : []), ...(isRemade === true ? ['doomed'] : [])];
        expect(names.toSorted()).toEqual([topic, 'made', ...late].toSorted());
        expect((await admin.describeTopic(topic)).config).toMatchObject({
          'retention.ms': isAltered === true ? '1000' : '7777777',
        });
        // One election for one pause (W4).
        const after = (await admin.clusterStatus()).quorum;
        expect(after.epoch).toBeLessThanOrEqual(quorum.epoch + 2);
      }),
    90_000,
  );
});

function creation(name: string) {
  return {
    ...{ timeoutMs: 5000, validateOnly: false, requestId: '' },
    topics: [{ name, partitions: 1, replicationFactor: 3, assignment: [], config: [] }],
  };
}
