// Incremental fetch sessions (KIP-227): a follower names only the partitions whose position has changed, a leader answers only
// those it has something to say about. Both sides, each as plain data.

import type { BrokerEpoch, KafkaErrorName, Offset, PeerRequest, TopicId } from '@odradek/model';
import { partitionKey } from '@odradek/model';
import type { FetchPosition, SessionContact } from './replica-fetch.ts';

export type FetchReplicasRequest = PeerRequest<'fetchReplicas'>['body'];
type RequestedPartition = FetchReplicasRequest['partitions'][number];

/** Asks for a new session, with every partition. */
const NEW_SESSION = { id: 0, epoch: 0 } as const;
const MAX_SESSION_EPOCH = 2 ** 31 - 1;

/** X6: of one follower; far more than a broker can have. */
const MOST_PARTITIONS = 200_000;

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

/** The positions that the leader knew after one request, also when later ones have named others. */
export class SentPositions {
  readonly #sent: ReadonlyMap<string, WantedPartition>;
  /** What others have been named for since: of thousands of partitions few. */
  readonly #former = new Map<string, WantedPartition | undefined>();

  constructor(sent: ReadonlyMap<string, WantedPartition>) {
    this.#sent = sent;
  }

  get(key: string): WantedPartition | undefined {
    return this.#former.has(key) ? this.#former.get(key) : this.#sent.get(key);
  }

  /** A partition gets another position in `sent`. */
  keep(sent: ReadonlyMap<string, WantedPartition>, key: string): void {
    if (sent === this.#sent && !this.#former.has(key)) this.#former.set(key, sent.get(key));
  }
}

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

  /** All positions as the last request left them; kept for as long as `next` is told of it. */
  positions(): SentPositions {
    return new SentPositions(this.#sent);
  }

  /**
   * The next request: of `changed`, those whose position is another than the leader knows; undefined there: not wanted any
   * more. For a new session `changed` must hold every partition. `inFlight`: the positions of requests that may still be answered.
   */
  next(
    changed: ReadonlyMap<string, WantedPartition | undefined>,
    inFlight: readonly SentPositions[],
  ): SessionPart {
    const partitions: RequestedPartition[] = [];
    const forgotten: { topicId: TopicId; partition: number }[] = [];
    const sent = this.#sent;
    for (const [key, wanted] of changed) {
      const before = sent.get(key);
      for (const positions of inFlight) positions.keep(sent, key);
      if (wanted === undefined) {
        if (before !== undefined) forgotten.push({ topicId: before.topicId, partition: before.partition });
        sent.delete(key);
      } else if (before === undefined || !isSame(before, wanted)) {
        const { topicId, partition, position, maxBytes } = wanted;
        partitions.push({ ...position, topicId, partition, maxBytes });
        sent.set(key, wanted);
      }
    }
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
  sentLogStartOffset: Offset;
}

/**
 * The leader's side. What a fetch costs depends on what has happened, not on how many partitions the session has: those that are to
 * be looked at are noted when something of them changes.
 */
export class ServedSession {
  readonly id: number;
  readonly brokerEpoch: BrokerEpoch;
  readonly partitions = new Map<string, ServedPartition>();
  /** I1 for all partitions at once. */
  readonly contact: SessionContact = { lastFetchMs: Number.NEGATIVE_INFINITY };
  /** Whose next fetch is to be noted by their leaders: named, listened to, or refused before. */
  readonly heard = new Set<ServedPartition>();
  /** Named by a follower that has heard of its leader's epoch sooner than the leader: heard when that begins. */
  readonly early = new Set<ServedPartition>();
  /** That may have records, or another leader, in the order in which they are read: who was answered goes last. */
  readonly ready = new Set<ServedPartition>();
  /** Of which there is something to tell even without records: named, or with another high watermark or log start. */
  readonly news = new Set<ServedPartition>();
  #nextEpoch: number = NEW_SESSION.epoch;

  constructor(id: number, brokerEpoch: BrokerEpoch) {
    this.id = id;
    this.brokerEpoch = brokerEpoch;
  }

  /** Something of a partition has changed; nothing happens if the session does not have it. Says whether it does. */
  note(key: string, what: 'heard' | 'ready' | 'news'): boolean {
    const served = this.partitions.get(key);
    if (served !== undefined) this[what].add(served);
    return served !== undefined;
  }

  /** It is looked at after all others that may have records. */
  readyLast(served: ServedPartition): void {
    const isAlone = this.ready.size === 1 && this.ready.has(served);
    if (isAlone) return;
    this.ready.delete(served);
    this.ready.add(served);
  }

  /** Whether no other request was taken after the one of this epoch. */
  isNewest(sessionEpoch: number): boolean {
    return epochAfter(sessionEpoch) === this.#nextEpoch;
  }

  /** Takes a request, or says why it is not this session's next one. */
  take(request: FetchReplicasRequest): KafkaErrorName {
    if (request.sessionEpoch !== this.#nextEpoch) return 'INVALID_FETCH_SESSION_EPOCH';
    if (this.partitions.size + request.partitions.length > MOST_PARTITIONS) return 'INVALID_REQUEST';
    this.#nextEpoch = epochAfter(this.#nextEpoch);
    for (const { topicId, partition } of request.forgotten) this.#forget(partitionKey(topicId, partition));
    for (const requested of request.partitions) this.#take(requested);
    return 'NONE';
  }

  #forget(key: string): void {
    const served = this.partitions.get(key);
    if (served === undefined) return;
    this.partitions.delete(key);
    for (const noted of [this.heard, this.early, this.ready, this.news]) noted.delete(served);
  }

  #take(requested: RequestedPartition): void {
    const { topicId, partition, maxBytes } = requested;
    const key = partitionKey(topicId, partition);
    const served = this.partitions.get(key) ?? this.#begin(key, requested);
    served.position = requested;
    served.maxBytes = maxBytes;
    this.heard.add(served);
    this.early.delete(served);
    this.news.add(served);
    // Behind those that it does not name: they wait since an answer that had no room for them.
    this.readyLast(served);
  }

  #begin(key: string, position: RequestedPartition): ServedPartition {
    const { topicId, partition, maxBytes } = position;
    const served = { key, topicId, partition, position, maxBytes, sentLogStartOffset: -1 };
    this.partitions.set(key, served);
    return served;
  }
}

/** Whether a request opens a session rather than going on with one. */
export function opensSession(request: FetchReplicasRequest): boolean {
  return request.sessionEpoch === NEW_SESSION.epoch;
}
