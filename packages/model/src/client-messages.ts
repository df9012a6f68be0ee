// The broker API: what clients ask of a node, in our own protocol. One table, from which types, encoding and checks come.
// Kafka's door answers the same questions in Kafka's encoding. A field's place is its place on the wire: add at the end only.

import { describeMessages } from './describe-messages.ts';
import { configuration, leadership, outcome, partition, unknown } from './message-parts.ts';
import {
  type AnswerIn,
  flag,
  integer,
  integerOr,
  list,
  message,
  nullable,
  type RequestIn,
  type ResponseIn,
  records,
  struct,
  text,
} from './schema.ts';

/** Appending, reading and finding out where to (A2). */
const recordMessages = {
  /** Who leads what. `topics` null: all; an unknown name is answered with its error, not refused as a whole. */
  metadata: message(
    60,
    struct({ topics: nullable(list(text)) }),
    struct({
      ...outcome,
      clusterId: text,
      controllerId: unknown,
      answeredBy: unknown,
      brokers: list(struct({ id: integer, host: text, port: integer, rack: nullable(text) })),
      topics: list(
        struct({
          ...outcome,
          name: text,
          topicId: text,
          partitions: list(struct(leadership)),
        }),
      ),
    }),
  ),
  /** L1, L6. One batch for each partition. `acks`: -1 all in-sync replicas, 1 the leader's own flush, 0 no answer awaited. */
  produce: message(
    61,
    struct({
      acks: integerOr(-1),
      timeoutMs: integer,
      partitions: list(struct({ ...partition, leaderEpoch: unknown, records })),
    }),
    struct({
      ...outcome,
      partitions: list(
        struct({
          ...partition,
          ...outcome,
          baseOffset: unknown,
          logStartOffset: unknown,
          leaderHint: unknown,
          /** L6: by this request nothing of the batch is in the log, or ever will be; no error's name says that of all its causes. */
          isRefused: flag,
        }),
      ),
    }),
  ),
  /** L7, L9. Waits up to `maxWaitMs` for `minBytes`. `lastFetchedEpoch` -1: not known; else divergence is told (KIP-320). */
  fetch: message(
    62,
    struct({
      maxWaitMs: integer,
      minBytes: integerOr(1),
      maxBytes: integer,
      partitions: list(
        struct({
          ...partition,
          leaderEpoch: unknown,
          fetchOffset: integer,
          lastFetchedEpoch: unknown,
          maxBytes: integer,
        }),
      ),
    }),
    struct({
      ...outcome,
      partitions: list(
        struct({
          ...partition,
          ...outcome,
          highWatermark: unknown,
          logStartOffset: unknown,
          diverging: nullable(struct({ epoch: unknown, endOffset: unknown })),
          leaderHint: unknown,
          records,
        }),
      ),
    }),
  ),
  /** L8. `timestamp`: ms since 1970; -1 latest (the high watermark), -2 earliest. */
  listOffsets: message(
    63,
    struct({ partitions: list(struct({ ...partition, leaderEpoch: unknown, timestamp: integer })) }),
    struct({
      ...outcome,
      partitions: list(
        struct({
          ...partition,
          ...outcome,
          offset: unknown,
          timestamp: unknown,
          leaderEpoch: unknown,
          leaderHint: unknown,
        }),
      ),
    }),
  ),
  /** P1: an id for an idempotent producer. */
  initProducerId: message(
    64,
    struct({}),
    struct({ ...outcome, producerId: unknown, producerEpoch: unknown }),
  ),
} as const;

/** Changing the cluster: any broker takes these and hands them to the active controller, which answers once committed (C1). */
const adminMessages = {
  createTopics: message(
    80,
    struct({
      timeoutMs: integer,
      validateOnly: flag,
      topics: list(
        struct({
          name: text,
          /** -1: `num.partitions`. */
          partitions: unknown,
          /** -1: `default.replication.factor`. */
          replicationFactor: unknown,
          /** Replicas by partition, the first the preferred leader; empty: the controller places them. */
          assignment: list(list(integer)),
          config: configuration,
        }),
      ),
      /** Chosen by the client for one command, '' for none: asked again under it, what it has made is its own, and no refusal. */
      requestId: text,
    }),
    struct({
      ...outcome,
      topics: list(
        struct({ ...outcome, name: text, topicId: text, partitions: unknown, replicationFactor: unknown }),
      ),
    }),
  ),
  deleteTopics: message(
    81,
    struct({ timeoutMs: integer, names: list(text) }),
    struct({ ...outcome, topics: list(struct({ ...outcome, name: text })) }),
  ),
  createPartitions: message(
    82,
    struct({
      timeoutMs: integer,
      topics: list(struct({ name: text, count: integer, assignment: list(list(integer)) })),
    }),
    struct({ ...outcome, topics: list(struct({ ...outcome, name: text })) }),
  ),
  /** `topic` null: settings of one broker, or with `broker` -1 of all. A null value takes the setting away. */
  alterConfigs: message(
    83,
    struct({ timeoutMs: integer, topic: nullable(text), changes: configuration, broker: unknown }),
    struct(outcome),
  ),
  electLeaders: message(
    84,
    struct({
      timeoutMs: integer,
      /** `preferred`, `unclean` or `last known leader`. */
      kind: text,
      partitions: list(struct({ topic: text, partition: integer })),
    }),
    struct({
      ...outcome,
      partitions: list(struct({ ...outcome, topic: text, partition: integer, leader: unknown })),
    }),
  ),
} as const;

/** Every API of a client. A number, once given, keeps its meaning. */
export const clientMessages = { ...recordMessages, ...describeMessages, ...adminMessages } as const;

export type ClientApi = keyof typeof clientMessages;
export type AdminApi = keyof typeof adminMessages;

/** Whether an API changes the cluster, so that the active controller must answer it. */
export function isAdminApi(api: ClientApi): api is AdminApi {
  return Object.hasOwn(adminMessages, api);
}

/** A request with the name of its API. */
export type ClientRequest<Api extends ClientApi = ClientApi> = RequestIn<typeof clientMessages, Api>;

/** The answer to one API. */
export type ClientResponse<Api extends ClientApi = ClientApi> = ResponseIn<typeof clientMessages, Api>;

/** An answer with the name of its API, as a handler gives it. */
export type ClientAnswer<Api extends ClientApi = ClientApi> = AnswerIn<typeof clientMessages, Api>;

/** What a door knows about the client that asks. */
export interface ClientContext {
  /** Identifies the connection in traces. */
  readonly connection: string;
  /** The address that the client reached us by: about itself a broker answers with this (design, Addresses). */
  readonly reachedHost: string;
  readonly reachedPort: number;
}

/** The node, as its doors see it. */
export interface ClientHandler {
  /** Handles one request; `answer` is called once, at once or later. `acks=0` is answered at once with no offsets. */
  handle(client: ClientContext, request: ClientRequest, answer: (response: ClientAnswer) => void): void;
}
