// Directories that are not what they were: restored from an old copy, or wiped and formatted again.

import { cpSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@odradek/client';
import { NO_LEADER } from '@odradek/model';
import { expect, it } from 'vitest';
import { votersOf } from '../../src/up/layout.ts';
import { type ClusterShape, type TestCluster, withCluster } from '../support/cluster.ts';
import { Load } from '../support/records.ts';
import { expectKept } from '../support/replicas.ts';

const topic = 'directories';
const shape: ClusterShape = { controllers: 1 };

async function loaded(cluster: TestCluster): Promise<{ client: Client; load: Load }> {
  const client = cluster.client();
  const config = { 'min.insync.replicas': '2' };
  await client.admin().createTopic({ name: topic, assignment: [[1, 2, 3]], config });
  const load = new Load(client, topic);
  await load.more(100);
  return { client, load };
}

/** All are in sync, and the preferred replica, whose directory it was about, leads again. */
async function untilWhole(cluster: TestCluster, client: Client): Promise<void> {
  await cluster.untilTopic(client, topic, 'all are in sync', ({ partitions }) =>
    partitions.every(({ inSyncReplicas }) => inSyncReplicas.length === 3),
  );
  await cluster.untilPreferredLead(client, topic);
}

function directoryOf(cluster: TestCluster, broker: number): string {
  return join(cluster.partitionDirectory(broker, topic, 0), '..');
}

/** Kills a broker and makes a copy of its directory. */
async function killedAndCopied(cluster: TestCluster, broker: number): Promise<void> {
  const directory = directoryOf(cluster, broker);
  await cluster.kill(broker);
  // The lock of a process that was killed is a socket, which nobody copies.
  cpSync(directory, `${directory}.old`, {
    recursive: true,
    filter: (path) => !lstatSync(path).isSocket(),
  });
}

/** Puts the copy in the place of the directory of a broker that does not run. */
function putBack(cluster: TestCluster, broker: number): void {
  const directory = directoryOf(cluster, broker);
  rmSync(directory, { recursive: true });
  renameSync(`${directory}.old`, directory);
}

it(
  'D11: a broker whose directory is restored from an old copy fetches what it lacks, and loses nothing',
  () =>
    withCluster(shape, async (cluster) => {
      const { client, load } = await loaded(cluster);
      await killedAndCopied(cluster, 1);
      await cluster.start(1);
      await untilWhole(cluster, client);
      await load.more(200);
      await cluster.kill(1);
      putBack(cluster, 1);
      await cluster.start(1);
      await untilWhole(cluster, client);
      await load.more(100);
      await load.stop();
      expect(load.errors).toEqual([]);
      await expectKept(cluster, client, topic, load.acknowledged);
    }),
  90_000,
);

it(
  'D11: an old copy is not elected, though those it could catch up from are gone before it has fetched anything',
  () =>
    withCluster(shape, async (cluster) => {
      const { client, load } = await loaded(cluster);
      await killedAndCopied(cluster, 1);
      await cluster.start(1);
      await untilWhole(cluster, client);
      await load.more(200);
      await load.stop();
      await cluster.kill(1);
      putBack(cluster, 1);
      await cluster.kill(2);
      await cluster.kill(3);
      await cluster.start(1);
      await cluster.untilTopic(client, topic, 'nobody leads', ({ partitions }) =>
        partitions.every(
          ({ leader, inSyncReplicas, eligibleLeaderReplicas }) =>
            leader === NO_LEADER && ![...inSyncReplicas, ...eligibleLeaderReplicas].includes(1),
        ),
      );
      await cluster.start(2);
      await cluster.start(3);
      await untilWhole(cluster, client);
      expect(load.errors).toEqual([]);
      await expectKept(cluster, client, topic, load.acknowledged);
    }),
  90_000,
);

it(
  'S14, C6: a broker whose directory was wiped is refused until it is formatted, and then is a new one that fetches everything',
  () =>
    withCluster(shape, async (cluster) => {
      const { client, load } = await loaded(cluster);
      const file = cluster.file();
      await cluster.kill(1);
      rmSync(directoryOf(cluster, 1), { recursive: true });
      await expect(cluster.start(1)).rejects.toThrow('ended before it was ready');
      const voters = votersOf(file).map(
        ({ id, host, port, directoryId }) => `${id}@${host}:${port}:${directoryId}`,
      );
      await cluster.json(
        ...['format', '--config', join(cluster.dataDirectory, 'node-1.properties')],
        ...['--cluster-id', file.clusterId, '--voters', voters.join(',')],
      );
      await cluster.start(1);
      await untilWhole(cluster, client);
      await load.more(100);
      await load.stop();
      expect(load.errors).toEqual([]);
      await expectKept(cluster, client, topic, load.acknowledged);
    }),
  90_000,
);
