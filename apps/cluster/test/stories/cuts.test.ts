import type { Client } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { Load } from '../support/records.ts';
import { expectKept } from '../support/replicas.ts';

const topic = 'cut';
const controllerId = 101;
/** Short, so that a cut need not be long to outlast them. */
const timers = {
  'broker.session.timeout.ms': '1500',
  'replica.lag.time.max.ms': '1500',
  'replica.socket.timeout.ms': '1000',
};

function cut(cluster: TestCluster, from: number, to: number, isOneWay = false): Promise<unknown> {
  return cluster.chaos({ do: 'cut', from, to, isOneWay });
}

function untilInSync(cluster: TestCluster, client: Client, ids: readonly number[]) {
  return cluster.untilTopic(client, topic, `in sync are ${ids}`, ({ partitions }) =>
    partitions.every(
      ({ inSyncReplicas }) =>
        inSyncReplicas.length === ids.length && ids.every((id) => inSyncReplicas.includes(id)),
    ),
  );
}

async function leaderEpochOf(client: Client): Promise<number> {
  const { partitions } = await client.admin().describeTopic(topic);
  return partitions[0]?.leaderEpoch ?? -1;
}

describe('cuts', () => {
  it(
    'cut off from the controller, from its peers, or one way, a leader loses no record, and each cut costs at most its elections (W4, W5)',
    () =>
      withCluster({ controllers: 1, set: timers }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: topic, assignment: [[1, 2, 3]] });
        const load = new Load(client, topic);
        await load.more(50);
        let epoch = await leaderEpochOf(client);
        const healed = async (elections: number): Promise<void> => {
          await cluster.chaos({ do: 'heal' });
          const healedAt = performance.now();
          await untilInSync(cluster, client, [1, 2, 3]);
          // A fetch that was lost in the cut is given up as fast as the other timers of `up` are.
          expect(performance.now() - healedAt).toBeLessThan(10_000);
          await cluster.untilPreferredLead(client, topic);
          await load.more(50);
          const now = await leaderEpochOf(client);
          expect(now - epoch).toBeLessThanOrEqual(elections);
          epoch = now;
        };
        // From the controller alone: it is fenced, and another leads, though all hear each other.
        await cut(cluster, 1, controllerId);
        await untilInSync(cluster, client, [2, 3]);
        await load.more(50);
        await healed(2);
        const { partitions } = await client.admin().describeTopic(topic);
        const [leader = 0, follower = 0, other = 0] = [
          partitions[0]?.leader ?? 0,
          ...[1, 2, 3].filter((id) => id !== partitions[0]?.leader),
        ];
        // One follower no longer hears its leader.
        await cut(cluster, leader, follower);
        await untilInSync(cluster, client, [leader, other]);
        await load.more(50);
        await healed(0);
        // From all its peers: with the default of min.insync.replicas=1 it goes on alone.
        await cut(cluster, leader, follower);
        await cut(cluster, leader, other);
        await untilInSync(cluster, client, [leader]);
        await load.more(50);
        await healed(0);
        // One way: its answers are lost, then what it is asked, then its words to the controller, then the controller's to another.
        for (const [from, to] of [
          [leader, follower],
          [follower, leader],
        ] as const) {
          await cut(cluster, from, to, true);
          await untilInSync(cluster, client, [leader, other]);
          await load.more(50);
          await healed(0);
        }
        await cut(cluster, leader, controllerId, true);
        await untilInSync(cluster, client, [follower, other]);
        await load.more(50);
        await healed(2);
        await cut(cluster, controllerId, other, true);
        await load.more(200);
        await healed(2);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectKept(cluster, client, topic, load.acknowledged);
      }),
    120_000,
  );

  it(
    'a reader who knows only a leader that was succeeded, and does not know it, is not told that what is there is not (L9)',
    () =>
      withCluster({ controllers: 1, set: timers }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: topic, assignment: [[1, 2, 3]] });
        const load = new Load(client, topic);
        await load.more(50);
        await load.stop();
        for (const other of [2, 3, controllerId]) await cut(cluster, 1, other);
        await untilInSync(cluster, client, [2, 3]);
        const producer = client.producer();
        await producer.send({ topic, partition: 0, value: 'first of the new leader' });
        const { offset } = await producer.send({ topic, partition: 0, value: 'of the new leader' });
        const { host, port } = cluster.file().nodes.find(({ id }) => id === 1) ?? { host: '', port: 0 };
        const consume = (from: number) =>
          cluster.odradek(['consume', topic, '--from', String(from), '--bootstrap', `${host}:${port}`]);
        expect(await consume(offset)).toMatchObject({ exitCode: 0, stdout: 'of the new leader\n' });
        expect(await consume(offset + 1)).toMatchObject({ exitCode: 0, stdout: '' });
        const beyond = await consume(offset + 2);
        expect(beyond.exitCode).toBe(4);
        expect(beyond.stderr).toContain(`cut-0 ends at ${offset + 1}`);
      }),
    60_000,
  );

  it(
    'flapping at about the period of each timer, a voter and then the controller make no epoch run away (W4, S60, S61)',
    () =>
      withCluster({ set: timers }, async (cluster) => {
        const client = cluster.client();
        const admin = client.admin();
        await admin.createTopic({ name: topic, partitions: 3 });
        const load = new Load(client, topic, { partitions: 3 });
        await load.more(50);
        const sums = async () => {
          const { quorum } = await admin.clusterStatus();
          const { partitions } = await admin.describeTopic(topic);
          return { quorum: quorum.epoch, leaders: partitions.reduce((sum, one) => sum + one.leaderEpoch, 0) };
        };
        const settled = async (): Promise<void> => {
          await untilInSync(cluster, client, [1, 2, 3]);
          await cluster.untilPreferredLead(client, topic);
          await load.more(20);
        };
        const active = (await admin.clusterStatus()).controller.id;
        const others = [1, 2, 3].filter((id) => id !== active);
        const [voter = 0] = others;
        // Heartbeats of links and brokers, the quorum's fetches, sessions.
        for (const [everyMs, flaps] of [
          [150, 6],
          [300, 4],
          [500, 3],
          [1500, 1],
        ] as const) {
          const before = await sums();
          await flap(cluster, voter, { everyMs, flaps });
          await settled();
          const after = await sums();
          // Pre-vote: who cannot win disturbs nobody. A session may end once, and the partition that the voter leads moves away and
          // back then (C3). (A busy machine may be late by itself, but not as often as the voter.)
          expect(after.quorum - before.quorum, `${everyMs} ms`).toBeLessThanOrEqual(1);
          expect(after.leaders - before.leaders, `${everyMs} ms`).toBeLessThanOrEqual(Math.max(2, flaps));
        }
        const before = await sums();
        await flap(cluster, active, { everyMs: 500, flaps: 4 });
        await settled();
        const after = await sums();
        expect(after.quorum - before.quorum).toBeLessThanOrEqual(2 * 4);
        expect(after.leaders - before.leaders).toBeLessThanOrEqual(3 * 4);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectKept(cluster, client, topic, load.acknowledged);
      }),
    120_000,
  );
});

/** Cuts a node off from all others and heals, again and again. */
async function flap(
  cluster: TestCluster,
  victim: number,
  { everyMs, flaps }: { readonly everyMs: number; readonly flaps: number },
): Promise<void> {
  for (let count = 0; count < flaps; count++) {
    for (const id of [1, 2, 3].filter((other) => other !== victim)) await cut(cluster, victim, id);
    await rhythm(everyMs);
    await cluster.chaos({ do: 'heal' });
    await rhythm(everyMs);
  }
}

/** The period of the flapping is what the story is about; nothing is waited for by it. */
function rhythm(everyMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, everyMs));
}
