import { crc32c } from '@odradek/format';
import {
  type Channel,
  type ClientApi,
  type ClientRequest,
  type ClientResponse,
  type Compute,
  flagSource,
  type Network,
  type NetworkReply,
  type PeerApi,
  type PeerHandler,
  type PeerRequest,
  type PeerResponse,
  type Random,
  resolveConfiguration,
  shortTimers,
  type Voter,
} from '@odradek/model';
import { MemoryDisk, type MemoryDiskOptions } from '@odradek/storage';
import { writeFirstSnapshot } from '../../src/node/metadata-snapshot.ts';
import { createNode, type OdradekNode } from '../../src/node/node.ts';
import { TestClock } from './test-clock.ts';

const DELAY_MS = 1;

/** Nodes in one thread on made-up time, whose messages take a millisecond. With `controllers` named, those alone vote, and lead nothing. */
export class MadeUpCluster {
  readonly clock = new TestClock();
  readonly said: string[] = [];
  private readonly broken: unknown[] = [];
  readonly nodes = new Map<number, OdradekNode>();
  private readonly disks = new Map<number, MemoryDisk>();
  private readonly handlers = new Map<number, PeerHandler>();
  /** What each node has asked of its clock in this life, and is still to come. */
  readonly timers = new Map<number, ReadonlySet<number | object>>();
  /** By how much a node's disk is slow. */
  readonly diskDelaysMs = new Map<number, number>();
  /** What a node's disk refuses. */
  readonly diskFaults = new Map<number, NonNullable<MemoryDiskOptions['fault']>>();
  private readonly lives = new Map<number, number>();
  private readonly voters: readonly Voter[];
  private readonly settings: Readonly<Record<string, string>>;
  private readonly controllers: readonly number[];
  /** Nodes that nobody hears, and that hear nobody; clients still reach them. */
  private readonly cut = new Set<number>();

  constructor(
    brokers: readonly number[],
    settings: Readonly<Record<string, string>> = {},
    controllers: readonly number[] = [],
  ) {
    this.settings = settings;
    this.controllers = controllers;
    const voters = controllers.length === 0 ? brokers : controllers;
    this.voters = voters.map((id) => ({ id, directoryId: directoryIdOf(id), host: 'made-up', port: id }));
    for (const id of [...controllers, ...brokers]) {
      const disk = new MemoryDisk({
        later: (callback) => this.clock.setTimeout(callback, this.diskDelaysMs.get(id) ?? 0),
        bootId: 'boot',
        fault: (operation, path) => this.diskFaults.get(id)?.(operation, path),
      });
      writeFirstSnapshot(disk, this.voters, 0, () => {});
      this.disks.set(id, disk);
    }
    this.clock.advance(10);
  }

  start(id: number): OdradekNode {
    const disk = this.disks.get(id);
    if (disk === undefined) throw new Error(`there is no node ${id}`);
    const life = (this.lives.get(id) ?? 0) + 1;
    this.lives.set(id, life);
    const isAlive = (): boolean => this.lives.get(id) === life;
    const timers = new Set<number | object>();
    this.timers.set(id, timers);
    const clock = {
      nowMs: () => this.clock.nowMs(),
      wallMs: () => this.clock.wallMs(),
      setTimeout: (callback: () => void, delayMs: number) => {
        const timer = this.clock.setTimeout(() => {
          timers.delete(timer);
          if (isAlive()) callback();
        }, delayMs);
        timers.add(timer);
        return timer;
      },
      clearTimeout: (handle: number | object) => {
        timers.delete(handle);
        this.clock.clearTimeout(handle);
      },
    };
    const node = createNode({
      identity: {
        clusterId: 'made-up',
        nodeId: id,
        directoryId: directoryIdOf(id),
        incarnation: incarnationOf(id, life),
        host: 'made-up',
        port: id,
        processId: id * 100 + life,
      },
      voters: this.voters,
      ports: {
        clock,
        random: randomOf(id * 100 + life),
        network: this.networkOf(id, isAlive),
        disk,
        compute,
      },
      configuration: resolveConfiguration([
        shortTimers,
        flagSource({ 'node.id': String(id), 'process.roles': this.rolesOf(id), ...this.settings }),
      ]),
      onBroken: (error) => this.broken.push(error),
      say: (line) => this.said.push(`${id}: ${line}`),
    });
    this.nodes.set(id, node);
    node.start();
    return node;
  }

  private rolesOf(id: number): string {
    if (this.controllers.length === 0) return 'broker,controller';
    return this.controllers.includes(id) ? 'controller' : 'broker';
  }

  /** From now on it is silent to all others, and they to it. */
  isolate(id: number): void {
    this.cut.add(id);
  }

  rejoin(id: number): void {
    this.cut.delete(id);
  }

  private areApart(one: number, other: number): boolean {
    return this.cut.has(one) || this.cut.has(other);
  }

  /** As `kill -9`: the page cache stays, everything else is gone, the address refuses. */
  kill(id: number): void {
    const life = this.lives.get(id) ?? 0;
    this.lives.set(id, life + 1000);
    this.nodes.delete(id);
    this.handlers.delete(id);
    this.disks.get(id)?.crash();
    for (const [other, handler] of this.handlers) {
      this.clock.setTimeout(() => {
        if (this.handlers.get(other) !== handler || this.areApart(id, other)) return;
        const peer = { id, directoryId: directoryIdOf(id), incarnation: incarnationOf(id, life) };
        handler.observe({ type: 'unlinked', peer });
        handler.observe({ type: 'refused', id });
      }, DELAY_MS);
    }
  }

  /** Moves time until `condition` holds; fails after `capMs` of made-up time. */
  until(what: string, condition: () => boolean, capMs = 20_000): void {
    const end = this.clock.nowMs() + capMs;
    while (!condition()) {
      if (this.clock.nowMs() > end)
        throw new Error(`not within ${capMs} ms: ${what}\n${this.said.slice(-20).join('\n')}`);
      this.clock.advance(5);
      if (this.broken.length > 0) throw this.broken[0];
    }
  }

  /** Asks a node as a client would, and moves time until it answers. */
  ask<Api extends ClientApi>(id: number, request: ClientRequest<Api>): ClientResponse<Api> {
    let answer: ClientResponse<Api> | undefined;
    this.send(id, request, (given) => {
      answer = given;
    });
    this.until(`an answer to ${request.api}`, () => answer !== undefined);
    return answer as ClientResponse<Api>;
  }

  /** Asks, and lets nothing happen before it returns. */
  send<Api extends ClientApi>(
    id: number,
    request: ClientRequest<Api>,
    done: (answer: ClientResponse<Api>) => void,
  ): void {
    const client = { connection: 'test', reachedHost: 'made-up', reachedPort: id };
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`node ${id} is not running`);
    node.clients.handle(client, request as ClientRequest, ({ body }) => done(body as ClientResponse<Api>));
  }

  private networkOf(self: number, isAlive: () => boolean): Network {
    const lanes = new Map<string, number>();
    return {
      request: <Api extends PeerApi>(
        to: number,
        channel: Channel,
        request: PeerRequest<Api>,
        timeoutMs: number,
        done: (reply: NetworkReply<Api>) => void,
      ) => {
        let isOpen = true;
        const end = (reply: NetworkReply<Api>): void => {
          if (!isOpen || !isAlive()) return;
          isOpen = false;
          this.clock.clearTimeout(timer);
          done(reply);
        };
        const timer = this.clock.setTimeout(() => end({ outcome: 'failed', reason: 'timed out' }), timeoutMs);
        const lane = `${to} ${channel}`;
        lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
        this.clock.setTimeout(() => {
          if (this.areApart(self, to)) return;
          const handler = this.handlers.get(to);
          if (handler === undefined) {
            end({ outcome: 'failed', reason: 'refused' });
            if (isAlive()) this.handlers.get(self)?.observe({ type: 'refused', id: to });
            return;
          }
          const life = this.lives.get(self) ?? 0;
          const peer = { id: self, directoryId: directoryIdOf(self), incarnation: incarnationOf(self, life) };
          handler.handle(peer, request as PeerRequest, ({ body }) => {
            if (this.handlers.get(to) !== handler) return;
            this.clock.setTimeout(() => {
              if (!this.areApart(self, to)) end({ outcome: 'answered', response: body as PeerResponse<Api> });
            }, DELAY_MS);
          });
        }, DELAY_MS);
      },
      address: () => {},
      probe: (id) => {
        this.clock.setTimeout(() => {
          const type = this.handlers.has(id) ? 'reached' : 'refused';
          if (isAlive() && !this.areApart(self, id)) this.handlers.get(self)?.observe({ type, id });
        }, DELAY_MS);
      },
      serve: (handler) => {
        this.handlers.set(self, handler);
      },
    };
  }
}

function directoryIdOf(id: number): string {
  return `directory${id}`.padEnd(21, '_').concat('A');
}

function randomOf(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state;
  };
  return {
    below: (bound) => next() % bound,
    bytes: (length) => Uint8Array.from({ length }, () => (next() >> 8) & 0xff),
  };
}

const compute: Compute = {
  crc32c: (bytes, start, end) => crc32c(bytes, start, end),
  hmacSha256: () => {
    throw new Error('no proof is asked for in a made-up cluster');
  },
  inflate: (_codec, _bytes, _maxBytes, done) => done({ error: 'UNSUPPORTED' }),
  deflate: () => {
    throw new Error('nothing is deflated in a made-up cluster');
  },
};

function incarnationOf(id: number, life: number): string {
  return `life${life}of${id}`.padEnd(21, '_').concat('A');
}
