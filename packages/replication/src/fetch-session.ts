// Incremental fetch sessions (KIP-227): a follower names only the partitions whose position has changed, a leader answers only
// those it has something to say about. Both sides, each as plain data.

import type { BrokerEpoch, KafkaErrorName, Offset, PeerRequest, TopicId } from '@odradek/model';
import { partitionKey } from '@odradek/model';
import type { FetchPosition } from './replica-fetch.ts';

export type FetchReplicasRequest = PeerRequest<'fetchReplicas'>['body'];
type RequestedPartition = FetchReplicasRequest['partitions'][number];

/** Asks for a new session, with every partition. */
const NEW_SESSION = { id: 0, epoch: 0 } as const;
const MAX_SESSION_EPOCH = 2 ** 31 - 1;

function epochAfter(epoch: number): number {
  return epoch === MAX_SESSION_EPOCH ? 1 : epoch + 1;
}

/** A partition as a follower wants to fetch it. */
export interface WantedPartition {
  readonly topicId: TopicId;
  readonly partition: number;
  readonly position: FetchPosition;
  readonly maxBytes: number;
}

/** What a session adds to a request. */
export type SessionPart = Pick<
  FetchReplicasRequest,
  'sessionId' | 'sessionEpoch' | 'partitions' | 'forgotten'
>;

/** The follower's side. */
export class AskingSession {
  #id: number = NEW_SESSION.id;
  #epoch: number = NEW_SESSION.epoch;
  #sent = new Map<string, WantedPartition>();

  /** Whether the next request must name every partition. */
  get isNew(): boolean {
    return this.#epoch === NEW_SESSION.epoch;
  }

  /** Whether the leader has given it an id; until then it cannot be gone on with. */
  get isOpen(): boolean {
    return this.#id !== NEW_SESSION.id;
  }

  /** The position that the leader knows of a partition, after the last request. */
  sent(key: string): FetchPosition | undefined {
    return this.#sent.get(key)?.position;
  }

  /** All positions as the last request left them. */
  positions(): ReadonlyMap<string, WantedPartition> {
    return this.#sent;
  }

  /**
   * The next request: of `changed`, those whose position is another than the leader knows; undefined there: not wanted any
   * more. For a new session `changed` must hold every partition. `keepsFormer`: a request still in flight has the positions.
   */
  next(changed: ReadonlyMap<string, WantedPartition | undefined>, keepsFormer: boolean): SessionPart {
    const partitions: RequestedPartition[] = [];
    const forgotten: { topicId: TopicId; partition: number }[] = [];
    const sent = keepsFormer ? new Map(this.#sent) : this.#sent;
    for (const [key, wanted] of changed) {
      const before = sent.get(key);
      if (wanted === undefined) {
        if (before !== undefined) forgotten.push({ topicId: before.topicId, partition: before.partition });
        sent.delete(key);
      } else if (before === undefined || !isSame(before, wanted)) {
        const { topicId, partition, position, maxBytes } = wanted;
        partitions.push({ topicId, partition, maxBytes, ...position });
        sent.set(key, wanted);
      }
    }
    this.#sent = sent;
    const part = { sessionId: this.#id, sessionEpoch: this.#epoch, partitions, forgotten };
    this.#epoch = epochAfter(this.#epoch);
    return part;
  }

  /** The leader has answered without an error. */
  opened(sessionId: number): void {
    this.#id = sessionId;
  }

  /** Begins anew: after a failure nobody knows what the leader has seen. */
  reset(): void {
    this.#id = NEW_SESSION.id;
    this.#epoch = NEW_SESSION.epoch;
    this.#sent = new Map();
  }
}

function isSame(one: WantedPartition, other: WantedPartition): boolean {
  const a = one.position;
  const b = other.position;
  return (
    a.fetchOffset === b.fetchOffset &&
    a.flushedEnd === b.flushedEnd &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch &&
    a.logStartOffset === b.logStartOffset &&
    one.maxBytes === other.maxBytes
  );
}

/** A partition as a leader serves it in a session. */
export interface ServedPartition {
  readonly key: string;
  readonly topicId: TopicId;
  readonly partition: number;
  position: FetchPosition;
  maxBytes: number;
  /** Named by the request that is being answered: its answer is awaited, even an empty one. */
  isFresh: boolean;
  sentHighWatermark: Offset;
  sentLogStartOffset: Offset;
}

/** The leader's side. Its partitions are in the order in which they are read: who got records goes last. */
export class ServedSession {
  readonly id: number;
  readonly brokerEpoch: BrokerEpoch;
  readonly partitions = new Map<string, ServedPartition>();
  #nextEpoch: number = NEW_SESSION.epoch;

  constructor(id: number, brokerEpoch: BrokerEpoch) {
    this.id = id;
    this.brokerEpoch = brokerEpoch;
  }

  /** Takes a request, or says why it is not this session's next one. */
  take(request: FetchReplicasRequest): KafkaErrorName {
    if (request.sessionEpoch !== this.#nextEpoch) return 'INVALID_FETCH_SESSION_EPOCH';
    this.#nextEpoch = epochAfter(this.#nextEpoch);
    for (const { topicId, partition } of request.forgotten)
      this.partitions.delete(partitionKey(topicId, partition));
    for (const requested of request.partitions) this.#note(requested);
    return 'NONE';
  }

  #note({ topicId, partition, maxBytes, ...position }: RequestedPartition): void {
    const key = partitionKey(topicId, partition);
    const known = this.partitions.get(key);
    if (known === undefined)
      this.partitions.set(key, {
        key,
        topicId,
        partition,
        position,
        maxBytes,
        isFresh: true,
        sentHighWatermark: -1,
        sentLogStartOffset: -1,
      });
    else Object.assign(known, { position, maxBytes, isFresh: true });
  }

  /** Lets the others go first next time, when there is not room for all. */
  moveToEnd(served: ServedPartition): void {
    this.partitions.delete(served.key);
    this.partitions.set(served.key, served);
  }
}

/** Whether a request opens a session rather than going on with one. */
export function opensSession(request: FetchReplicasRequest): boolean {
  return request.sessionEpoch === NEW_SESSION.epoch;
}
