// Three brokers that are none: they tell what a cluster of many partitions tells, and cost next to nothing, so that what is measured is
// the page alone. How much they tell is as three real ones told under a few hundred records a second.

import { partitionMachine } from '@odradek/core';
import { followerReplicaMachine, leaderReplicaMachine } from '@odradek/replication';
import { logMachine } from '@odradek/storage';
import {
  type ActorState,
  type Chart,
  type ClusterTold,
  chartOf,
  type LiveMessage,
  LiveStream,
  type PartitionFacts,
  partsOf,
  type ReplicaFacts,
} from '@odradek/trace';
import { WebSocketServer } from 'ws';
import { serveFolder } from '../browser/static-server.ts';

export interface PretendCluster {
  readonly address: string;
  /** Broker 3 dies: two thirds of all partitions are told anew, by both that are left. */
  kill(): void;
  close(): Promise<void>;
}

const brokers = [1, 2, 3];
const topic = 'load';
const periodMs = 100;
/** Of each machine of a broker so many steps are told one by one in a second; the others are counted. */
const stepsPerPeriod = 10;
/** All replicas that have moved are told at once, as a broker of ten thousand does it. */
const replicasEveryPeriods = 11;
const recordsPerPeriod = 30;

export async function startPretendCluster(folder: string, partitions: number): Promise<PretendCluster> {
  const picture = new Picture(partitions);
  const listeners = new Map(brokers.map((broker) => [broker, new Set<(message: LiveMessage) => void>()]));
  const tell = (broker: number, messages: Iterable<LiveMessage>): void => {
    for (const message of messages) for (const listener of listeners.get(broker) ?? []) listener(message);
  };
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const timers = new Set<NodeJS.Timeout>();
  const server = await serveFolder(folder, {
    node: 1,
    upgrade(request, socket, head) {
      const broker = Number(/\/watch\/(\d+)/.exec(request.url ?? '')?.[1] ?? 1);
      sockets.handleUpgrade(request, socket, head, (web) => {
        const heard = listeners.get(broker) ?? new Set();
        const stream = new LiveStream(
          {
            open(listener) {
              heard.add(listener);
              for (const message of picture.whole(broker))
                for (const part of partsOf(message)) listener(part);
              return {
                ask: () => undefined,
                tellAll: () => undefined,
                close: () => heard.delete(listener),
              };
            },
          },
          { id: `broker ${broker}`, nowMs: Date.now },
        );
        web.send(JSON.stringify({ stream: stream.id, next: 1 }));
        let timer: NodeJS.Timeout | undefined;
        const send = (): void => {
          const frame = stream.take();
          if (frame !== undefined) web.send(frame);
          timer = setTimeout(send, stream.everyMs);
        };
        send();
        web.on('close', () => {
          clearTimeout(timer);
          stream.close();
        });
      });
    },
  });
  let living = brokers;
  const timer = setInterval(() => {
    picture.period();
    for (const broker of living) tell(broker, picture.news(broker));
  }, periodMs);
  timers.add(timer);
  return {
    address: server.address,
    kill() {
      living = [1, 2];
      const changes = picture.changesOfDeath();
      for (const broker of living) tell(broker, changes);
    },
    async close() {
      for (const one of timers) clearInterval(one);
      sockets.close();
      for (const web of sockets.clients) web.terminate();
      await server.close();
    },
  };
}

/** What there is to be told. */
class Picture {
  readonly #charts: readonly Chart[] = [
    partitionMachine,
    logMachine,
    leaderReplicaMachine,
    followerReplicaMachine,
  ].map(chartOf);
  #topic: PartitionFacts[];
  readonly #ends: number[];
  #metadataEnd = 1;
  #periods = 0;
  #records = 0;
  #moved = new Set<number>();

  constructor(partitions: number) {
    this.#ends = new Array<number>(partitions).fill(0);
    this.#topic = this.#ends.map((_, partition) => {
      const replicas = [0, 1, 2].map((nth) => ((partition + nth) % 3) + 1);
      return {
        ...{ partition, leader: replicas[0] ?? 1, leaderEpoch: 0 },
        ...{ replicas, inSyncReplicas: replicas, eligibleLeaderReplicas: [] },
      };
    });
  }

  *whole(broker: number): Generator<LiveMessage> {
    const timeMs = Date.now();
    const about = `node ${broker} of nothing`;
    const node = { about, nodeId: broker, clusterId: 'nothing' };
    yield { kind: 'hello', version: 2, timeMs, ...node, allowed: [], inParts: true };
    for (const chart of this.#charts) yield { kind: 'machine', chart };
    yield {
      kind: 'actors',
      timeMs,
      all: true,
      actors: this.#topic.flatMap((facts) => actorsOf(facts, broker)),
    };
    yield this.#cluster({ all: true, topics: [{ name: topic, topicId: topic, partitions: this.#topic }] });
    yield { kind: 'replicas', timeMs, replicas: this.#topic.map((facts) => this.#replica(facts, broker)) };
    yield { kind: 'whole', timeMs };
  }

  period(): void {
    if (this.#periods % replicasEveryPeriods === 0) this.#moved.clear();
    this.#periods += 1;
    for (let nth = 0; nth < recordsPerPeriod; nth++) {
      const partition = this.#records++ % this.#ends.length;
      this.#ends[partition] = (this.#ends[partition] ?? 0) + 1;
      this.#moved.add(partition);
    }
  }

  *news(broker: number): Generator<LiveMessage> {
    const timeMs = Date.now();
    for (const { id: machine, edges, states } of this.#charts) {
      const atomic = states.filter(({ type }) => type === 'atomic').map(({ path }) => path);
      for (let nth = 0; nth < stepsPerPeriod; nth++) {
        const partition = (this.#records + nth) % this.#ends.length;
        const edge = edges[(this.#periods + nth) % edges.length];
        const value = atomic[(this.#periods + nth) % atomic.length] ?? '';
        if (edge === undefined) continue;
        const { source, event } = edge;
        yield {
          ...{ kind: 'step', timeMs, actor: pathOf(machine, broker, partition), machine, event },
          ...{
            from: value,
            to: value,
            value,
            edges: [{ source, ...(edge.target === undefined ? {} : { target: edge.target }) }],
          },
        };
      }
      const counted = edges
        .slice(0, 4)
        .map(({ source, event }) => [`${source}\u0001${event}\u0001\u0001`, 20] as const);
      yield { kind: 'counts', timeMs, machine, edges: counted, states: atomic.map((state) => [state, 1000]) };
    }
    if (this.#periods % replicasEveryPeriods === 0)
      yield {
        ...{ kind: 'replicas', timeMs },
        replicas: [...this.#moved].flatMap((partition) => {
          const facts = this.#topic[partition];
          return facts === undefined ? [] : [this.#replica(facts, broker)];
        }),
      };
    const others = brokers.filter((one) => one !== broker);
    const sent = others.flatMap((to) =>
      ['fetch', 'fetch answer', 'flushed'].map((name) => ({ from: broker, to, name, count: 20 })),
    );
    yield { kind: 'messages', timeMs, sent };
  }

  changesOfDeath(): LiveMessage[] {
    this.#metadataEnd += 10_000;
    this.#topic = this.#topic.map((facts) => {
      const inSyncReplicas = facts.replicas.filter((broker) => broker !== 3);
      const leader = facts.leader === 3 ? (inSyncReplicas[0] ?? -1) : facts.leader;
      return { ...facts, leader, leaderEpoch: facts.leaderEpoch + 1, inSyncReplicas };
    });
    return [
      this.#cluster({
        all: false,
        topics: [],
        changed: [{ name: topic, topicId: topic, partitions: this.#topic }],
      }),
    ];
  }

  #cluster(topics: Pick<ClusterTold, 'all' | 'topics' | 'changed'>): ClusterTold {
    return {
      ...{ kind: 'cluster', timeMs: Date.now(), metadataEnd: this.#metadataEnd },
      ...{ controller: { id: 1, epoch: 1 }, voters: brokers, losses: [], deletedTopics: [] },
      brokers: brokers.map((id) => ({ id, state: 'running', host: '127.0.0.1', port: 9090 + id })),
      ...topics,
    };
  }

  #replica({ partition, leader, leaderEpoch }: PartitionFacts, broker: number): ReplicaFacts {
    const end = this.#ends[partition] ?? 0;
    return {
      ...{ broker, topic, partition, leaderEpoch, role: broker === leader ? 'leader' : 'follower' },
      ...{ logStartOffset: 0, highWatermark: end, logEndOffset: end, flushedEndOffset: end },
      sizeInBytes: end * 1000,
    };
  }
}

function actorsOf({ partition, leader }: PartitionFacts, broker: number): ActorState[] {
  const isLeader = leader === broker;
  const role = isLeader ? 'leader-replica' : 'follower-replica';
  return [
    {
      path: pathOf('partition', broker, partition),
      machine: 'partition',
      value: isLeader ? 'leading' : 'following',
    },
    { path: pathOf('log', broker, partition), machine: 'log', value: { open: 'clean' } },
    { path: pathOf(role, broker, partition), machine: role, value: isLeader ? 'serving' : 'caught up' },
  ];
}

function pathOf(machine: string, broker: number, partition: number): string {
  const below: Readonly<Record<string, string>> = { partition: '', log: '/log' };
  return `broker-${broker}/${topic}-${partition}${below[machine] ?? '/replica'}`;
}
