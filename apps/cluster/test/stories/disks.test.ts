import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Client } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { type ClusterShape, type TestCluster, withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';
import { expectKept } from '../support/replicas.ts';

const topic = 'disks';
const shape: ClusterShape = {
  controllers: 1,
  // So that what was written a moment ago counts as durable when it is found broken; and a follower without room is soon left behind.
  set: { 'replica.high.watermark.checkpoint.interval.ms': '200', 'replica.lag.time.max.ms': '1500' },
};

interface Scene {
  readonly cluster: TestCluster;
  readonly client: Client;
  readonly load: Load;
}

/**
 * Plays a story on a topic with small segments, to which a load writes until the story ends, or stops it. At the end all that was
 * acknowledged is there, on every replica, and no error has reached the load.
 */
function underLoad(story: (scene: Scene) => Promise<void>): Promise<void> {
  return withCluster(shape, async (cluster) => {
    const client = cluster.client();
    const config = { 'min.insync.replicas': '2', 'segment.bytes': '16384', 'index.interval.bytes': '1024' };
    await client.admin().createTopic({ name: topic, assignment: [[1, 2, 3]], config });
    const load = new Load(client, topic);
    await load.more(100);
    await story({ cluster, client, load });
    await load.stop();
    expect(load.errors).toEqual([]);
    await expectKept(cluster, client, topic, load.acknowledged);
  });
}

function untilInSync(cluster: TestCluster, client: Client, ids: readonly number[]) {
  return cluster.untilTopic(client, topic, `in sync are ${ids}`, ({ partitions: [partition] }) => {
    const { inSyncReplicas = [] } = partition ?? {};
    return inSyncReplicas.length === ids.length && ids.every((id) => inSyncReplicas.includes(id));
  });
}

function untilSaid(cluster: TestCluster, what: string): Promise<void> {
  return eventually(`somebody says: ${what}`, () => cluster.said.some((line) => line.includes(what)));
}

function filesOf(cluster: TestCluster, broker: number, extension: string): readonly string[] {
  const directory = cluster.partitionDirectory(broker, topic, 0);
  const names = readdirSync(directory).filter((name) => name.endsWith(extension));
  return names.sort().map((name) => join(directory, name));
}

/** Some hundred records in several segments, and checkpoints that tell of them. */
async function severalSegments(cluster: TestCluster, load: Load): Promise<void> {
  await eventually('there are segments', async () => {
    await load.more(100);
    return filesOf(cluster, 1, '.log').length > 4;
  });
}

describe('disks that break', () => {
  it(
    'D6: a broker whose disk is full refuses what clients send, with the reason, and leads nothing that another can lead; all else goes on',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await client.admin().createTopic({ name: 'alone', assignment: [[1]] });
        await cluster.chaos({ do: 'fill', node: 1 });
        await untilSaid(
          cluster,
          'broker 1 has no room on its disk: others lead 1 of its partitions from now on',
        );
        await load.more(100);
        // The load goes on while this is read.
        const acknowledged = [...load.acknowledged];
        expect(missingFrom(await readAll(client, topic, [0]), acknowledged)).toEqual([]);
        // What nobody else can lead it refuses.
        const refused = await cluster.odradek(['produce', 'alone', '--timeout', '500', '--json'], 'more\n');
        expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false });
        const explained = await cluster.odradek(['explain', 'alone']);
        expect(explained.stdout).toContain(
          'alone-0 refuses writes: on broker 1, its leader, the disk has less than',
        );
        // Its heartbeats are heard: it is not fenced. What is new others lead, for it may not even hear of it.
        const later = { name: 'later', assignment: [[1, 2, 3]], config: { 'min.insync.replicas': '2' } };
        await client.admin().createTopic(later);
        await cluster.odradek(['produce', 'later'], 'one\n');
        expect((await client.admin().describeTopic('later')).partitions[0]?.leader).toBe(2);
        await eventually('its trouble is told', async () => {
          const { brokers } = await client.admin().clusterStatus();
          expect(brokers.filter(({ state }) => state !== 'running')).toEqual([]);
          return brokers[0]?.trouble.includes('it cannot write what is new in the metadata') === true;
        });
        const { stdout: status } = await cluster.odradek(['cluster', 'status']);
        expect(status).toMatch(/in trouble:\n {2}broker 1: the disk has less than/);
        const doctor = await cluster.odradek(['doctor']);
        expect(doctor.exitCode).toBe(1);
        expect(doctor.stdout).toMatch(/WRONG +broker 1 +room: the disk has less than/);
        expect(doctor.stdout).toMatch(/WRONG +broker 1 +metadata-log: what is new cannot be written/);
        await cluster.chaos({ do: 'heal' });
        await load.more(100);
        await untilInSync(cluster, client, [1, 2, 3]);
        await cluster.untilTopic(
          client,
          topic,
          'broker 1 leads',
          ({ partitions }) => partitions[0]?.leader === 1,
        );
        // No half file is left that blocks a start.
        await cluster.kill(1);
        await cluster.start(1);
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );

  it(
    'D6: a follower whose disk is full falls behind and catches up once there is room',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await cluster.chaos({ do: 'fill', node: 3 });
        await untilInSync(cluster, client, [1, 2]);
        await load.more(100);
        await cluster.chaos({ do: 'heal' });
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );

  it(
    'D3: a flush that fails is final: another leads, and the replica is in sync again after a restart alone',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await cluster.chaos({ do: 'fail', node: 1 });
        await untilSaid(cluster, 'its log failed');
        await untilInSync(cluster, client, [2, 3]);
        await load.more(100);
        await cluster.chaos({ do: 'heal' });
        await load.more(100);
        const { partitions } = await client.admin().describeTopic(topic);
        expect(partitions[0]?.inSyncReplicas).not.toContain(1);
        await cluster.chaos({ do: 'restart', nodes: [1] });
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );

  it(
    'D8, S77: a byte that flipped in the middle of a segment is found, named and fetched again, never served or spread',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await severalSegments(cluster, load);
        await cluster.kill(1);
        await untilInSync(cluster, client, [2, 3]);
        // The last one has no byte yet when its broker died as it was made.
        const file = filesOf(cluster, 1, '.log').findLast((one) => statSync(one).size > 0) ?? '';
        const bytes = readFileSync(file);
        const middle = Math.floor(bytes.length / 3);
        bytes.writeUInt8((bytes[middle] ?? 0) ^ 1, middle);
        writeFileSync(file, bytes);
        await cluster.start(1);
        await untilSaid(cluster, basename(file));
        await untilInSync(cluster, client, [1, 2, 3]);
        await load.stop();
        expect(load.errors).toEqual([]);
        await expectKept(cluster, client, topic, load.acknowledged);
        // What it has now is sound, and it may lead with it.
        await cluster.kill(2, 3);
        await cluster.start(2, 3);
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );

  it(
    'D7: indexes deleted, cut and swapped, and checkpoints that are empty or missing, are made again',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await severalSegments(cluster, load);
        await load.stop();
        await cluster.kill(1);
        const [first = '', second = '', third = ''] = filesOf(cluster, 1, '.index');
        const times = filesOf(cluster, 1, '.timeindex');
        rmSync(first);
        renameSync(second, `${second}.other`);
        renameSync(third, second);
        renameSync(`${second}.other`, third);
        truncateSync(times[1] ?? '', 5);
        const directory = cluster.partitionDirectory(1, topic, 0);
        rmSync(join(directory, 'leader-epoch-checkpoint'));
        for (const name of ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint'])
          writeFileSync(join(directory, '..', name), '');
        await cluster.start(1);
        await untilInSync(cluster, client, [1, 2, 3]);
        await cluster.stop();
        const check = await cluster.odradek(['log', 'check', join(directory, '..')]);
        expect(check.stdout + check.stderr).toContain('is sound');
        await cluster.up();
      }),
    90_000,
  );

  it(
    'D8, S14: a partition whose directory was wiped is named, leaves the in-sync set, and is fetched again',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await severalSegments(cluster, load);
        await cluster.kill(1);
        rmSync(cluster.partitionDirectory(1, topic, 0), { recursive: true });
        await cluster.start(1);
        await untilSaid(cluster, 'its segments are missing');
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );

  it(
    'D11: two brokers whose directories were exchanged are refused by name, and lose nothing once they have them back',
    () =>
      underLoad(async ({ cluster, client, load }) => {
        await load.stop();
        await cluster.kill(1, 2);
        const [one = '', two = ''] = [1, 2].map((id) => join(cluster.partitionDirectory(id, topic, 0), '..'));
        const exchange = (): void => {
          renameSync(one, `${one}.other`);
          renameSync(two, one);
          renameSync(`${one}.other`, two);
        };
        exchange();
        await expect(cluster.start(1)).rejects.toThrow('ended before it was ready');
        await untilSaid(cluster, 'is formatted for node 2');
        exchange();
        await cluster.start(1);
        await cluster.start(2);
        await untilInSync(cluster, client, [1, 2, 3]);
      }),
    90_000,
  );
});
