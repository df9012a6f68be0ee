// The quorum's questions to its peers: each is put on the wire here, and its answer comes back as an event.

import type {
  Clock,
  LeaderEpoch,
  LogView,
  Network,
  NetworkReply,
  NodeId,
  Offset,
  PeerEvidence,
  PeerRequest,
  Voter,
} from '@odradek/model';
import { type AnswerTimes, afterAnswer, afterFetch, noAnswers, requestTimeoutMs } from './answer-times.ts';
import { logEndAt } from './metadata-fetch.ts';
import type { QuorumApi, QuorumTimeouts, SnapshotId } from './quorum.ts';
import type { VoterKey } from './quorum-arithmetic.ts';
import type { QuorumEvent } from './quorum-events.ts';
import type { BallotQuestion } from './quorum-host.ts';
import type { SnapshotDownload } from './snapshot-download.ts';

/** No fetch of the metadata log is answered with more, but for a single batch that is larger. */
export const maxFetchBytes = 8 * 1024 * 1024;
export const maxChunkBytes = 1024 * 1024;

/** How long a fetch is parked: it must come back well before anybody gives up on it, and its way takes time too. */
export function fetchWaitMs({ fetchMaxWaitMs, fetchTimeoutMs }: QuorumTimeouts): number {
  return Math.min(fetchMaxWaitMs, Math.floor(fetchTimeoutMs * 0.4));
}

export interface PeerRequestsOptions {
  readonly self: VoterKey;
  readonly clusterId: string;
  /** As they are set. */
  readonly timeouts: QuorumTimeouts;
  readonly log: LogView;
  readonly network: Network;
  readonly clock: Clock;
  snapshot(): SnapshotId | undefined;
  onceDurable(send: () => void): void;
  send(event: QuorumEvent): void;
}

export class PeerRequests {
  readonly #options: PeerRequestsOptions;
  /** Peers whose last sign was that they are gone. */
  readonly #lost = new Set<NodeId>();
  #answerTimes = noAnswers;
  #endAnswersAwaited = 0;
  #whenEndIsTold: (() => void)[] = [];
  #isStopped = false;

  constructor(options: PeerRequestsOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
    this.#endTold();
  }

  noteEvidence(evidence: PeerEvidence): void {
    if (evidence.type === 'linked') this.#lost.delete(evidence.peer.id);
    else if (evidence.type === 'reached') this.#lost.delete(evidence.id);
    else this.#lost.add(evidence.type === 'refused' ? evidence.id : evidence.peer.id);
  }

  /** What answers have taken lately, those that came too late for their question included. */
  get answerTimes(): AnswerTimes {
    return this.#answerTimes;
  }

  isLost(id: NodeId): boolean {
    return this.#lost.has(id);
  }

  probe(id: NodeId): void {
    this.#options.network.probe(id);
  }

  askVote(voter: Voter, { epoch, preVote, generation }: BallotQuestion, delayMs: number): void {
    const { self, clusterId, timeouts, log, clock, send } = this.#options;
    const { lastEpoch, endOffset } = logEndAt(log, this.#options.snapshot(), log.flushedEndOffset);
    const body = {
      clusterId,
      epoch,
      candidateId: self.id,
      candidateDirectoryId: self.directoryId,
      voterId: voter.id,
      voterDirectoryId: voter.directoryId,
      lastEpoch,
      lastEpochEndOffset: endOffset,
      preVote,
    };
    const ask = (): void => {
      if (this.#isStopped) return;
      const tag = { from: voter.id, generation };
      this.#request(voter.id, { api: 'vote', body }, requestTimeoutMs(timeouts), (reply) => {
        if (reply.outcome === 'failed') send({ type: 'vote failed', ...tag, reason: reply.reason });
        else send({ type: 'vote answered', ...tag, body: reply.response });
      });
    };
    if (delayMs > 0) clock.setTimeout(ask, delayMs);
    else this.#options.onceDurable(ask);
  }

  beginEpoch(voter: Voter, epoch: LeaderEpoch): void {
    const { self, clusterId, timeouts, send } = this.#options;
    const body = {
      clusterId,
      leaderId: self.id,
      leaderEpoch: epoch,
      voterDirectoryId: voter.directoryId,
    };
    const request = { api: 'beginQuorumEpoch', body } as const;
    this.#request(voter.id, request, timeouts.requestTimeoutMs, (reply) => {
      // No answer: it is told again as long as it does not fetch (Q9).
      if (reply.outcome === 'answered')
        send({ type: 'begin answered', from: voter.id, generation: epoch, body: reply.response });
    });
  }

  endEpoch(epoch: LeaderEpoch, preferredSuccessors: readonly NodeId[]): void {
    const { self, clusterId, timeouts } = this.#options;
    const body = {
      clusterId,
      leaderId: self.id,
      leaderEpoch: epoch,
      preferredSuccessors,
    };
    for (const to of preferredSuccessors) {
      this.#endAnswersAwaited += 1;
      this.#request(to, { api: 'endQuorumEpoch', body }, timeouts.requestTimeoutMs, () => {
        this.#endAnswersAwaited -= 1;
        if (this.#endAnswersAwaited === 0) this.#endTold();
      });
    }
  }

  /** Calls `done` when every voter knows of the end of this leadership or could not be told. */
  whenEndIsTold(done: () => void): void {
    this.#whenEndIsTold.push(done);
    if (this.#endAnswersAwaited === 0) this.#endTold();
  }

  #endTold(): void {
    const waiting = this.#whenEndIsTold;
    this.#whenEndIsTold = [];
    for (const done of waiting) done();
  }

  fetch(from: NodeId, epoch: LeaderEpoch, highWatermark: Offset, generation: number): void {
    const { self, clusterId, timeouts, log, send } = this.#options;
    const { lastEpoch } = logEndAt(log, this.#options.snapshot(), log.logEndOffset);
    const maxWaitMs = fetchWaitMs(timeouts);
    const body = {
      clusterId,
      epoch,
      replicaId: self.id,
      replicaDirectoryId: self.directoryId,
      fetchOffset: log.logEndOffset,
      lastFetchedEpoch: lastEpoch,
      highWatermark,
      maxWaitMs,
      maxBytes: maxFetchBytes,
    };
    const timeoutMs = maxWaitMs + requestTimeoutMs(timeouts);
    this.#options.onceDurable(() => {
      const request = { api: 'fetchMetadata', body } as const;
      const answered = (reply: NetworkReply<'fetchMetadata'>): void => {
        if (reply.outcome === 'failed')
          send({ type: 'fetch failed', from, generation, reason: reply.reason });
        else send({ type: 'fetch answered', from, generation, body: reply.response });
      };
      this.#request(from, request, timeoutMs, answered, maxWaitMs);
    });
  }

  /** Asks for the next chunk of a download. */
  fetchChunk(from: NodeId, epoch: LeaderEpoch, download: SnapshotDownload, generation: number): void {
    const { self, clusterId, timeouts, send } = this.#options;
    const body = {
      clusterId,
      epoch,
      replicaId: self.id,
      snapshot: download.id,
      position: download.length,
      maxBytes: maxChunkBytes,
    };
    const request = { api: 'fetchSnapshot', body } as const;
    const answered = (reply: NetworkReply<'fetchSnapshot'>): void => {
      if (reply.outcome === 'failed') send({ type: 'fetch failed', from, generation, reason: reply.reason });
      else send({ type: 'snapshot chunk answered', from, generation, body: reply.response });
    };
    // A chunk is large, and the fetch timeout must be long enough for it too.
    this.#request(from, request, requestTimeoutMs(timeouts), answered, 0);
  }

  /** `parkedMs`: of a fetch, how long its answer may have waited at the leader. */
  #request<Api extends QuorumApi>(
    to: NodeId,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
    parkedMs?: number,
  ): void {
    const { clock, network } = this.#options;
    const askedMs = clock.nowMs();
    network.request(to, 'control', request, timeoutMs, (reply) => {
      if (reply.outcome === 'failed') this.#lost.add(to);
      else {
        this.#lost.delete(to);
        const tookMs = clock.nowMs() - askedMs;
        this.#answerTimes =
          parkedMs === undefined
            ? afterAnswer(this.#answerTimes, tookMs)
            : afterFetch(this.#answerTimes, tookMs, parkedMs);
      }
      done(reply);
    });
  }
}
