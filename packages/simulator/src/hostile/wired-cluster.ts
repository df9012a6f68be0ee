// Nodes over the real wire: links, sessions, proofs and all, on virtual time and memory disks. Slower than the simulator's own
// network, and there for what comes in at the doors.

import { createNode, type OdradekNode, writeFirstSnapshot } from '@odradek/core';
import { uuidText } from '@odradek/format';
import {
  type ClientApi,
  type ClientRequest,
  type ClientResponse,
  type Compute,
  flagSource,
  type NodeId,
  resolveConfiguration,
  shortTimers,
  type Voter,
} from '@odradek/model';
import { checkLog, type LogCheck, MemoryDisk } from '@odradek/storage';
import {
  type ClientLink,
  createClientLinks,
  createPeerNetwork,
  type Dial,
  type PeerNetwork,
} from '@odradek/wire';
import { SeededRandom } from '../seeded-random.ts';
import { VirtualClock, VirtualTime } from '../virtual-clock.ts';
import { virtualCompute } from '../virtual-compute.ts';
import { VirtualProcess } from '../virtual-process.ts';
import { MemoryNetwork } from './memory-socket.ts';

export interface WiredClusterOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly hmac: Compute['hmacSha256'];
  readonly settings?: Readonly<Record<string, string>>;
}

export interface WiredNode {
  readonly process: VirtualProcess;
  readonly node: OdradekNode;
  readonly network: PeerNetwork;
  readonly clock: VirtualClock;
}

const CLUSTER_ID = 'wired';

/** A cluster whose nodes speak the real protocol. */
export class WiredCluster {
  readonly time = new VirtualTime();
  readonly clusterId = CLUSTER_ID;
  readonly secret: Uint8Array;
  readonly voters: readonly Voter[];
  /** What nodes said, and what their doors refused. */
  readonly said: string[] = [];
  readonly running = new Map<NodeId, WiredNode>();
  readonly #options: WiredClusterOptions;
  readonly #random: SeededRandom;
  readonly #network = new MemoryNetwork(this.time);
  readonly #disks = new Map<NodeId, MemoryDisk>();
  /** What nodes have ended of. */
  readonly broken: unknown[] = [];

  constructor(options: WiredClusterOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.secret = this.#random.bytes(32);
    this.voters = Array.from({ length: options.nodes }, (_, index) => {
      const id = index + 1;
      return { id, directoryId: uuidText(this.#random.bytes(16)), host: `node${id}`, port: 9092 };
    });
    for (const { id } of this.voters) {
      const disk = new MemoryDisk({ later: (callback) => this.time.after(0, callback), bootId: 'boot' });
      writeFirstSnapshot(disk, this.voters, 0, () => {});
      this.#disks.set(id, disk);
    }
    this.time.advance(1);
  }

  /** For whoever stands outside: a clock, a way to dial, and no more. */
  outsider(name: string): { readonly clock: VirtualClock; readonly dial: Dial } {
    const process = new VirtualProcess({ id: -1, directoryId: name, incarnation: name });
    return { clock: new VirtualClock(this.time, process), dial: this.#network.dialFrom(process) };
  }

  start(id: NodeId): void {
    const voter = this.voter(id);
    const disk = this.diskOf(id);
    const random = this.#random.fork();
    const identity = { id, directoryId: voter.directoryId, incarnation: uuidText(random.bytes(16)) };
    const process = new VirtualProcess(identity);
    const clock = new VirtualClock(this.time, process);
    const compute: Compute = { ...virtualCompute(this.time, process), hmacSha256: this.#options.hmac };
    const network = createPeerNetwork({
      identity: { ...identity, clusterId: CLUSTER_ID },
      secret: this.secret,
      clock,
      random,
      compute,
      dial: this.#network.dialFrom(process),
      onTrouble: (connection, reason) => this.#note(`${id}: ${connection}: ${reason}`),
    });
    this.#network.listen(voter, process, (socket) => network.accept(socket, voter));
    const node = createNode({
      identity: {
        clusterId: CLUSTER_ID,
        nodeId: id,
        ...identity,
        host: voter.host,
        port: voter.port,
        processId: id,
      },
      voters: this.voters,
      ports: { clock, random, network, disk, compute },
      configuration: resolveConfiguration([
        shortTimers,
        flagSource({ 'node.id': String(id), ...this.#options.settings }),
      ]),
      doors: [{ open: (clients) => network.serveClients(clients), close: () => network.close() }],
      onBroken: (error) => this.broken.push(error),
      say: (line) => this.#note(`${id}: ${line}`),
    });
    this.running.set(id, { process, node, network, clock });
    node.start();
  }

  kill(id: NodeId): void {
    this.running.get(id)?.process.end();
    this.running.delete(id);
    this.diskOf(id).crash();
  }

  voter(id: NodeId): Voter {
    const voter = this.voters.find((one) => one.id === id);
    if (voter === undefined) throw new Error(`there is no node ${id}`);
    return voter;
  }

  diskOf(id: NodeId): MemoryDisk {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new Error(`there is no node ${id}`);
    return disk;
  }

  /** Moves time; throws what broke a node. */
  advance(ms: number): void {
    this.time.advance(ms);
    this.#check();
  }

  /** Moves time until the condition holds. */
  until(what: string, condition: () => boolean, capMs = 30_000): void {
    const holds = this.time.runUntil(() => this.broken.length > 0 || condition(), capMs);
    this.#check();
    if (!holds) throw new Error(`not within ${capMs} ms: ${what}\n${this.said.slice(-20).join('\n')}`);
  }

  /** Verifies a node's directory as `log check` does. */
  checkDisk(id: NodeId): LogCheck {
    let check: LogCheck | undefined;
    checkLog({ disk: this.diskOf(id), path: '' }, (done) => {
      check = done;
    });
    this.until('the logs are checked', () => check !== undefined);
    if (check === undefined) throw new Error('the logs were not checked');
    return check;
  }

  #check(): void {
    const [broken] = this.broken;
    if (broken !== undefined) throw broken;
  }

  #note(line: string): void {
    this.said.push(line);
    if (this.said.length > 200) this.said.shift();
  }
}

/** A client as it should be, over the real wire. */
export class HonestClient {
  readonly #cluster: WiredCluster;
  readonly #links: ReturnType<typeof createClientLinks>;
  readonly #to = new Map<NodeId, ClientLink>();

  constructor(cluster: WiredCluster, compute: Pick<Compute, 'hmacSha256'>) {
    this.#cluster = cluster;
    const { clock, dial } = cluster.outsider('client');
    const none = virtualCompute(
      cluster.time,
      new VirtualProcess({ id: -1, directoryId: '', incarnation: '' }),
    );
    this.#links = createClientLinks({
      clock,
      dial,
      random: new SeededRandom(7),
      compute: { ...none, ...compute },
    });
  }

  /** Asks; undefined when no answer came. */
  ask<Api extends ClientApi>(
    to: NodeId,
    request: ClientRequest<Api>,
    done: (response: ClientResponse<Api> | undefined) => void,
    timeoutMs = 2000,
  ): void {
    const link = this.#to.get(to) ?? this.#links.connect(`client-${to}`, this.#cluster.voter(to));
    this.#to.set(to, link);
    link.request(request, timeoutMs, (reply) =>
      done(reply.outcome === 'answered' ? reply.response : undefined),
    );
  }

  /** Asks, and moves time until there is an answer. */
  answer<Api extends ClientApi>(to: NodeId, request: ClientRequest<Api>): ClientResponse<Api> | undefined {
    let answer: { readonly response: ClientResponse<Api> | undefined } | undefined;
    this.ask(to, request, (response) => {
      answer = { response };
    });
    this.#cluster.until(`an answer to ${request.api}`, () => answer !== undefined);
    return answer?.response;
  }

  close(): void {
    this.#links.close();
  }
}
