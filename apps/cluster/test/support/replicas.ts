// What the replicas of a topic hold on their disks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, TopicDescription } from '@odradek/client';
import { expect } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { type Placed, problemsOf, readAll } from './records.ts';

type Described = TopicDescription['partitions'][number];

/** Every replica is in sync and has flushed all that its leader has. */
export function isLevel({ replicas, inSyncReplicas, replicaEnds, logEndOffset }: Described): boolean {
  return (
    inSyncReplicas.length === replicas.length &&
    replicaEnds.length === replicas.length &&
    replicaEnds.every((end) => end.flushedEndOffset === logEndOffset)
  );
}

/** Waits until all replicas are level, then compares their segments byte for byte. */
export async function expectReplicasEqual(
  cluster: TestCluster,
  client: Client,
  topic: string,
): Promise<void> {
  const { partitions } = await cluster.untilTopic(client, topic, 'all replicas are level', (described) =>
    described.partitions.every(isLevel),
  );
  for (const { partition, replicas } of partitions) {
    const [first, ...others] = replicas.map((id) =>
      segmentsOf(cluster.partitionDirectory(id, topic, partition)),
    );
    for (const other of others)
      expect(other?.equals(first ?? Buffer.alloc(0)), `${topic}-${partition} on ${replicas}`).toBe(true);
  }
}

/** A partition's segments, one after the other. */
function segmentsOf(directory: string): Buffer {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return Buffer.concat(names.sort().map((name) => readFileSync(join(directory, name))));
}

/** All that was acknowledged is there, once and in order, and the replicas are the same bytes. Returns what is there. */
export async function expectKept(
  cluster: TestCluster,
  client: Client,
  topic: string,
  acknowledged: readonly Placed[],
): Promise<readonly Placed[]> {
  const { partitions } = await client.admin().describeTopic(topic);
  const numbers = partitions.map(({ partition }) => partition);
  const read = await readAll(client, topic, numbers);
  expect(problemsOf(read, acknowledged)).toEqual([]);
  await expectReplicasEqual(cluster, client, topic);
  return read;
}
