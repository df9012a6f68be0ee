import type { Client } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { persist } from '../support/persist.ts';
import { Load } from '../support/records.ts';
import { expectKept } from '../support/replicas.ts';

const topic = 'rolls';
/**
 * The defaults of a deployment. A successor that is named waits for no timer (Q9), so the story takes no longer by them; under the
 * 150 ms of `up` a vote that a busy disk flushes later than that counts as lost, and the candidate stands again in another epoch.
 */
const patientQuorum = {
  'controller.quorum.election.timeout.ms': '1000',
  'controller.quorum.fetch.timeout.ms': '2000',
  'controller.quorum.request.timeout.ms': '2000',
};

/** An application that reads what is written, looks at the cluster and changes a setting, all the time. */
class Application {
  readonly read: string[] = [];
  readonly errors: unknown[] = [];
  readonly #client: Client;
  readonly #running: Promise<unknown>;
  #isStopped = false;

  constructor(client: Client, partitions: number) {
    this.#client = client;
    this.#running = Promise.all([this.#reads(partitions), this.#looks(), this.#changes()]);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #reads(partitions: number): Promise<void> {
    const consumer = this.#client.consumer();
    consumer.assign(
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition, from: 'earliest' as const })),
    );
    await this.#until(async () => {
      for (const { value } of await consumer.poll(100))
        this.read.push(new TextDecoder().decode(value ?? undefined));
    });
    await consumer.close();
  }

  #looks(): Promise<void> {
    return this.#until(async () => {
      await this.#client.admin().listTopics();
      await this.#client.admin().describeTopic(topic);
    });
  }

  /** An answer that was lost with the broker that was asked says so, and then one asks again. */
  #changes(): Promise<void> {
    let round = 0;
    return this.#until(async () => {
      round += 1;
      const change = { 'retention.ms': String(1_000_000_000 + round) };
      await persist(() => this.#client.admin().alterConfig(topic, change));
    });
  }

  async #until(work: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      try {
        await work();
      } catch (error) {
        this.errors.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The controller that decides comes last: one election is enough (C9). */
async function restartAll(cluster: TestCluster, client: Client, load: Load): Promise<void> {
  const { controller } = await client.admin().clusterStatus();
  for (const id of [...[1, 2, 3].filter((other) => other !== controller.id), controller.id]) {
    await cluster.chaos({ do: 'restart', nodes: [id] });
    await load.more(100);
    await cluster.untilTopic(client, topic, 'all are in sync', ({ partitions }) =>
      partitions.every(({ inSyncReplicas }) => inSyncReplicas.length === 3),
    );
  }
}

describe('a rolling restart', () => {
  it(
    'of all nodes in turn, controllers last, shows the application no error; elected, the preferred replicas lead again (C9)',
    () =>
      withCluster({ set: { ...patientQuorum, 'auto.leader.rebalance.enable': 'false' } }, async (cluster) => {
        const client = cluster.client();
        const admin = client.admin();
        await admin.createTopic({ name: topic, partitions: 6, replicationFactor: 3 });
        const load = new Load(client, topic, { partitions: 6 });
        const application = new Application(cluster.client(), 6);
        await load.more(100);
        const before = await admin.clusterStatus();
        await restartAll(cluster, client, load);
        expect((await admin.clusterStatus()).quorum.epoch - before.quorum.epoch).toBeLessThanOrEqual(2);
        await cluster.json('topic', 'elect', topic);
        await cluster.untilPreferredLead(client, topic);
        await load.more(100);
        await load.stop();
        const kept = await expectKept(cluster, client, topic, load.acknowledged);
        await eventually('everything is read', () => application.read.length >= kept.length);
        await application.stop();
        expect([...load.errors, ...application.errors]).toEqual([]);
        expect(application.read.toSorted()).toEqual(kept.map(({ value }) => value).toSorted());
      }),
    60_000,
  );

  it(
    'is followed by the preferred replicas leading again by themselves',
    () =>
      withCluster({ set: { 'leader.imbalance.check.interval.seconds': '1' } }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: topic, partitions: 3, replicationFactor: 3 });
        const load = new Load(client, topic, { partitions: 3 });
        await load.more(50);
        await cluster.chaos({ do: 'restart', nodes: [1] });
        const { partitions } = await cluster.untilPreferredLead(client, topic);
        // Away, and back.
        expect(partitions.find(({ leader }) => leader === 1)?.leaderEpoch).toBeGreaterThanOrEqual(2);
        await load.more(50);
        await load.stop();
        expect(load.errors).toEqual([]);
      }),
    60_000,
  );
});
