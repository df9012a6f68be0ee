// What a leader says that moves nobody before others have told that it still leads: that it lacks an offset (L9), or that the topic is
// another (KIP-516). The position's machine decides; this is what it asks.

import type { Cluster } from '../cluster/cluster.ts';
import { epochInRequest } from '../cluster/cluster-image.ts';
import type { MetadataAnswer } from '../cluster/second-opinion.ts';
import { OdradekError } from '../errors.ts';

/** After this time it is told, though nobody else could say that the leader still leads. */
const PATIENCE_MS = 30_000;

export interface KnownLeader {
  readonly topicId: string;
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** What a leader has said. */
export interface Doubt {
  readonly reason: 'offset out of range' | 'topic recreated';
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

export class LeaderDoubt {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #partition: number;
  /** Who was asked last; and the newest leader by the word of the others, if one was in doubt. */
  #asked: KnownLeader = { topicId: '', leader: -1, leaderEpoch: -1 };
  #confirmed: KnownLeader | undefined;
  #doubt: (Doubt & { readonly sinceMs: number }) | undefined;
  /** A position is a place in one topic: the one whose leader answered first. Undefined: none has. */
  topicId: string | undefined;

  constructor(cluster: Cluster, topic: string, partition: number) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#partition = partition;
  }

  get asked(): KnownLeader {
    return this.#asked;
  }

  ask(leader: KnownLeader): void {
    this.#asked = leader;
  }

  get current(): Doubt | undefined {
    return this.#doubt;
  }

  begin({ reason, logStartOffset, highWatermark }: Doubt): void {
    const sinceMs = this.#doubt?.sinceMs ?? this.#cluster.clock.nowMs();
    this.#doubt = { reason, sinceMs, logStartOffset, highWatermark };
  }

  /** The leader has given records, or the position is another. */
  end(): void {
    this.#confirmed = undefined;
    this.#doubt = undefined;
  }

  /** Whether the leader that was asked is not known, by the word of others, to be the newest. */
  get mayBeDeposed(): boolean {
    const { topicId, leader, leaderEpoch } = this.#asked;
    return (
      this.#confirmed?.leader !== leader ||
      this.#confirmed.leaderEpoch !== leaderEpoch ||
      this.#confirmed.topicId !== topicId
    );
  }

  get isForLong(): boolean {
    const { sinceMs } = this.#doubt ?? { sinceMs: Number.POSITIVE_INFINITY };
    return this.#cluster.clock.nowMs() - sinceMs >= PATIENCE_MS;
  }

  /** `done(true)`: enough of them have told, and the newest leader that they know of is noted. */
  askTheOthers(done: (isKnown: boolean) => void): void {
    this.#cluster.askTheOthers(this.#asked.leader, (told) => {
      const isKnown = told !== undefined && !this.#isOldTopicThere(told);
      if (isKnown) this.#confirmed = this.#newest();
      done(isKnown);
    });
  }

  /** Ids have no order: whoever is behind, or was cut off, may be the one that names the topic that is gone. */
  #isOldTopicThere(told: readonly MetadataAnswer[]): boolean {
    if (this.#doubt?.reason !== 'topic recreated') return false;
    return told.some(({ topics }) =>
      topics.some(({ name, topicId }) => name === this.#topic && topicId === this.topicId),
    );
  }

  #newest(): KnownLeader | undefined {
    const topic = this.#cluster.image.topics.get(this.#topic);
    const newest = topic?.partitions[this.#partition];
    if (topic === undefined || newest === undefined) return undefined;
    return { topicId: topic.topicId, leader: newest.leader, leaderEpoch: epochInRequest(newest) };
  }

  /** What is told when nobody else answers for long. */
  unconfirmed(position: number | undefined): OdradekError {
    const about = `${this.#topic}-${this.#partition}`;
    const { leader } = this.#asked;
    if (this.#doubt?.reason === 'topic recreated') {
      const text = `broker ${leader} leads a topic of this name with another id than the one that was read, and the other brokers do not say that it was made again`;
      return new OdradekError('INCONSISTENT_TOPIC_ID', `${about}: ${text}`, {
        hint: 'ask again when the other brokers are back',
      });
    }
    const range = `${this.#doubt?.logStartOffset} to ${this.#doubt?.highWatermark}`;
    const text = `broker ${leader} says that its log has ${range}, and no other broker answers that could say whether it still leads`;
    return new OdradekError('OFFSET_OUT_OF_RANGE', `${about}: offset ${position}: ${text}`, {
      hint: 'the offset may well exist: ask again when the other brokers are back',
    });
  }
}
