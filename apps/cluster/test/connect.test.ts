import { buildBatch } from '@odradek/format';
import { afterEach, expect, it } from 'vitest';
import { connect } from '../src/connect.ts';
import { compressing } from './support/compressed.ts';
import { directLink } from './support/direct.ts';
import { OneNode } from './support/one-node.ts';

const nodes = new OneNode();
afterEach(() => nodes.end());

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const timestamp = Date.now();

it('reads the batches of every codec that Kafka’s clients write, which the broker has taken as they are', async () => {
  const node = await nodes.start();
  await node.ready;
  const client = connect([node]);
  const link = directLink(node);
  try {
    const admin = client.admin();
    await admin.createTopic({ name: 'laser', partitions: 1 });
    const { topicId } = await admin.describeTopic('laser');
    for (const [index, codec] of codecs.entries()) {
      const records = [0, 1].map((at) => ({
        ...{ timestamp: timestamp + 10 * index + at, key: null, value: text(`${codec} ${at}`) },
      }));
      const batch = buildBatch({ records, compression: { codec, compress: compressing[codec] } });
      const partitions = [{ topicId, partition: 0, leaderEpoch: -1, records: [batch] }];
      const answer = await link.ask<'produce'>({
        api: 'produce',
        body: { acks: -1, timeoutMs: 5000, partitions },
      });
      expect(answer?.partitions[0]).toMatchObject({ error: 'NONE', baseOffset: 2 * index });
    }
    const consumer = client.consumer();
    const place = { topic: 'laser', partition: 0 };
    consumer.assign([{ ...place, from: 'earliest' }]);
    const read: string[] = [];
    while (read.length < 2 * codecs.length)
      for (const { value } of await consumer.poll()) read.push(Buffer.from(value ?? []).toString());
    expect(read).toEqual(codecs.flatMap((codec) => [`${codec} 0`, `${codec} 1`]));
    // The second record of each: only within the batch does it show which.
    for (const index of codecs.keys()) {
      const [found] = await consumer.offsets([place], { timestamp: timestamp + 10 * index + 1 });
      expect(found?.offset).toBe(2 * index + 1);
    }
  } finally {
    link.close();
    await client.close();
  }
});
