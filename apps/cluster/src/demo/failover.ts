// The main job, unattended: real data in, the leader killed half way, everything out again, in order, each once.

import type { Client, Producer } from '@odradek/client';
import { counted, type Terminal } from '../output.ts';
import { Checksum, type DemoRecord, demoRecords } from './data.ts';
import { type DemoCluster, until, withDemoCluster } from './demo-cluster.ts';
import { Narrator } from './narrator.ts';

const topic = 'laser';
const partitions = 3;

export interface FailoverReport {
  readonly records: number;
  readonly killed: number;
  /** The longest time after the SIGKILL without an acknowledgement of the killed leader's partition. */
  readonly failoverMs: number;
  readonly checksumIn: string;
  readonly checksumOut: string;
  readonly inOrderEachOnce: boolean;
}

/** Tells and checks the whole story. */
export function tellFailover(terminal: Terminal): Promise<FailoverReport> {
  const narrator = new Narrator(terminal);
  narrator.say('Three brokers start, each in a process of its own.');
  return withDemoCluster({ controllers: 0, narrator }, (demo) => tell(demo, narrator));
}

async function tell({ cluster, client }: DemoCluster, narrator: Narrator): Promise<FailoverReport> {
  await client.admin().createTopic({ name: topic, partitions, replicationFactor: 3 });
  narrator.say(`Topic ${topic} is there: ${partitions} partitions, a replica of each on every broker.`);
  const records = demoRecords();
  narrator.say(`${counted(records.length, 'record')} go in: flights, and earthquakes keyed by their ids.`);
  // A broker may hear of a topic a moment after the controller has said that it is there.
  await until('every broker knows the topic', () => isWhole(client));
  const victim = await leaderOf(client, 0);
  const sending = new Sending(client, records);
  await sending.untilHalf();
  narrator.tellMachines(true);
  narrator.say(`Half of them are acknowledged. Broker ${victim} leads ${topic}-0: SIGKILL.`);
  sending.killedAt = performance.now();
  await cluster.obey({ do: 'kill', nodes: [victim] });
  await sending.untilAll();
  const failoverMs = Math.round(sending.failoverMs);
  narrator.say(
    `All ${counted(records.length, 'record')} are acknowledged; ${topic}-0 was without a leader for ${failoverMs} ms.`,
  );
  await cluster.obey({ do: 'start', nodes: [victim] });
  await until('every replica is in sync again', () => isWhole(client));
  narrator.tellMachines(false);
  narrator.say(`Broker ${victim} is back and in sync.`);
  const out = await readAll(client, records.length);
  const inOrderEachOnce = isSame(sending.sent, out);
  const report = {
    records: records.length,
    killed: victim,
    failoverMs,
    checksumIn: checksumOf(sending.sent),
    checksumOut: checksumOf(out),
    inOrderEachOnce,
  };
  narrator.say(
    inOrderEachOnce
      ? `All records came out, in order, each once. Checksum in ${report.checksumIn}, out ${report.checksumOut}.`
      : `What came out is not what went in: ${report.checksumIn} in, ${report.checksumOut} out.`,
  );
  return report;
}

async function leaderOf(client: Client, partition: number): Promise<number> {
  const { partitions: all } = await client.admin().describeTopic(topic);
  return all.find((candidate) => candidate.partition === partition)?.leader ?? -1;
}

async function isWhole(client: Client): Promise<boolean> {
  const { partitions: all } = await client.admin().describeTopic(topic);
  return all.every((partition) => partition.inSyncReplicas.length === 3);
}

/** Values by partition, in order. */
type ByPartition = readonly (readonly string[])[];

class Sending {
  /** What was sent, by the partition that it went to. */
  readonly sent: string[][] = Array.from({ length: partitions }, () => []);
  killedAt = Number.POSITIVE_INFINITY;
  /** The longest time after the kill without an acknowledgement of the killed leader's partition. */
  failoverMs = 0;
  #lastAt = 0;
  readonly #producer: Producer;
  readonly #all: Promise<unknown>;
  readonly #half: Promise<void>;

  constructor(client: Client, records: readonly DemoRecord[]) {
    this.#producer = client.producer({ acks: 'all', lingerMs: 5 });
    let acknowledged = 0;
    let halfDone: () => void;
    this.#half = new Promise((resolve) => {
      halfDone = resolve;
    });
    this.#all = this.#send(records, (partition, at) => {
      acknowledged += 1;
      if (acknowledged * 2 >= records.length) halfDone();
      if (partition === 0) this.#acknowledgedAt(at);
    });
    // Whoever waits for the end hears of a failure; waiting for half must not hang on one.
    this.#all.catch(() => halfDone());
  }

  #acknowledgedAt(at: number): void {
    this.failoverMs = Math.max(this.failoverMs, at - Math.max(this.#lastAt, this.killedAt));
    this.#lastAt = at;
  }

  untilHalf(): Promise<void> {
    return this.#half;
  }

  async untilAll(): Promise<void> {
    await this.#all;
    await this.#producer.close();
  }

  async #send(
    records: readonly DemoRecord[],
    acknowledged: (partition: number, at: number) => void,
  ): Promise<void> {
    const batch = 200;
    for (let from = 0; from < records.length; from += batch) {
      const some = records.slice(from, from + batch).map(async ({ key, value }, index) => {
        // The partition is ours to choose, so that the order sent is known for each.
        const partition = (from + index) % partitions;
        this.sent[partition]?.push(value);
        await this.#producer.send({ topic, partition, key, value });
        acknowledged(partition, performance.now());
      });
      await Promise.all(some);
    }
  }
}

async function readAll(client: Client, count: number): Promise<ByPartition> {
  const consumer = client.consumer();
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await consumer.offsets(all, 'latest');
  consumer.assign(all.map((partition) => ({ ...partition, from: 'earliest' as const })));
  const read: string[][] = all.map(() => []);
  let total = 0;
  const isAtEnd = (): boolean => ends.every((end) => (consumer.position(end) ?? 0) >= end.offset);
  const decoder = new TextDecoder();
  while (total < count || !isAtEnd()) {
    const records = await consumer.poll(5000);
    if (records.length === 0) break;
    for (const { partition, value } of records) read[partition]?.push(decoder.decode(value ?? undefined));
    total += records.length;
  }
  await consumer.close();
  return read;
}

function isSame(one: ByPartition, other: ByPartition): boolean {
  return one.every((values, partition) => {
    const others = other[partition] ?? [];
    return values.length === others.length && values.every((value, index) => value === others[index]);
  });
}

function checksumOf(values: ByPartition): string {
  const checksum = new Checksum();
  for (const partition of values) for (const value of partition) checksum.add(value);
  return checksum.text();
}
