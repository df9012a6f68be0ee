// The door: one client, with its connections shared by its producers, its consumers and its admin.

import type { Address } from '@odradek/wire';
import { createAdmin } from './admin.ts';
import { Cluster } from './cluster/cluster.ts';
import type { Connect } from './connection/connection.ts';
import { wireConnections } from './connection/wire-connections.ts';
import { createConsumer } from './consumer.ts';
import { OdradekError } from './errors.ts';
import type { FacePorts } from './face-ports.ts';
import type { MachineRoom } from './machine/machine-room.ts';
import { platformClock, platformCompute, platformRandom, platformSocket } from './platform.ts';
import { createProducer } from './producer.ts';
import type { Client, ClientEvent, ClientOptions, Consumer, Producer } from './types.ts';

const defaults = {
  requestTimeoutMs: 30_000,
  retryBackoffMs: 25,
  retryBackoffMaxMs: 250,
  // Kafka waits for five minutes. A consumer at a leader that is cut off from its peers meets no error: only this makes it look.
  metadataMaxAgeMs: 30_000,
};

/** A client of the cluster that `bootstrap` belongs to. Dials when first used. */
export function createClient(options: ClientOptions): Client {
  const room = roomOf(options);
  const compute = { ...platformCompute, ...options.compute };
  return clientOver(options, wireConnections(room, compute, options.socket ?? platformSocket));
}

/** A client over connections of the caller's: for tests, and for other ways to reach a broker. */
export function clientOver(options: ClientOptions, connect: Connect): Client {
  const room = roomOf(options);
  const cluster = new Cluster(room, connect, {
    bootstrap: bootstrapOf(options.bootstrap),
    requestTimeoutMs: milliseconds('requestTimeoutMs', options.requestTimeoutMs, defaults.requestTimeoutMs),
    retryBackoffMs: milliseconds('retryBackoffMs', options.retryBackoffMs, defaults.retryBackoffMs),
    retryBackoffMaxMs: milliseconds(
      'retryBackoffMaxMs',
      options.retryBackoffMaxMs,
      defaults.retryBackoffMaxMs,
    ),
    metadataMaxAgeMs: milliseconds('metadataMaxAgeMs', options.metadataMaxAgeMs, defaults.metadataMaxAgeMs),
  });
  const onEvent = (event: ClientEvent): void => options.onEvent?.(event);
  if (options.onEvent !== undefined) tellLeaderChanges(cluster, onEvent);
  const ports: FacePorts = {
    cluster,
    compute: options.compute ?? platformCompute,
    soon: room.soon,
    onEvent,
  };
  return new ConnectedClient(ports);
}

class ConnectedClient implements Client {
  readonly #ports: FacePorts;
  readonly #open: { close(): Promise<void> }[] = [];
  #made = 0;
  #closing: Promise<void> | undefined;

  constructor(ports: FacePorts) {
    this.#ports = ports;
  }

  producer(options: Parameters<Client['producer']>[0] = {}): Producer {
    return this.#keep(createProducer(this.#name('producer'), this.#ports, options));
  }

  consumer(options: Parameters<Client['consumer']>[0] = {}): Consumer {
    return this.#keep(createConsumer(this.#name('consumer'), this.#ports, options));
  }

  admin() {
    this.#refuseIfClosed();
    return createAdmin(this.#ports);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#open.map((one) => one.close())).then(() =>
      this.#ports.cluster.close(),
    );
    return this.#closing;
  }

  #name(kind: string): string {
    this.#refuseIfClosed();
    this.#made += 1;
    return `client/${kind}-${this.#made}`;
  }

  #keep<T extends { close(): Promise<void> }>(one: T): T {
    this.#open.push(one);
    return one;
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new OdradekError('CLOSED', 'the client is closed');
  }
}

function roomOf({ clock, random, inspect }: ClientOptions): MachineRoom {
  return {
    clock: clock ?? platformClock,
    random: random ?? platformRandom,
    // On a clock of the caller's everything is to happen in its time.
    soon:
      // Called as a browser asks for it: as nobody's method.
      clock === undefined
        ? (callback) => queueMicrotask(callback)
        : (callback) => void clock.setTimeout(callback, 0),
    inspect,
  };
}

function milliseconds(name: string, value: number | undefined, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (Number.isFinite(value) && value > 0) return value;
  throw new OdradekError(
    'INVALID_CONFIG',
    `${name} is ${value}: it must be a number of milliseconds above 0`,
  );
}

/** `host:port`, `[v6]:port`. */
function bootstrapOf(texts: readonly string[]): Address[] {
  if (texts.length === 0)
    throw new OdradekError('INVALID_CONFIG', 'bootstrap names no broker: at least one host:port is needed');
  return texts.map((text) => {
    const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
    const host = v6 ?? name;
    const port = Number(digits);
    if (host === undefined || !(port >= 1 && port <= 65_535))
      throw new OdradekError(
        'INVALID_CONFIG',
        `bootstrap "${text}": it must be host:port, with a port from 1 to 65535`,
      );
    return { host, port };
  });
}

function tellLeaderChanges(cluster: Cluster, onEvent: (event: ClientEvent) => void): void {
  let before = cluster.image;
  cluster.listen({
    unreachable: () => {},
    changed: () => {
      const after = cluster.image;
      for (const [topic, { partitions }] of after.topics) {
        partitions.forEach(({ leader, leaderEpoch }, partition) => {
          const old = before.topics.get(topic)?.partitions[partition];
          if (old !== undefined && old.leader !== leader)
            onEvent({ type: 'leader changed', topic, partition, leader, leaderEpoch });
        });
      }
      before = after;
    },
  });
}
