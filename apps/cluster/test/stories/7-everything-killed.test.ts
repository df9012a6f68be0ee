import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';

const topic = 'survives';
const times = 20;

describe('story 7, everything killed at once', () => {
  it(
    `${times} times: every acknowledged record is there, none twice`,
    () =>
      withCluster({}, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: topic, partitions: 3, replicationFactor: 3 });
        const load = new Load(client, topic, { partitions: 3 });
        for (let time = 0; time < times; time++) {
          await load.more(30);
          await cluster.kill(1, 2, 3);
          await cluster.start(1, 2, 3);
        }
        await load.more(30);
        await load.stop();
        const read = await readAll(client, topic, [0, 1, 2]);
        const places = new Map(read.map(({ value, partition, offset }) => [value, `${partition}/${offset}`]));
        expect(places.size, 'no record is there twice').toBe(read.length);
        expect(missingFrom(read, load.acknowledged)).toEqual([]);
        expect(load.errors).toEqual([]);
      }),
    300_000,
  );
});
