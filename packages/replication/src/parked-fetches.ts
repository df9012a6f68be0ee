// The leader's side of replica fetches, for all partitions of a node: each follower's session, the reads, and the fetches that
// wait because there is nothing to read yet. A waiting fetch is answered when one of its partitions gets records or loses its
// leader here, or when its time is over; one timer serves them all.
//
// A new high watermark alone wakes nobody: followers serve no consumers, and a stale one costs a new leader nothing but the
// time until its first fetches (L8). It travels with the next answer, at the latest when the wait is over.

import type { Clock, KafkaErrorName, LeaderEpoch, NodeId, PeerRequest, PeerResponse } from '@odradek/model';
import { DueTimer, Few, partitionKey } from '@odradek/model';
import type { LeaderReplica, ReplicaRead } from './faces.ts';
import {
  type FetchReplicasRequest,
  opensSession,
  type ServedPartition,
  ServedSession,
} from './fetch-session.ts';
import { followerAnswer, notLeaderAnswer } from './follower-answer.ts';
import type { FollowerAnswer } from './replica-fetch.ts';

type FetchReplicasResponse = PeerResponse<'fetchReplicas'>;
type AnswerFetch = (response: FetchReplicasResponse) => void;

export interface ParkedFetchesPorts {
  readonly clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>;
  /** The role that leads a partition here, by its key. */
  readonly leaderOf: (key: string) => LeaderReplica | undefined;
  /**
   * Whether this node is to lead the partition in this epoch and only has not begun: it is told of it by {@link ParkedFetches.begun}. Who asks
   * for it meanwhile waits: refused, thousands of followers would ask again and again while a broker takes thousands of places.
   */
  readonly isToLead: (key: string, leaderEpoch: LeaderEpoch) => boolean;
}

/** One fetch of one follower, until it is answered. */
interface Fetch {
  readonly brokerId: NodeId;
  readonly session: ServedSession;
  readonly sessionEpoch: number;
  readonly maxBytes: number;
  readonly deadlineMs: number;
  readonly answer: AnswerFetch;
  isAnswered: boolean;
  /** Partitions whose leaders have begun to listen while it waited, and were not looked at since. */
  readonly listenedTo: string[];
}

/** What a partition's leader found; undefined: it is not led here. */
type Found =
  | { readonly leader: LeaderReplica; readonly result: Parameters<typeof followerAnswer>[1] }
  | undefined;

/** Of which partitions something is to be said, in the order in which it was found. */
type Answers = Map<ServedPartition, Found>;

interface ColdRead {
  readonly served: ServedPartition;
  readonly leader: LeaderReplica;
  readonly upToOffset: number;
  readonly maxBytes: number;
}

export class ParkedFetches {
  readonly #ports: ParkedFetchesPorts;
  readonly #sessions = new Map<NodeId, ServedSession>();
  readonly #parked = new Few<Fetch>();
  /** For whoever's time is over first. It fires in vain when all were answered before. */
  readonly #timer: DueTimer;
  /** Partitions that are led here since the last turn of the event loop. */
  readonly #begun: string[] = [];
  #lastSessionId = 0;

  constructor(ports: ParkedFetchesPorts) {
    this.#ports = ports;
    this.#timer = new DueTimer(ports.clock, () => this.#timeOver());
  }

  #parkedOf(broker: NodeId): Fetch | undefined {
    return this.#parked.find(({ brokerId }) => brokerId === broker);
  }

  /** How many fetches wait. */
  get count(): number {
    return this.#parked.size;
  }

  /** Handles `fetchReplicas` of the peer that was proved to be `peerId` (X8). */
  fetch(peerId: NodeId, request: FetchReplicasRequest, answer: AnswerFetch): void {
    // A follower asks anew before it was answered when it has begun to follow more: what waits is no longer awaited.
    const former = this.#parkedOf(peerId);
    if (former !== undefined) this.#send(former, new Map());
    const session = this.#sessionFor(peerId, request);
    if (typeof session === 'string') {
      answer({ error: session, sessionId: 0, partitions: [] });
      return;
    }
    const fetch: Fetch = {
      brokerId: peerId,
      session,
      sessionEpoch: request.sessionEpoch,
      maxBytes: request.maxBytes,
      deadlineMs: this.#ports.clock.nowMs() + request.maxWaitMs,
      answer,
      isAnswered: false,
      listenedTo: [],
    };
    const { contact, heard, early } = session;
    contact.lastFetchMs = this.#ports.clock.nowMs();
    const answers = this.#accept(peerId, session, [...heard, ...early]);
    if (!this.#serve(fetch, answers)) this.#park(fetch, request.maxWaitMs);
  }

  /** Handles `reportFlushed`. */
  flushed(peerId: NodeId, report: PeerRequest<'reportFlushed'>['body']): PeerResponse<'reportFlushed'> {
    if (report.brokerId !== peerId) return { error: 'CLUSTER_AUTHORIZATION_FAILED' };
    for (const { topicId, partition, leaderEpoch, flushedEnd } of report.partitions)
      this.#ports
        .leaderOf(partitionKey(topicId, partition))
        ?.followerFlushed({ brokerId: peerId, brokerEpoch: report.brokerEpoch, leaderEpoch, flushedEnd });
    return { error: 'NONE' };
  }

  /** Partitions whose log end has grown, or that have another role here now. Called once per request, not per batch. */
  wake(keys: readonly string[]): void {
    for (const [brokerId, session] of this.#sessions) {
      const early: ServedPartition[] = [];
      let hasAny = false;
      for (const key of keys) {
        const served = session.partitions.get(key);
        if (served === undefined) continue;
        hasAny = true;
        session.ready.add(served);
        if (session.early.has(served)) early.push(served);
      }
      if (!hasAny) continue;
      const answers = this.#accept(brokerId, session, early);
      const fetch = this.#parkedOf(brokerId);
      if (fetch?.session === session) this.#serve(fetch, answers);
    }
  }

  /**
   * A leader wants to hear what its followers' next fetches say, also if they do not name it again (I3). Whoever may join and waits has
   * asked a moment too early, as one that came back does while it still is fenced: it is answered, and asks again at once.
   */
  listen(key: string): void {
    for (const [brokerId, session] of this.#sessions) {
      const isOurs = session.note(key, 'heard');
      const fetch = this.#parkedOf(brokerId);
      if (!isOurs || fetch?.session !== session) continue;
      fetch.listenedTo.push(key);
      // In a turn of its own: the leader is in the middle of a transition, and is not to be looked at before its end.
      this.#timer.setBy(this.#ports.clock.nowMs());
    }
  }

  /** A leader has begun: who asked for it early is heard, in a turn of its own, since the leader is in the middle of a transition. */
  begun(key: string): void {
    this.#begun.push(key);
    this.#timer.setBy(this.#ports.clock.nowMs());
  }

  /** A partition has another high watermark or log start: it travels with the next answer. */
  tell(key: string): void {
    for (const session of this.#sessions.values()) session.note(key, 'news');
  }

  /** Log starts may have moved, of any partition: retention was applied. */
  tellLogStarts(): void {
    for (const { partitions, news } of this.#sessions.values())
      for (const served of partitions.values()) {
        const start = this.#ports.leaderOf(served.key)?.log.logStartOffset;
        if (start !== undefined && start !== served.sentLogStartOffset) news.add(served);
      }
  }

  /** Answers all that wait, so that nobody waits for a node that closes. */
  close(): void {
    for (const fetch of this.#parked.all) this.#send(fetch, new Map());
    this.#sessions.clear();
    this.#timer.cancel();
  }

  #sessionFor(peerId: NodeId, request: FetchReplicasRequest): ServedSession | KafkaErrorName {
    if (request.brokerId !== peerId) return 'CLUSTER_AUTHORIZATION_FAILED';
    if (opensSession(request))
      this.#sessions.set(peerId, new ServedSession(++this.#lastSessionId, request.brokerEpoch));
    const session = this.#sessions.get(peerId);
    const isKnown =
      session !== undefined &&
      session.brokerEpoch === request.brokerEpoch &&
      (opensSession(request) || session.id === request.sessionId);
    if (!isKnown) return 'FETCH_SESSION_ID_NOT_FOUND';
    const error = session.take(request);
    return error === 'NONE' ? session : error;
  }

  /**
   * I1: each partition of the session is fetched from where it stands, also one that was not named again. Of those it says nothing
   * new but that their follower lives; their leaders are told only if they listen, or begin. Who refused to hear it has not heard it: the
   * follower may ask again from the same place, and need not name that.
   */
  #accept(brokerId: NodeId, session: ServedSession, asked: readonly ServedPartition[]): Answers {
    const { contact, brokerEpoch, heard, early, ready, news } = session;
    const answers: Answers = new Map();
    for (const served of asked) {
      heard.delete(served);
      // What was to be told has been forgotten since, with another answer.
      if (early.delete(served)) news.add(served);
      const leader = this.#ports.leaderOf(served.key);
      if (leader === undefined && this.#ports.isToLead(served.key, served.position.currentLeaderEpoch)) {
        early.add(served);
        ready.delete(served);
        continue;
      }
      const accepted = leader?.followerFetch({ ...served.position, brokerId, brokerEpoch, contact });
      if (accepted?.outcome === 'accepted') continue;
      answers.set(served, leader && accepted && { leader, result: accepted });
      heard.add(served);
    }
    return answers;
  }

  /** Reads what there is. Returns false when there is nothing to say yet. */
  #serve(fetch: Fetch, answers: Answers): boolean {
    const cold: ColdRead[] = [];
    const { ready } = fetch.session;
    let room = fetch.maxBytes;
    for (const served of [...ready]) {
      if (answers.has(served)) continue;
      const leader = this.#ports.leaderOf(served.key);
      if (leader === undefined) {
        answers.set(served, undefined);
        continue;
      }
      const isOfThisEpoch = served.position.currentLeaderEpoch === leader.leaderEpoch;
      if (isOfThisEpoch && leader.log.logEndOffset === served.position.fetchOffset) {
        ready.delete(served);
        continue;
      }
      if (isOfThisEpoch && room <= 0) continue;
      const maxBytes = Math.min(served.maxBytes, room);
      const read = leader.readForFollower(served.position, fetch.brokerId, maxBytes);
      room -= read.outcome === 'cold' ? maxBytes : sizeOf(read);
      if (read.outcome === 'cold') cold.push({ served, leader, upToOffset: read.upToOffset, maxBytes });
      else answers.set(served, { leader, result: read });
    }
    if (answers.size === 0 && cold.length === 0) return false;
    this.#unpark(fetch);
    if (cold.length === 0) this.#send(fetch, answers);
    else this.#readCold(fetch, answers, cold);
    return true;
  }

  /** The disk is read off the event loop. */
  #readCold(fetch: Fetch, answers: Answers, cold: readonly ColdRead[]): void {
    let missing = cold.length;
    for (const { served, leader, upToOffset, maxBytes } of cold) {
      const { fetchOffset } = served.position;
      leader.log.readLater(fetchOffset, { upToOffset, maxBytes }, (read) => {
        const error = read.outcome === 'failed' ? 'KAFKA_STORAGE_ERROR' : 'OFFSET_OUT_OF_RANGE';
        const message = `reading at ${fetchOffset}: ${read.outcome}`;
        const result = read.outcome === 'records' ? read : ({ outcome: 'refused', error, message } as const);
        answers.set(served, { leader, result });
        missing -= 1;
        if (missing === 0) this.#send(fetch, answers);
      });
    }
  }

  #send(fetch: Fetch, answers: Answers): void {
    if (fetch.isAnswered) return;
    fetch.isAnswered = true;
    this.#unpark(fetch);
    const { session } = fetch;
    // Whoever was answered may get more, or asks again from the same place after a refusal; the others go first, when there is
    // not room for all. What has all is taken out when it is looked at next, by its log's end.
    for (const served of answers.keys()) if (session.ready.has(served)) session.readyLast(served);
    if (session.isNewest(fetch.sessionEpoch)) this.#addNews(session, answers);
    const partitions: FetchReplicasResponse['partitions'][number][] = [];
    let producerBytes = 0;
    for (const [served, found] of answers) {
      const { topicId, partition } = served;
      // What there is no room to say of producers is said when the follower asks again, of one partition at least (X1, X6).
      if (producerBytes > 0 && producerBytes >= fetch.maxBytes && isOutOfRange(found)) continue;
      const answer = this.#answerOf(served, found);
      producerBytes += answer.producers?.length ?? 0;
      partitions.push({ ...answer, topicId, partition });
      served.sentLogStartOffset = answer.logStartOffset;
    }
    fetch.answer({ error: 'NONE', sessionId: session.id, partitions });
  }

  /**
   * What a follower does not know yet though there are no records for it: that it has all, a high watermark, a log start. In an
   * answer to an older request it would be lost: the follower may stand elsewhere by now, and take it for stale.
   */
  #addNews({ news }: ServedSession, answers: Answers): void {
    if (news.size === 0) return;
    for (const served of news) {
      const leader = this.#ports.leaderOf(served.key);
      if (leader !== undefined && !answers.has(served))
        answers.set(served, { leader, result: { outcome: 'accepted' } });
    }
    news.clear();
  }

  /** The log's bounds are those of now, and whether we still lead in that epoch is asked again: the disk took its time (L9). */
  #answerOf({ key }: ServedPartition, found: Found): FollowerAnswer {
    const isStillLed = found !== undefined && this.#ports.leaderOf(key) === found.leader;
    return isStillLed ? followerAnswer(found.leader, found.result) : notLeaderAnswer;
  }

  #park(fetch: Fetch, maxWaitMs: number): void {
    if (maxWaitMs <= 0) {
      this.#send(fetch, new Map());
      return;
    }
    this.#parked.add(fetch);
    this.#timer.setBy(fetch.deadlineMs);
  }

  #unpark(fetch: Fetch): void {
    this.#parked.delete(fetch);
  }

  #timeOver(): void {
    this.#timer.takeLatenessMs();
    this.wake(this.#begun.splice(0));
    const nowMs = this.#ports.clock.nowMs();
    for (const fetch of this.#parked.all)
      if (fetch.deadlineMs <= nowMs || this.#isMissed(fetch)) this.#send(fetch, new Map());
    for (const { deadlineMs } of this.#parked.all) this.#timer.setBy(deadlineMs);
  }

  /** Whether a leader that listens now misses whoever waits in its in-sync set. */
  #isMissed({ brokerId, listenedTo }: Fetch): boolean {
    return listenedTo
      .splice(0)
      .some((key) => this.#ports.leaderOf(key)?.maximalInSync.includes(brokerId) === false);
  }
}

function isOutOfRange(found: Found): boolean {
  return found?.result.outcome === 'refused' && found.result.error === 'OFFSET_OUT_OF_RANGE';
}

function sizeOf(read: ReplicaRead): number {
  return read.outcome === 'records' ? read.records.reduce((sum, piece) => sum + piece.length, 0) : 0;
}
