// Traces to look at: a bad day that the simulator plays, and a picture of a cluster that is too large to see at once.

import { simulate } from '@odradek/simulator';
import {
  type LiveMessage,
  type PartitionFacts,
  partsOf,
  type ReplicaFacts,
  traceWriter,
} from '@odradek/trace';

/** A day with faults, as `odradek simulate --seed N --trace FILE` writes it. */
export function badDay(seed: number): string {
  const about = `seed ${seed}`;
  return written(about, (tell) => simulate({ seed, brokers: 3, ops: 120, telling: { tell, about } }));
}

/** What `@statelyai/inspect` tells of a lamp that is switched on: its events, one in a line. */
export function statelyEvents(): string {
  const definition = JSON.stringify({
    ...{ id: 'lamp', initial: 'dark' },
    states: { dark: { on: { switch: 'lit' } }, lit: { on: { switch: 'dark' } } },
  });
  const common = { rootId: 'x:0', sessionId: 'x:0', id: null, _version: '1' };
  const snapshot = (value: string): object => ({ snapshot: { status: 'active', value } });
  const events = [
    { ...common, type: '@xstate.actor', name: 'lamp', createdAt: '1000', definition, ...snapshot('dark') },
    {
      ...{ ...common, type: '@xstate.snapshot', createdAt: '1010' },
      ...{ event: { type: 'switch' }, ...snapshot('lit') },
    },
  ];
  return `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
}

export interface LargeSizes {
  readonly brokers: number;
  readonly partitions: number;
  readonly topic?: string;
  readonly losses?: number;
}

/** One partition of it is offline, and one has a replica out of sync. */
export function largeCluster({ brokers, partitions }: LargeSizes): string {
  return written(`${brokers} brokers`, (tell) => {
    for (const message of largePicture({ brokers, partitions })) tell(message);
  });
}

/** Its quorum has elected nobody. */
export function withoutController(): string {
  return written('nobody', (tell) => {
    for (const message of largePicture({ brokers: 3, partitions: 3 }))
      tell(message.kind === 'cluster' ? { ...message, controller: { id: -1, epoch: -1 } } : message);
  });
}

/** A picture of which half has come; `isWhole`: and then the rest. */
export function arrivingCluster(isWhole: boolean): string {
  return written('it arrives', (tell) => {
    const [hello, ...picture] = largePicture({ brokers: 3, partitions: 3000 });
    if (hello?.kind === 'hello') tell({ ...hello, inParts: true });
    const parts = picture.flatMap(partsOf);
    for (const part of isWhole ? parts : parts.slice(0, 2)) tell(part);
    if (isWhole) tell({ kind: 'whole', timeMs: 3 });
  });
}

export const offlinePartition = 7000;
export const behindPartition = 3000;

export function largePicture({
  brokers,
  partitions,
  topic = 'large',
  losses = 0,
}: LargeSizes): LiveMessage[] {
  const facts = Array.from({ length: partitions }, (_, partition): PartitionFacts => {
    const replicas = [0, 1, 2].map((nth) => ((partition + nth) % brokers) + 1);
    const leader = replicas[0] ?? 1;
    const isOffline = partition === offlinePartition;
    const inSync = partition === behindPartition ? replicas.slice(0, 2) : replicas;
    return {
      partition,
      leader: isOffline ? -1 : leader,
      leaderEpoch: 1,
      replicas,
      inSyncReplicas: isOffline ? [] : inSync,
      eligibleLeaderReplicas: [],
    };
  });
  const replicas = facts.flatMap(({ partition, leader, replicas: brokersOf }) =>
    brokersOf.map(
      (broker): ReplicaFacts => ({
        broker,
        topic,
        partition,
        role: broker === leader ? 'leader' : 'follower',
        leaderEpoch: 1,
        logStartOffset: 0,
        highWatermark: partition,
        logEndOffset: partition + 2,
        flushedEndOffset: partition + 1,
      }),
    ),
  );
  return [
    { kind: 'hello', version: 1, timeMs: 0, about: 'large', allowed: [] },
    {
      kind: 'cluster',
      timeMs: 1,
      metadataEnd: 1,
      controller: { id: 1, epoch: 1 },
      voters: [1, 2, 3],
      brokers: Array.from({ length: brokers }, (_, index) => ({
        id: index + 1,
        state: 'running',
        host: `node${index + 1}`,
        port: 9092,
      })),
      all: true,
      topics: [{ name: topic, topicId: topic, partitions: facts }],
      deletedTopics: [],
      losses: Array.from({ length: losses }, (_, nth) => ({
        ...{ topic, partition: 0, leaderEpoch: nth, fromOffset: nth, toOffset: nth + 1 },
      })),
    },
    { kind: 'replicas', timeMs: 2, replicas },
  ];
}

/** Three hundred sentences, one every ten milliseconds from 10 on. */
export function longStory(): string {
  return written('a long story', (tell) => {
    for (const message of largePicture({ brokers: 3, partitions: 3 })) tell(message);
    for (let nth = 1; nth <= 300; nth++)
      tell({
        ...{ kind: 'said', level: 'info', actor: 'broker-1/controller', event: 'told' },
        ...{ timeMs: 10 * nth, text: `sentence ${nth}` },
      });
  });
}

/** A small cluster whose names, sentences and losses are as long as they may be. */
export function longWinded(): string {
  const name = 'long'.repeat(62);
  const text = `${'It was told at length, and then once more. '.repeat(20)}${'unbroken'.repeat(60)}`;
  const path = `broker-1/${name}-0`;
  return written('long', (tell) => {
    for (const message of largePicture({ brokers: 3, partitions: 3, topic: name, losses: 40 })) tell(message);
    const states = ['', name, `${name}2`].map((path) => ({
      ...({ path, parent: path === '' ? null : '', type: path === '' ? 'compound' : 'atomic' } as const),
      ...{ tags: [], entry: [], exit: [], invokes: [] },
    }));
    const edges = [{ source: name, event: name, target: `${name}2`, actions: [name, name] }];
    tell({ kind: 'machine', chart: { id: 'partition', states, edges } });
    const actors = Array.from({ length: 80 }, (_, nth) => ({
      ...{ path: nth === 0 ? path : `${path}${nth}`, machine: 'partition', value: name },
    }));
    tell({ kind: 'actors', timeMs: 3, all: true, actors });
    const about = { kind: 'said', level: 'warn', actor: path, event: 'told', rule: 'L3' } as const;
    for (let nth = 0; nth < 30; nth++) tell({ ...about, timeMs: 4 + nth, text: `${nth} ${text}` });
  });
}

function written(about: string, telling: (tell: (message: LiveMessage) => void) => void): string {
  const lines: string[] = [];
  const writer = traceWriter(about, (line) => lines.push(line));
  telling((message) => writer.tell(message));
  return lines.join('');
}
