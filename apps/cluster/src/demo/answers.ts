// All replicas died. Two answers: wait for one that has everything, or go on with what is there. The price of each, side by side.

import type { Client, ClusterStatus, Producer } from '@odradek/client';
import { type Terminal, table } from '../output.ts';
import { type DemoCluster, until, withDemoCluster } from './demo-cluster.ts';
import { Narrator } from './narrator.ts';

/** The topic that waits, and the one that goes on. */
const topics = [
  { name: 'waits', unclean: 'false' },
  { name: 'goes-on', unclean: 'true' },
] as const;

export interface Answer {
  readonly topic: string;
  readonly uncleanElections: boolean;
  readonly downtimeMs: number;
  readonly acknowledged: number;
  /** Acknowledged records that are not in the log at the end. */
  readonly missing: number;
  /** What `cluster status` says was lost. */
  readonly reported: number;
}

/** Tells both answers, and returns what each cost. */
export function tellAnswers(terminal: Terminal): Promise<readonly Answer[]> {
  const narrator = new Narrator(terminal);
  narrator.say('Three brokers start, and a controller in a process of its own, which outlives them.');
  return withDemoCluster({ controllers: 1, narrator }, async (demo) => {
    const answers = await tell(demo, narrator);
    const rows = answers.map((answer) => [
      answer.topic,
      String(answer.uncleanElections),
      answer.downtimeMs,
      answer.acknowledged,
      answer.missing,
      answer.reported,
    ]);
    const headings = [
      'topic',
      'unclean elections',
      'downtime in ms',
      'acknowledged',
      'missing',
      'reported as lost',
    ];
    if (!terminal.isJson) terminal.print(`\n${table(terminal, headings, rows)}`);
    return answers;
  });
}

async function tell({ cluster, client }: DemoCluster, narrator: Narrator): Promise<readonly Answer[]> {
  const admin = client.admin();
  for (const { name, unclean } of topics)
    await admin.createTopic({
      name,
      assignment: [[1, 2, 3]],
      config: { 'min.insync.replicas': '1', 'unclean.leader.election.enable': unclean },
    });
  narrator.say(
    'Two topics, led by broker 1, replicas on 2 and 3. Their only difference: unclean.leader.election.enable.',
  );
  await until('every broker knows the topics', () => areWhole(client));
  const loads = topics.map(({ name }) => new Load(client, name));
  await Promise.all(loads.map((load) => load.more(50)));
  for (const victim of [3, 2]) {
    narrator.say(`Broker ${victim} dies; writes go on.`);
    await cluster.obey({ do: 'kill', nodes: [victim] });
    await until(`broker ${victim} has left the in-sync sets`, () => isOutOfSync(client, victim));
    await Promise.all(loads.map((load) => load.more(50)));
  }
  narrator.say('Broker 1 dies too, the last one in sync. Nobody leads.');
  await cluster.obey({ do: 'kill', nodes: [1] });
  narrator.tellMachines(true);
  narrator.say('Broker 3 comes back first. It lacks what was written after its death.');
  await cluster.obey({ do: 'start', nodes: [3] });
  const [waiting, going] = loads;
  await going?.more(20);
  narrator.say(
    'goes-on is led by broker 3 and takes records again. waits has no leader and says for whom it waits:',
  );
  const { partitions } = await admin.describeTopic('waits');
  narrator.say(
    `  waits-0: leader ${partitions[0]?.leader}, waits for broker ${partitions[0]?.waitingFor.join(', ')}.`,
  );
  narrator.say('Broker 1 comes back, and broker 2.');
  await cluster.obey({ do: 'start', nodes: [1, 2] });
  await waiting?.more(20);
  await until('all replicas are in sync again', () => areWhole(client));
  narrator.tellMachines(false);
  await Promise.all(loads.map((load) => load.end()));
  await until('the losses are known', async () => areKnown(await admin.clusterStatus()));
  const status = await admin.clusterStatus();
  return Promise.all(
    loads.map((load, index) => answerOf(client, load, topics[index]?.unclean === 'true', status)),
  );
}

async function isOutOfSync(client: Client, broker: number): Promise<boolean> {
  const all = await Promise.all(topics.map(({ name }) => client.admin().describeTopic(name)));
  return all.every((topic) =>
    topic.partitions.every((partition) => !partition.inSyncReplicas.includes(broker)),
  );
}

async function areWhole(client: Client): Promise<boolean> {
  const all = await Promise.all(topics.map(({ name }) => client.admin().describeTopic(name)));
  return all.every((topic) => topic.partitions.every((partition) => partition.inSyncReplicas.length === 3));
}

function areKnown({ losses }: ClusterStatus): boolean {
  return losses.length > 0 && losses.every((loss) => loss.records !== null);
}

/** Numbered records to one topic, one after the other. */
class Load {
  readonly topic: string;
  readonly acknowledged: string[] = [];
  /** The longest time between two acknowledgements. */
  downtimeMs = 0;
  readonly #producer: Producer;
  #next = 0;
  #lastAt = Number.NaN;

  constructor(client: Client, topic: string) {
    this.topic = topic;
    this.#producer = client.producer({ acks: 'all', lingerMs: 0 });
  }

  async more(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const value = `${this.topic} ${this.#next}`;
      this.#next += 1;
      await this.#producer.send({ topic: this.topic, partition: 0, value });
      const now = performance.now();
      if (now - this.#lastAt > this.downtimeMs) this.downtimeMs = now - this.#lastAt;
      this.#lastAt = now;
      this.acknowledged.push(value);
    }
  }

  end(): Promise<void> {
    return this.#producer.close();
  }
}

async function answerOf(
  client: Client,
  load: Load,
  uncleanElections: boolean,
  status: ClusterStatus,
): Promise<Answer> {
  const present = await valuesOf(client, load.topic);
  const reported = status.losses
    .filter((loss) => loss.topic === load.topic)
    .reduce((sum, loss) => sum + (loss.records ?? 0), 0);
  return {
    topic: load.topic,
    uncleanElections,
    downtimeMs: Math.round(load.downtimeMs),
    acknowledged: load.acknowledged.length,
    missing: load.acknowledged.filter((value) => !present.has(value)).length,
    reported,
  };
}

async function valuesOf(client: Client, topic: string): Promise<ReadonlySet<string>> {
  const consumer = client.consumer();
  const partition = { topic, partition: 0 };
  const [end] = await consumer.offsets([partition], 'latest');
  consumer.assign([{ ...partition, from: 'earliest' }]);
  const values = new Set<string>();
  const decoder = new TextDecoder();
  while ((consumer.position(partition) ?? 0) < (end?.offset ?? 0)) {
    const records = await consumer.poll(5000);
    if (records.length === 0) break;
    for (const { value } of records) values.add(decoder.decode(value ?? undefined));
  }
  await consumer.close();
  return values;
}
