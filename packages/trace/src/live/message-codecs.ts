// How each live message is written: a kind's number and its fields in order. A number, once given, keeps its meaning.

import type { Chart } from '../chart.ts';
import type { Order, Sent } from '../orders.ts';
import type { FrameEdge } from '../transitions.ts';
import {
  type FieldCodec,
  flag,
  json,
  list,
  name,
  nodeOrClient,
  nullable,
  number,
  oneOf,
  pair,
  scalar,
  stateValue,
  struct,
  text,
} from './field-codec.ts';
import type {
  ActorLooked,
  ActorState,
  BrokerFacts,
  LiveMessage,
  LossFacts,
  MessageFacts,
  PartitionFacts,
  ReplicaFacts,
  TopicFacts,
} from './messages.ts';

/** Without its kind, which the number says. */
type Fields<Kind extends LiveMessage['kind']> = Omit<Extract<LiveMessage, { kind: Kind }>, 'kind'>;

export interface MessageCodec<T> {
  readonly number: number;
  readonly codec: FieldCodec<T>;
}

const edge = struct<FrameEdge>(
  { source: name, target: name, guard: name, event: name },
  ...(['target', 'guard', 'event'] as const),
);

const eventValues = list(pair(name, scalar));

const sent = struct<Sent>({ to: name, name, values: eventValues }, 'values');

const order = struct<Order>({ name, sent: list(sent), more: number }, ...(['sent', 'more'] as const));

const actor = struct<ActorState>({ path: name, machine: name, value: stateValue });

const partition = struct<PartitionFacts>({
  partition: number,
  leader: number,
  leaderEpoch: number,
  replicas: list(number),
  inSyncReplicas: list(number),
  eligibleLeaderReplicas: list(number),
});

const topic = struct<TopicFacts>({ name, topicId: name, partitions: list(partition) });

const replica = struct<ReplicaFacts>(
  {
    broker: number,
    topic: name,
    partition: number,
    role: oneOf('leader', 'follower', 'none'),
    leaderEpoch: number,
    logStartOffset: number,
    highWatermark: number,
    logEndOffset: number,
    flushedEndOffset: number,
    sizeInBytes: number,
  },
  'sizeInBytes',
);

const isTrue: FieldCodec<true> = {
  put: () => true,
  take: (plain, names) => flag.take(plain, names) || true,
};

const message = struct<MessageFacts>(
  {
    from: nodeOrClient,
    to: nodeOrClient,
    name,
    count: number,
    partition: name,
    sentMs: number,
    arrivesMs: number,
    isLost: isTrue,
  },
  ...(['partition', 'sentMs', 'arrivesMs', 'isLost'] as const),
);

/** By kind. */
export const messageCodecs: { readonly [Kind in LiveMessage['kind']]: MessageCodec<Fields<Kind>> } = {
  hello: {
    number: 0,
    codec: struct<Fields<'hello'>>(
      {
        version: number,
        timeMs: number,
        about: text,
        nodeId: number,
        clusterId: text,
        allowed: list(oneOf('break', 'administer')),
        inParts: isTrue,
        stepsAreGuessed: isTrue,
      },
      ...(['nodeId', 'clusterId', 'inParts', 'stepsAreGuessed'] as const),
    ),
  },
  machine: { number: 1, codec: struct<Fields<'machine'>>({ chart: json(isChart, 'chart') }) },
  actors: {
    number: 2,
    codec: struct<Fields<'actors'>>({ timeMs: number, all: flag, actors: list(actor) }),
  },
  step: {
    number: 3,
    codec: struct<Fields<'step'>>(
      {
        timeMs: number,
        actor: name,
        machine: name,
        event: name,
        from: name,
        to: name,
        edges: list(edge),
        value: stateValue,
        rule: name,
        values: eventValues,
        orders: list(order),
        changed: eventValues,
      },
      ...(['rule', 'values', 'orders', 'changed'] as const),
    ),
  },
  gone: { number: 4, codec: struct<Fields<'gone'>>({ timeMs: number, path: name }) },
  counts: {
    number: 5,
    codec: struct<Fields<'counts'>>({
      timeMs: number,
      machine: name,
      edges: list(pair(name, number)),
      states: list(pair(name, number)),
    }),
  },
  cluster: {
    number: 6,
    codec: struct<Fields<'cluster'>>(
      {
        timeMs: number,
        metadataEnd: number,
        controller: struct<{ readonly id: number; readonly epoch: number }>({ id: number, epoch: number }),
        voters: list(number),
        brokers: list(struct<BrokerFacts>({ id: number, state: name, host: name, port: number })),
        all: flag,
        topics: list(topic),
        deletedTopics: list(name),
        losses: list(
          struct<LossFacts>({
            topic: name,
            partition: number,
            leaderEpoch: number,
            fromOffset: number,
            toOffset: nullable(number),
          }),
        ),
        changed: list(topic),
      },
      'changed',
    ),
  },
  replicas: { number: 7, codec: struct<Fields<'replicas'>>({ timeMs: number, replicas: list(replica) }) },
  messages: { number: 8, codec: struct<Fields<'messages'>>({ timeMs: number, sent: list(message) }) },
  said: {
    number: 9,
    codec: struct<Fields<'said'>>(
      {
        timeMs: number,
        level: oneOf('info', 'warn', 'error'),
        actor: name,
        event: name,
        text,
        rule: name,
        partition: name,
        times: number,
        sinceMs: number,
      },
      ...(['rule', 'partition', 'times', 'sinceMs'] as const),
    ),
  },
  missed: { number: 10, codec: struct<Fields<'missed'>>({ timeMs: number, messages: number }) },
  values: {
    number: 12,
    codec: struct<Fields<'values'>>({ timeMs: number, path: name, values: eventValues }),
  },
  whole: { number: 11, codec: struct<Fields<'whole'>>({ timeMs: number }) },
};

/** An answer to what a viewer asked, among the messages. */
export const lookedCodec: MessageCodec<ActorLooked> = { number: 64, codec: json(isLooked, 'look') };

function isChart(value: unknown): value is Chart {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    Array.isArray(value.states) &&
    value.states.every((state) => isRecord(state) && typeof state.path === 'string') &&
    Array.isArray(value.edges) &&
    value.edges.every(
      (one) =>
        isRecord(one) &&
        typeof one.source === 'string' &&
        typeof one.event === 'string' &&
        Array.isArray(one.actions),
    )
  );
}

function isLooked(value: unknown): value is ActorLooked {
  return (
    isRecord(value) &&
    value.answer === 'look' &&
    typeof value.id === 'number' &&
    typeof value.path === 'string' &&
    (value.next === undefined || Array.isArray(value.next)) &&
    (value.context === undefined || isRecord(value.context))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
