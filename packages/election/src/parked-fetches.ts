// A leader's fetches that wait for something to tell: each is woken by an append, by the high watermark, or by its time.

import {
  type Clock,
  Few,
  type LeaderEpoch,
  type LogReadDone,
  type NodeId,
  type Offset,
  type PeerResponse,
  type ReplicatedLog,
  type TimerHandle,
} from '@odradek/model';
import { fetchPosition } from './metadata-fetch.ts';
import type { SnapshotId } from './quorum.ts';
import type { FetchRequested } from './quorum-events.ts';

/** What a fetch is answered from. */
export interface FetchSource {
  readonly log: ReplicatedLog;
  readonly clock: Clock;
  readonly self: NodeId;
  /** The bounds that no request may exceed. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  snapshot(): SnapshotId | undefined;
  highWatermark(): Offset;
  /** Sends an answer, once the vote state is durable (Q1). */
  send(answer: () => void): void;
}

interface Parked {
  readonly request: FetchRequested;
  readonly timer: TimerHandle;
}

type Body = PeerResponse<'fetchMetadata'>;

export class ParkedFetches {
  readonly #source: FetchSource;
  readonly #parked = new Few<Parked>();
  /** The epoch that is led; undefined while none is. */
  #epoch: LeaderEpoch | undefined;

  constructor(source: FetchSource) {
    this.#source = source;
  }

  begin(epoch: LeaderEpoch): void {
    this.#epoch = epoch;
  }

  /** Ends the leadership: nobody is left waiting. */
  end(): void {
    const ended = this.#epoch;
    this.#epoch = undefined;
    for (const parked of this.#parked.all) {
      this.#unpark(parked);
      if (ended !== undefined) this.#refuse(parked.request, ended);
    }
  }

  handle(request: FetchRequested): void {
    const waitMs = Math.min(request.body.maxWaitMs, this.#source.maxWaitMs);
    if (waitMs <= 0 || this.#hasNews(request)) {
      this.#answer(request);
      return;
    }
    const timer = this.#source.clock.setTimeout(() => {
      this.#unpark(parked);
      this.#answer(request);
    }, waitMs);
    const parked: Parked = { request, timer };
    this.#parked.add(parked);
  }

  /** The log has grown, or the high watermark has moved. */
  wake(): void {
    for (const parked of this.#parked.all) {
      if (!this.#hasNews(parked.request)) continue;
      this.#unpark(parked);
      this.#answer(parked.request);
    }
  }

  #unpark(parked: Parked): void {
    this.#source.clock.clearTimeout(parked.timer);
    this.#parked.delete(parked);
  }

  /** Whoever parts from this log is told at once; else there must be records to send or a high watermark to tell. */
  #hasNews({ body }: FetchRequested): boolean {
    const { log } = this.#source;
    if (this.#position(body).kind !== 'valid' || body.fetchOffset < log.logEndOffset) return true;
    return body.highWatermark < Math.min(this.#source.highWatermark(), log.logEndOffset);
  }

  #position(body: FetchRequested['body']) {
    const { log } = this.#source;
    return fetchPosition(log, this.#source.snapshot(), body.fetchOffset, body.lastFetchedEpoch);
  }

  #answer(request: FetchRequested): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    const { log, maxBytes } = this.#source;
    const { body } = request;
    const position = this.#position(body);
    if (position.kind === 'diverging') {
      this.#send(request, { ...this.#head(epoch), diverging: position.end });
    } else if (position.kind === 'snapshot') {
      this.#send(request, { ...this.#head(epoch), snapshot: position.id });
    } else {
      const limits = { upToOffset: log.logEndOffset, maxBytes: Math.min(body.maxBytes, maxBytes) };
      const read = log.read(body.fetchOffset, limits);
      if (read.outcome !== 'cold') this.#answerRead(request, epoch, read);
      else log.readLater(body.fetchOffset, limits, (later) => this.#answerRead(request, epoch, later));
    }
  }

  /** A cold read ends later: this leadership may have ended, and the log may have changed, meanwhile (L9). */
  #answerRead(request: FetchRequested, epoch: LeaderEpoch, read: LogReadDone): void {
    if (this.#epoch !== epoch) {
      this.#refuse(request, epoch);
      return;
    }
    // Out of range: the log start has moved past it meanwhile, and the next fetch is sent to the snapshot.
    const records = read.outcome === 'records' ? read.records : [];
    const error = read.outcome === 'failed' ? 'KAFKA_STORAGE_ERROR' : 'NONE';
    this.#send(request, { ...this.#head(epoch), error, records });
  }

  #refuse(request: FetchRequested, epoch: LeaderEpoch): void {
    this.#send(request, {
      ...this.#head(epoch),
      error: 'NOT_LEADER_OR_FOLLOWER',
      leaderId: -1,
      highWatermark: -1,
    });
  }

  #head(epoch: LeaderEpoch): Body {
    return {
      error: 'NONE',
      leaderId: this.#source.self,
      leaderEpoch: epoch,
      highWatermark: this.#source.highWatermark(),
      logStartOffset: this.#source.log.logStartOffset,
      diverging: null,
      snapshot: null,
      records: [],
    };
  }

  #send(request: FetchRequested, body: Body): void {
    this.#source.send(() => request.answer(body));
  }
}
