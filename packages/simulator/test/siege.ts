// A cluster under siege: three voters with a topic in sync on all of them; then the third is gone, and whoever has its secret is in
// its place. An honest client writes all the while.

import { hash } from 'node:crypto';
import { buildBatch, readRecords, textBytes, walkBatches } from '@odradek/format';
import { type Channel, type NodeId, topicByName } from '@odradek/model';
import type { PeerNetwork } from '@odradek/wire';
import { Attacker, type Blow } from '../src/hostile/attacker.ts';
import type { HostileDoor, Known } from '../src/hostile/true-frames.ts';
import { HonestClient, WiredCluster, type WiredNode } from '../src/hostile/wired-cluster.ts';
import { SeededRandom } from '../src/seeded-random.ts';

/** A keyed hash that costs a tenth of an HMAC: every second frame costs its connection, and the next one a proof. */
const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  new Uint8Array(hash('sha256', Buffer.concat([key, message]), 'buffer'));

const TOPIC = 'laser';
const ABSENT = 3;
const BLOWS_PER_RECORD = 64;
const LONGEST_COMMAND_MS = 310_000;

/** Heartbeats, checkpoints, elections, long polls: of a node that nobody attacks there are some twenty, and a few for each replica. */
function isAtRest({ clock, node }: WiredNode): boolean {
  return clock.armedTimers <= 60 + 4 * node.hosted.size;
}

export class Siege {
  // Nobody is told apart from another client yet: what a hostile one may delete by right would be gone by right.
  readonly cluster = new WiredCluster({
    ...{ nodes: 3, seed: 1, hmac },
    settings: { 'delete.topic.enable': 'false' },
  });
  readonly client = new HonestClient(this.cluster, { hmacSha256: hmac });
  /** Every acknowledged record by its offset. */
  readonly acknowledged = new Map<number, string>();
  topicId = '';
  framesRead = 0;
  #sent = 0;
  #unanswered = 0;
  readonly #last: Blow[] = [];

  constructor() {
    const { cluster, client } = this;
    for (const id of [1, 2, 3]) cluster.start(id);
    cluster.until('all are unfenced', () =>
      [1, 2, 3].every((id) => this.image.brokers.get(id)?.isFenced === false),
    );
    const topic = { name: TOPIC, partitions: -1, replicationFactor: -1, assignment: [[1, 2, 3]] };
    const config = [{ name: 'min.insync.replicas', value: '2' }];
    const body = { timeoutMs: 2000, validateOnly: false, requestId: '', topics: [{ ...topic, config }] };
    this.topicId = client.answer(1, { api: 'createTopics', body })?.topics[0]?.topicId ?? '';
    this.write();
    cluster.until('all are in sync', () => this.acknowledged.size > 0 && this.#inSyncCount === 3);
    cluster.kill(ABSENT);
  }

  /** Strikes through one door of both nodes, then lets node 3 come back: nothing may be missing, everybody must serve. */
  run(door: HostileDoor, seed: number, blows: number): void {
    const random = new SeededRandom(seed);
    try {
      const attackers = this.#attackers(door);
      for (let next = 0; next < blows; next += attackers.length) {
        this.#letIn(attackers);
        for (const attacker of attackers) this.#strike(attacker, random.next());
        this.cluster.advance(1);
        if (next % BLOWS_PER_RECORD === 0) this.write();
      }
      for (const attacker of attackers) attacker.close();
      this.framesRead = attackers.reduce((sum, attacker) => sum + attacker.framesRead, 0);
      this.#calm();
      this.#peace();
    } catch (error) {
      throw new Error(`${shownError(error)}\nthe last blows:\n${this.#last.map(shownBlow).join('\n')}`);
    }
  }

  #attackers(door: HostileDoor): readonly Attacker[] {
    const channels: readonly Channel[] = ['control', 'data'];
    // More than one client may attack at the same time; of a node each link is there once.
    const crowd = door === 'client' ? 3 : 1;
    return [1, 2].flatMap((asked) =>
      channels.flatMap((channel) =>
        Array.from({ length: crowd }, () => this.#attacker(door, channel, asked)),
      ),
    );
  }

  #attacker(door: HostileDoor, channel: Channel, asked: NodeId): Attacker {
    const { dial } = this.cluster.outsider('attacker');
    const { secret } = this.cluster;
    const address = this.cluster.voter(asked);
    return new Attacker({ dial, address, door, channel, hmac, secret, known: () => this.#known(asked) });
  }

  #letIn(attackers: readonly Attacker[]): void {
    for (const attacker of attackers) attacker.open();
    this.cluster.until('the attackers are let in', () => attackers.every(({ isUp }) => isUp), 10_000);
  }

  #strike(attacker: Attacker, seed: number): void {
    this.#last.push(attacker.strike(seed));
    if (this.#last.length > 12) this.#last.shift();
  }

  /** One record, unless too many wait for an answer. */
  write(): void {
    if (this.#unanswered > 10) return;
    this.#sent += 1;
    this.#unanswered += 1;
    const value = `record-${this.#sent}`;
    const records = [buildBatch({ records: [{ timestamp: -1, key: null, value: textBytes(value) }] })];
    const part = { topicId: this.topicId, partition: 0, leaderEpoch: -1, records };
    const body = { acks: -1, timeoutMs: 1000, partitions: [part] };
    this.client.ask(this.#state?.leader === 2 ? 2 : 1, { api: 'produce', body }, (response) => {
      this.#unanswered -= 1;
      const first = response?.partitions[0];
      if (first?.error === 'NONE') this.acknowledged.set(first.baseOffset, value);
    });
  }

  #peace(): void {
    const { cluster } = this;
    cluster.start(ABSENT);
    cluster.until('all are in sync again', () => this.#inSyncCount === 3, 60_000);
    const before = this.acknowledged.size;
    cluster.until('a record is acknowledged', () => {
      this.write();
      cluster.time.advance(10);
      return this.acknowledged.size > before;
    });
    for (const id of [1, 2, 3]) {
      const { problems } = cluster.checkDisk(id);
      if (problems.length > 0) throw new Error(`the logs of node ${id}: ${JSON.stringify(problems[0])}`);
    }
    const there = this.#read();
    for (const [offset, value] of this.acknowledged)
      if (there.get(offset) !== value)
        throw new Error(`acknowledged ${value} at offset ${offset}, where ${there.get(offset)} is`);
    this.client.close();
  }

  /** W2: nothing is left of the attackers, neither sessions nor what they had asked for. */
  #calm(): void {
    const { cluster } = this;
    cluster.until('their sessions are over', () =>
      [...cluster.running.values()].every(({ network }) => sessionsOf(network) <= 4),
    );
    // A command waits five minutes for its controller at most, whatever its client says.
    cluster.until(
      'their commands are over',
      () => [...cluster.running.values()].every(isAtRest),
      LONGEST_COMMAND_MS,
    );
  }

  #read(): ReadonlyMap<number, string> {
    const values = new Map<number, string>();
    for (let fetchOffset = 0; ; ) {
      const at = { topicId: this.topicId, partition: 0, leaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1 };
      const body = { maxWaitMs: 0, minBytes: 1, maxBytes: 1e6, partitions: [{ ...at, maxBytes: 1e6 }] };
      const part = this.client.answer(this.#state?.leader ?? 1, { api: 'fetch', body })?.partitions[0];
      if (part?.error !== 'NONE') throw new Error(`reading at ${fetchOffset}: ${part?.error}`);
      if (part.records.length === 0) return values;
      for (const piece of part.records)
        walkBatches(piece, (batch) => {
          // What an attacker has called compressed is nobody's but its own.
          const records = batch.codec === 'none' ? readRecords(batch) : [];
          for (const { offset, value } of records)
            values.set(offset, value === null ? '' : new TextDecoder().decode(value));
          fetchOffset = batch.nextOffset;
        });
    }
  }

  get image() {
    const running = this.cluster.running.get(1);
    if (running === undefined) throw new Error('node 1 does not run');
    return running.node.image;
  }

  get #state() {
    return topicByName(this.image, TOPIC)?.partitions[0];
  }

  get #inSyncCount(): number {
    return this.#state?.inSyncReplicas.length ?? 0;
  }

  #known(asked: NodeId): Known {
    const { cluster, image } = this;
    const { directoryId } = cluster.voter(ABSENT);
    const { node } = cluster.running.get(1) ?? {};
    const quorum = node?.root.getSnapshot().children.get('quorum')?.getSnapshot();
    return {
      clusterId: cluster.clusterId,
      topic: TOPIC,
      topicId: this.topicId,
      leaderEpoch: this.#state?.leaderEpoch ?? 0,
      partitionEpoch: this.#state?.partitionEpoch ?? 0,
      logEnd: node?.hosted.get(`${this.topicId}:0`)?.log?.logEndOffset ?? 0,
      metadataEnd: image.offset + 1,
      controllerEpoch: quorum?.context.epoch ?? 0,
      self: { id: ABSENT, directoryId, incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' },
      brokerEpoch: image.brokers.get(ABSENT)?.brokerEpoch ?? 0,
      asked: { id: asked, directoryId: cluster.voter(asked).directoryId },
    };
  }
}

/** Its peers' links, and the client's, are sessions too. */
function sessionsOf({ root }: PeerNetwork): number {
  return [...root.getSnapshot().children.keys()].filter((id: string) => id.startsWith('session')).length;
}

function shownBlow({ seed, frames }: Blow): string {
  const hex = frames.map((frame) => Buffer.from(frame.subarray(0, 1000)).toString('hex'));
  return `blow ${seed}: ${hex.join(' then ')}`;
}

function shownError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
