import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { Load, readAll } from '../support/records.ts';

const partitions = [0, 1, 2];

/** The bytes of everything that a partition's directories hold. */
function digestOf(cluster: TestCluster, topic: string): string {
  const hash = createHash('sha256');
  for (const broker of [1, 2, 3])
    for (const partition of partitions) {
      const directory = cluster.partitionDirectory(broker, topic, partition);
      for (const name of readdirSync(directory).sort())
        hash.update(name).update(readFileSync(join(directory, name)));
    }
  return hash.digest('hex');
}

describe('story 2, names for ever', () => {
  it(
    'what was read under a name reads the same after a restart of everything, by any number of readers',
    () =>
      withCluster({}, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: 'names', partitions: 3, replicationFactor: 3 });
        const load = new Load(client, 'names', { partitions: 3 });
        await load.more(300);
        await load.stop();
        const before = await readAll(client, 'names', partitions);
        const bytes = digestOf(cluster, 'names');
        const readers = await Promise.all(
          [1, 2, 3].map(() => readAll(cluster.client(), 'names', partitions)),
        );
        for (const read of readers) expect(byName(read)).toEqual(byName(before));
        expect(digestOf(cluster, 'names')).toBe(bytes);
        expect(await cluster.stop()).toBe(0);
        await cluster.up();
        expect(byName(await readAll(cluster.client(), 'names', partitions))).toEqual(byName(before));
        const later = await readAll(cluster.client(), 'names', [1], 10);
        expect(later).toEqual(before.filter((record) => record.partition === 1 && record.offset >= 10));
        const beyond = await cluster.odradek(['consume', 'names', '--from', '1000', '--json']);
        expect([beyond.exitCode, JSON.parse(beyond.stdout).error.code]).toEqual([4, 'OFFSET_OUT_OF_RANGE']);
      }),
    60_000,
  );
});

function byName(
  records: readonly { readonly partition: number; readonly offset: number; readonly value: string }[],
) {
  return records.map(({ partition, offset, value }) => `${partition}/${offset} ${value}`).sort();
}
