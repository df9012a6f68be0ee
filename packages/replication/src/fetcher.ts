// Pulls from one leader broker for all the partitions that are followed there: one long poll after the other over the data
// link. It reads on while it flushes; a flush that ends while a poll waits at the leader is reported at once (I1).

import {
  type BrokerEpoch,
  type Clock,
  isKafkaErrorName,
  type Network,
  type NetworkReply,
  type NodeId,
  type Offset,
  type PeerResponse,
  partitionKey,
  type TimerHandle,
  type TopicId,
} from '@odradek/model';
import type { FollowerReplica } from './faces.ts';
import { AskingSession, type SentPositions, type WantedPartition } from './fetch-session.ts';

export interface FetcherSettings {
  /** `replica.fetch.wait.max.ms`: how long a poll waits at the leader. */
  readonly maxWaitMs: number;
  /** `replica.fetch.response.max.bytes`. */
  readonly maxBytes: number;
  /** `replica.fetch.max.bytes`, of one partition. */
  readonly partitionMaxBytes: number;
  /** `replica.fetch.backoff.ms`: the longest rest after failures, of the leader or of one partition. */
  readonly backOffMs: number;
  /** Beyond `maxWaitMs`, until an answer counts as lost. */
  readonly answerTimeoutMs: number;
  /** A poll older than this probably waits at the leader: a new partition does not wait with it, but asks on top. */
  readonly nudgeAfterMs: number;
}

export interface FetcherOptions {
  readonly leader: NodeId;
  readonly brokerId: NodeId;
  readonly brokerEpoch: () => BrokerEpoch;
  readonly settings: () => FetcherSettings;
  readonly clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>;
  readonly network: Pick<Network, 'request'>;
  /** Whether more partitions are just about to be followed: a session that is opened without them would be opened again and again. */
  readonly isCrowdComing?: () => boolean;
  /** A replica has taken an answer: its log or its high watermark may be others now. */
  readonly taken?: (key: string) => void;
}

/**
 * The rest after a first failure; it doubles up to `backOffMs`. Right after an election a leader is often asked before it has heard
 * of it, and the partition commits nothing while its followers rest.
 */
const FIRST_REST_MS = 10;
/** A leader that refuses more partitions at once takes up its places just now: the rest grows with their number. */
const REFUSED_AT_ONCE = 64;
/** Until it is looked again whether a crowd has come. */
const CROWD_MS = 5;
/**
 * For how long at most who has come waits for the others. Ten thousand places take seconds, and a leader's patience with members that have not
 * fetched ends (I4): a follower asks for what it has by now, and then so often for what came since.
 */
const CROWD_MOST_MS = 250;

interface Followed {
  readonly topicId: TopicId;
  readonly partition: number;
  readonly replica: FollowerReplica;
  /** The end that was last reported apart from a fetch. */
  reportedEnd: Offset;
  /** Refusals since an answer was of use. */
  refusals: number;
}

/** A request on its way, with the positions from which it asked. */
interface Flight {
  readonly positions: SentPositions;
  readonly sentAtMs: number;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #session = new AskingSession();
  readonly #followed = new Map<string, Followed>();
  /** Not fetched before this time; Infinity: not before a new leader epoch, or {@link resume}. */
  readonly #resting = new Map<string, number>();
  /** Partitions whose position may be another than the leader knows. */
  #changed = new Set<string>();
  #flights: Flight[] = [];
  #sessionBrokerEpoch: BrokerEpoch | undefined;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  /** Since when a session waits for a crowd. */
  #crowdSinceMs: number | undefined;
  #failures = 0;
  #isUrgent = false;
  #timer: { readonly handle: TimerHandle; readonly dueMs: number } | undefined;
  #isStopped = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** How many partitions are followed. */
  get size(): number {
    return this.#followed.size;
  }

  /** Begins to fetch a partition, or begins again in a new leader epoch: from the end of its log (F1). */
  follow(topicId: TopicId, partition: number, replica: FollowerReplica): void {
    const key = partitionKey(topicId, partition);
    this.#followed.set(key, { topicId, partition, replica, reportedEnd: -1, refusals: 0 });
    this.#resting.delete(key);
    this.#changed.add(key);
    this.#isUrgent = true;
    // Not now but next: partitions mostly come in crowds, and one request can ask for them all.
    this.#comeBackAt(this.#options.clock.nowMs());
  }

  unfollow(topicId: TopicId, partition: number): void {
    const key = partitionKey(topicId, partition);
    if (this.#followed.delete(key)) this.#changed.add(key);
    this.#resting.delete(key);
  }

  /** Fetches a partition again whose replica had let us wait for its report. */
  resume(topicId: TopicId, partition: number): void {
    const key = partitionKey(topicId, partition);
    if (!this.#followed.has(key)) return;
    this.#resting.delete(key);
    this.#changed.add(key);
    this.#isUrgent = true;
    this.#comeBackAt(this.#options.clock.nowMs());
  }

  /** Logs whose flushed end has moved: reported at once while a fetch waits, else with the next fetch. */
  flushed(keys: readonly string[]): void {
    const partitions = keys.flatMap((key) => {
      const followed = this.#followed.get(key);
      if (followed === undefined) return [];
      this.#changed.add(key);
      const sent = this.#session.sent(key);
      const { topicId, partition, replica } = followed;
      if (sent === undefined || sent.currentLeaderEpoch !== replica.leaderEpoch) return [];
      // Never above the fetch that the leader has accepted: what lies beyond is not yet known to be its log.
      const flushedEnd = Math.min(replica.log.flushedEndOffset, sent.fetchOffset);
      if (flushedEnd <= Math.max(sent.flushedEnd, followed.reportedEnd)) return [];
      followed.reportedEnd = flushedEnd;
      return [{ topicId, partition, leaderEpoch: replica.leaderEpoch, flushedEnd }];
    });
    if (partitions.length === 0 || this.#flights.length === 0) return;
    const { network, leader, brokerId, brokerEpoch, settings } = this.#options;
    const body = { brokerId, brokerEpoch: brokerEpoch(), partitions };
    const request = { api: 'reportFlushed', body } as const;
    // Whatever comes of it, the next fetch says the same again.
    network.request(leader, 'data', request, settings().answerTimeoutMs, () => {});
  }

  stop(): void {
    this.#isStopped = true;
    this.#followed.clear();
    this.#resting.clear();
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer.handle);
    this.#timer = undefined;
  }

  /** Sends a request if there is something to ask and nothing forbids it; else comes back when it may. */
  #pull(): void {
    if (this.#isStopped) return;
    const nowMs = this.#options.clock.nowMs();
    this.#wakeResting(nowMs);
    if (this.#quietUntilMs > nowMs) {
      this.#comeBackAt(this.#quietUntilMs);
      return;
    }
    // Also after a timer that came early, as real ones do by a fraction: a rest that nobody ends would last a whole poll.
    const resumeAtMs = this.#endOfNextRest();
    if (resumeAtMs < Number.POSITIVE_INFINITY) this.#comeBackAt(resumeAtMs);
    const isCrowdComing = this.#options.isCrowdComing?.() === true;
    if (this.#waitsForCrowd(isCrowdComing, nowMs)) {
      this.#comeBackAt(nowMs + CROWD_MS);
      return;
    }
    const [first, second] = this.#flights;
    if (first === undefined) {
      this.#send(nowMs, isCrowdComing);
      return;
    }
    if (!this.#isUrgent || second !== undefined) return;
    const nudgeAfterMs = isCrowdComing ? CROWD_MOST_MS : this.#options.settings().nudgeAfterMs;
    const nudgeAtMs = first.sentAtMs + nudgeAfterMs;
    if (nudgeAtMs > nowMs) this.#comeBackAt(nudgeAtMs);
    else this.#send(nowMs, isCrowdComing);
  }

  #waitsForCrowd(isCrowdComing: boolean, nowMs: number): boolean {
    if (!isCrowdComing || this.#session.isOpen || this.#flights.length > 0) {
      this.#crowdSinceMs = undefined;
      return false;
    }
    this.#crowdSinceMs ??= nowMs;
    return nowMs < this.#crowdSinceMs + CROWD_MOST_MS;
  }

  /** The earliest of all that is asked for counts: whoever is woken too early asks again. */
  #comeBackAt(timeMs: number): void {
    const { clock } = this.#options;
    if (this.#timer !== undefined) {
      if (this.#timer.dueMs <= timeMs) return;
      clock.clearTimeout(this.#timer.handle);
    }
    const callback = (): void => {
      this.#timer = undefined;
      this.#pull();
    };
    // Platforms take whole milliseconds and cut the rest.
    const handle = clock.setTimeout(callback, Math.max(0, Math.ceil(timeMs - clock.nowMs())));
    this.#timer = { handle, dueMs: timeMs };
  }

  /** A session that a crowd is to join is opened at once, whatever there is to read: unanswered, it would be opened anew with each that joins. */
  #send(nowMs: number, isCrowdComing: boolean): void {
    const { network, leader, brokerId, settings } = this.#options;
    const brokerEpoch = this.#options.brokerEpoch();
    const isUnanswered = this.#flights.length > 0 && !this.#session.isOpen;
    if (brokerEpoch !== this.#sessionBrokerEpoch || isUnanswered) this.#session.reset();
    this.#sessionBrokerEpoch = brokerEpoch;
    if (this.#followed.size === this.#resting.size) return;
    const wanted = this.#wanted();
    this.#isUrgent = false;
    this.#changed = new Set();
    const { maxWaitMs, maxBytes, answerTimeoutMs } = settings();
    const isOpening = isCrowdComing && !this.#session.isOpen;
    const inFlight = this.#flights.map(({ positions }) => positions);
    const body = {
      ...this.#session.next(wanted, inFlight),
      brokerId,
      brokerEpoch,
      maxWaitMs: isOpening ? 0 : maxWaitMs,
      maxBytes,
    };
    const flight: Flight = { positions: this.#session.positions(), sentAtMs: nowMs };
    this.#flights.push(flight);
    const request = { api: 'fetchReplicas', body } as const;
    network.request(leader, 'data', request, maxWaitMs + answerTimeoutMs, (reply) =>
      this.#ended(flight, reply),
    );
  }

  /** The partitions whose position is to be told: all of them in a new session. Undefined: not to be fetched now. */
  #wanted(): ReadonlyMap<string, WantedPartition | undefined> {
    const maxBytes = this.#options.settings().partitionMaxBytes;
    const wanted = new Map<string, WantedPartition | undefined>();
    for (const key of this.#session.isNew ? this.#followed.keys() : this.#changed) {
      const followed = this.#followed.get(key);
      if (followed === undefined || this.#resting.has(key)) wanted.set(key, undefined);
      else {
        const { topicId, partition, replica } = followed;
        wanted.set(key, { topicId, partition, position: replica.fetchPosition(), maxBytes });
      }
    }
    return wanted;
  }

  #endOfNextRest(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const resumeAtMs of this.#resting.values()) if (resumeAtMs < first) first = resumeAtMs;
    return first;
  }

  #wakeResting(nowMs: number): void {
    for (const [key, resumeAtMs] of this.#resting) {
      if (resumeAtMs > nowMs) continue;
      this.#resting.delete(key);
      this.#changed.add(key);
      this.#isUrgent = true;
    }
  }

  #ended(flight: Flight, reply: NetworkReply<'fetchReplicas'>): void {
    // Of a session that was given up.
    if (this.#isStopped || !this.#flights.includes(flight)) return;
    if (reply.outcome === 'failed') {
      this.#beginAnew('later');
      return;
    }
    const { error, sessionId, partitions } = reply.response;
    if (error === 'FETCH_SESSION_ID_NOT_FOUND' || error === 'INVALID_FETCH_SESSION_EPOCH') {
      this.#beginAnew('now');
      return;
    }
    if (error !== 'NONE') {
      this.#beginAnew('later');
      return;
    }
    this.#failures = 0;
    if (flight === this.#flights.at(-1)) this.#session.opened(sessionId);
    this.#flights = this.#flights.filter((other) => other !== flight);
    const refused = partitions.reduce((count, answer) => (answer.error === 'NONE' ? count : count + 1), 0);
    for (const answer of partitions) this.#answered(answer, flight, refused);
    this.#pull();
  }

  /** `refused`: how many partitions the same answer refuses. */
  #answered(
    answer: PeerResponse<'fetchReplicas'>['partitions'][number],
    flight: Flight,
    refused: number,
  ): void {
    const key = partitionKey(answer.topicId, answer.partition);
    const followed = this.#followed.get(key);
    const asked = flight.positions.get(key);
    if (followed === undefined || asked === undefined) return;
    const error = isKafkaErrorName(answer.error) ? answer.error : 'UNKNOWN_SERVER_ERROR';
    const next = followed.replica.answered({ ...answer, error }, asked.position);
    this.#options.taken?.(key);
    this.#changed.add(key);
    followed.refusals = next === 'back off' ? followed.refusals + 1 : 0;
    if (next === 'back off') this.#resting.set(key, this.#restUntil(followed.refusals, refused));
    if (next === 'wait for metadata' || next === 'wait for report')
      this.#resting.set(key, Number.POSITIVE_INFINITY);
  }

  /** What the leader knows of us is not known any more: a new session, with every partition. */
  #beginAnew(when: 'now' | 'later'): void {
    this.#session.reset();
    this.#flights = [];
    if (when === 'later') this.#quietUntilMs = this.#restUntil(++this.#failures);
    this.#pull();
  }

  /** The time until which to rest after so many failures in a row, of so many partitions at once. */
  #restUntil(failures: number, partitions = 1): number {
    const { clock, settings } = this.#options;
    const firstMs = FIRST_REST_MS * Math.max(1, Math.ceil(partitions / REFUSED_AT_ONCE));
    return clock.nowMs() + Math.min(settings().backOffMs, firstMs * 2 ** (failures - 1));
  }
}
