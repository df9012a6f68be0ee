// Who attacks a cluster of real processes: on each link of each node that is still there one attacker, or as many clients as there may be.

import { join } from 'node:path';
import { createDial, nodeCompute, readMetaProperties, readSecretFile } from '@odradek/host-node';
import type { Channel } from '@odradek/model';
import { Attacker, type Blow, type HostileDoor, type Known, type SeededRandom } from '@odradek/simulator';
import type { BenchCluster, BrokerProcess } from '../bench/cluster.ts';
import { ATTACKED, LEDGER } from './battlefield.ts';

/** Frames of one attacker on their way at the same time. */
const IN_FLIGHT = 32;
/** How many clients attack a node. Of a node each link is there once: another attacker on it would end the first. */
const CLIENTS = 6;
/** In percent of the frames that cost their connection at sight: that all of them do is shown in the simulator, where a connection is cheap. */
const REFUSED_PERCENT = 5;
/** A machine that is busy with other things lets a niced attack wait. */
const CAP_MS = 120_000;
const KNOCK_AGAIN_MS = 500;
const KEPT_BLOWS = 100;

export interface Siege {
  readonly door: HostileDoor;
  /** The cluster's directory. */
  readonly data: string;
  /** The node in whose place the attackers are. */
  readonly absent: number;
}

/** One attacker, and what it did last. */
export class Besieger {
  readonly #attacker: Attacker;
  readonly #learn: () => Promise<void>;
  readonly #blows: Blow[] = [];

  constructor(attacker: Attacker, learn: () => Promise<void>) {
    this.#attacker = attacker;
    this.#learn = learn;
  }

  get framesRead(): number {
    return this.#attacker.framesRead;
  }

  get connections(): number {
    return this.#attacker.connections;
  }

  /** Strikes until it is enough; now and then asks for what is true, so that lies stay near the truth. */
  async besiege(random: SeededRandom, isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      for (let count = 0; count < IN_FLIGHT; count += 1)
        this.#blows.push(this.#attacker.strike(random.next()));
      await this.#untilRead();
      this.#blows.splice(0, this.#blows.length - KEPT_BLOWS);
      if (random.chance(5)) await this.#learn();
    }
  }

  close(): void {
    this.#attacker.close();
  }

  /** For whoever looks for the cause of a failure. */
  lastBlows(): readonly string[] {
    return this.#blows.map(
      ({ seed, frames }) =>
        `${seed}: ${frames.map((frame) => Buffer.from(frame.subarray(0, 300)).toString('hex')).join(' then ')}`,
    );
  }

  async #untilRead(): Promise<void> {
    const knocking = setInterval(() => this.#attacker.open(), KNOCK_AGAIN_MS);
    let cap: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        cap = setTimeout(() => reject(new Error(`frames were not read in ${CAP_MS / 1000} s`)), CAP_MS);
        this.#attacker.whenRead(resolve);
      });
    } finally {
      clearInterval(knocking);
      clearTimeout(cap);
    }
  }
}

export function besiegers(cluster: BenchCluster, siege: Siege): Promise<readonly Besieger[]> {
  const channels: readonly Channel[] = ['control', 'data'];
  const each = siege.door === 'client' ? CLIENTS / channels.length : 1;
  const places = cluster.brokers
    .filter(({ id }) => id !== siege.absent)
    .flatMap((address) =>
      channels.flatMap((channel) => Array.from({ length: each }, () => ({ address, channel }))),
    );
  return Promise.all(places.map(({ address, channel }) => besieger(cluster, siege, address, channel)));
}

async function besieger(
  cluster: BenchCluster,
  siege: Siege,
  address: BrokerProcess,
  channel: Channel,
): Promise<Besieger> {
  const { door, data } = siege;
  let known = await learned(cluster, siege, address.id);
  const attacker = new Attacker({
    ...{ dial: createDial(), address, door, channel, hmac: nodeCompute.hmacSha256 },
    secret: readSecretFile(join(data, 'cluster.secret')),
    known: () => known,
    refusedPercent: REFUSED_PERCENT,
  });
  return new Besieger(attacker, async () => {
    known = await learned(cluster, siege, address.id).catch(() => known);
  });
}

async function learned(cluster: BenchCluster, { door, data, absent }: Siege, asked: number): Promise<Known> {
  const admin = cluster.client.admin();
  // A node attacks what an honest client writes to; a client, what is its own: what it calls compressed nobody else can read. By name
  // both know the second alone, since whoever may delete it may do so by right.
  const topic = door === 'peer' ? LEDGER : ATTACKED;
  const [described, status] = await Promise.all([admin.describeTopic(topic), admin.clusterStatus()]);
  const [partition] = described.partitions;
  const identity = (id: number) => {
    const meta = readMetaProperties(join(data, `node-${id}`));
    if (meta === undefined) throw new Error(`node ${id} is not formatted`);
    return { id, directoryId: meta.directoryId };
  };
  return {
    clusterId: status.clusterId,
    topic: ATTACKED,
    topicId: described.topicId,
    leaderEpoch: partition?.leaderEpoch ?? 0,
    partitionEpoch: 1,
    logEnd: Math.max(0, partition?.logEndOffset ?? 0),
    metadataEnd: Math.max(0, status.quorum.highWatermark),
    controllerEpoch: Math.max(0, status.controller.epoch),
    self: { ...identity(absent), incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' },
    brokerEpoch: 10,
    asked: identity(asked),
  };
}
