// Fetch: records up to the high watermark, at once or when there are enough (L7, L9). A read is a query: it costs no event, and
// the log keeps nothing about who reads.

import {
  type ClientRequest,
  type ClientResponse,
  type KafkaErrorName,
  NO_EPOCH,
  type Offset,
  partitionKey,
  type RecordBytes,
} from '@odradek/model';
import type { ReplicaRead } from '@odradek/replication';
import { sizeOf, type Traffic } from '../measures/traffic.ts';
import type { Deadline, Deadlines } from '../waiting/deadlines.ts';
import type { LeaderHere, LeaderLookup } from './leader-lookup.ts';
import { namedTwice } from './named-twice.ts';

type FetchBody = ClientRequest<'fetch'>['body'];
type FetchPart = FetchBody['partitions'][number];
type FetchResponse = ClientResponse<'fetch'>;
type PartResponse = FetchResponse['partitions'][number];

/** What fetching needs of the node. */
export interface FetchNeeds {
  readonly leaders: LeaderLookup;
  readonly deadlines: Deadlines;
  /** Of the whole node. */
  readonly traffic: Traffic;
  /** Caps on one answer, whatever the client asks for (X6). */
  maxBytes(): number;
}

/** What a read from the disk counts against the caps at least: one batch is read, however little was asked for (X6). */
const COLD_READ_BYTES = 1024 * 1024;

/** Handles one request; `answer` is called once. */
export function consumerFetch(
  needs: FetchNeeds,
  body: FetchBody,
  answer: (response: FetchResponse) => void,
): void {
  const twice = namedTwice(body.partitions);
  if (twice === undefined) new ConsumerFetch(needs, body, answer).look();
  else answer({ ...twice, partitions: [] });
}

/** A read of one partition that is settled, or that waits for the disk. */
type Looked =
  | { readonly settled: PartResponse; readonly bytes: number }
  | { readonly cold: LeaderHere; readonly upToOffset: Offset; readonly maxBytes: number };

class ConsumerFetch {
  private readonly needs: FetchNeeds;
  private readonly body: FetchBody;
  private readonly answer: (response: FetchResponse) => void;
  private readonly deadline: Deadline;
  private isOver = false;
  private isOverdue = false;
  private isReading = false;
  /** Something changed while the disk was read. */
  private isStale = false;
  private unpark: (() => void)[] = [];
  private readonly wake = (): void => this.look();

  constructor(needs: FetchNeeds, body: FetchBody, answer: (response: FetchResponse) => void) {
    this.needs = needs;
    this.body = body;
    this.answer = answer;
    this.deadline = needs.deadlines.after(body.maxWaitMs, () => {
      this.isOverdue = true;
      this.look();
    });
  }

  /** Reads everything anew, with epoch and high watermark as they are now (L9), and answers or parks. */
  look(): void {
    if (this.isOver) return;
    this.isStale = this.isReading;
    if (this.isReading) return;
    this.leaveParking();
    let left = this.body.maxBytes > 0 ? Math.min(this.body.maxBytes, this.needs.maxBytes()) : 0;
    const looked = this.body.partitions.map((part) => {
      const result = this.lookAt(part, left);
      if ('settled' in result) left -= result.bytes;
      else left -= Math.max(result.maxBytes, COLD_READ_BYTES);
      return result;
    });
    const cold = looked.flatMap((result, index) => ('cold' in result ? [{ ...result, index }] : []));
    if (cold.length > 0) this.readCold(looked, cold);
    else this.answerOrPark(looked.flatMap((result) => ('settled' in result ? [result] : [])));
  }

  private lookAt(part: FetchPart, left: number): Looked {
    const found = this.needs.leaders.find(part.topicId, part.partition, part.leaderEpoch);
    if ('error' in found)
      return { settled: refusedPart(part, found.error, found.message, found.leaderHint), bytes: 0 };
    if (left <= 0) return { settled: emptyPart(part, found), bytes: 0 };
    const maxBytes = part.maxBytes > 0 ? Math.min(part.maxBytes, left) : 0;
    const read = found.leader.consumerRead(positionOf(part), maxBytes);
    if (read.outcome === 'cold') return { cold: found, upToOffset: read.upToOffset, maxBytes };
    return settledRead(part, found, read);
  }

  /** Cold bytes come off the event loop; whether they may still be given is asked again then (L9). */
  private readCold(
    looked: readonly Looked[],
    cold: readonly {
      readonly cold: LeaderHere;
      readonly upToOffset: Offset;
      readonly maxBytes: number;
      readonly index: number;
    }[],
  ): void {
    this.isReading = true;
    for (const part of this.body.partitions) this.park(part);
    const results = [...looked];
    let missing = cold.length;
    for (const { cold: found, upToOffset, maxBytes, index } of cold) {
      const part = this.body.partitions[index];
      if (part === undefined) continue;
      found.leader.log.readLater(part.fetchOffset, { upToOffset, maxBytes }, (read) => {
        results[index] = this.afterColdRead(part, found, read);
        missing -= 1;
        if (missing > 0) return;
        this.isReading = false;
        if (!this.isOver)
          this.answerOrPark(results.flatMap((result) => ('settled' in result ? [result] : [])));
      });
    }
  }

  private afterColdRead(
    part: FetchPart,
    before: LeaderHere,
    read:
      | { readonly outcome: 'records'; readonly records: RecordBytes }
      | { readonly outcome: 'out of range' }
      | { readonly outcome: 'failed' },
  ): Looked {
    const found = this.needs.leaders.find(part.topicId, part.partition, part.leaderEpoch);
    if ('error' in found)
      return { settled: refusedPart(part, found.error, found.message, found.leaderHint), bytes: 0 };
    if (found.leader !== before.leader)
      return {
        settled: refusedPart(part, 'NOT_LEADER_OR_FOLLOWER', 'the leader epoch changed', -1),
        bytes: 0,
      };
    if (read.outcome === 'failed')
      return { settled: refusedPart(part, 'KAFKA_STORAGE_ERROR', 'the log could not be read', -1), bytes: 0 };
    if (read.outcome === 'out of range') return { settled: outOfRange(part, found), bytes: 0 };
    return { settled: { ...emptyPart(part, found), records: read.records }, bytes: sizeOf(read.records) };
  }

  private answerOrPark(settled: readonly { readonly settled: PartResponse; readonly bytes: number }[]): void {
    this.leaveParking();
    const bytes = settled.reduce((sum, part) => sum + part.bytes, 0);
    const tellsMore = settled.some(({ settled: part }) => part.error !== 'NONE' || part.diverging !== null);
    if (this.isOverdue || tellsMore || bytes >= this.body.minBytes || this.body.maxWaitMs <= 0) {
      this.isOver = true;
      this.deadline.cancel();
      this.count(settled);
      this.answer({ error: 'NONE', errorMessage: null, partitions: settled.map((part) => part.settled) });
      return;
    }
    for (const part of this.body.partitions) this.park(part);
    if (this.isStale) this.look();
  }

  private count(settled: readonly { readonly settled: PartResponse; readonly bytes: number }[]): void {
    for (const { settled: part, bytes } of settled) {
      if (bytes === 0) continue;
      this.needs.traffic.read(bytes);
      this.needs.leaders.hosted.get(partitionKey(part.topicId, part.partition))?.traffic.read(bytes);
    }
  }

  private park({ topicId, partition, leaderEpoch }: FetchPart): void {
    const found = this.needs.leaders.find(topicId, partition, leaderEpoch);
    if ('leader' in found) this.unpark.push(found.partition.readers.add(this.wake));
  }

  private leaveParking(): void {
    for (const leave of this.unpark) leave();
    this.unpark = [];
  }
}

function positionOf(part: FetchPart) {
  return {
    fetchOffset: part.fetchOffset,
    currentLeaderEpoch: part.leaderEpoch,
    lastFetchedEpoch: part.lastFetchedEpoch ?? NO_EPOCH,
  };
}

function settledRead(
  part: FetchPart,
  found: LeaderHere,
  read: Exclude<ReplicaRead, { readonly outcome: 'cold' }>,
): Looked {
  if (read.outcome === 'refused')
    return {
      settled: { ...emptyPart(part, found), error: read.error, errorMessage: read.message },
      bytes: 0,
    };
  if (read.outcome === 'diverging')
    return { settled: { ...emptyPart(part, found), diverging: read.diverging }, bytes: 0 };
  return { settled: { ...emptyPart(part, found), records: read.records }, bytes: sizeOf(read.records) };
}

function emptyPart(part: FetchPart, { leader }: LeaderHere): PartResponse {
  return {
    topicId: part.topicId,
    partition: part.partition,
    error: 'NONE',
    errorMessage: null,
    highWatermark: leader.highWatermark,
    logStartOffset: leader.log.logStartOffset,
    diverging: null,
    leaderHint: -1,
    records: [],
  };
}

function outOfRange(part: FetchPart, found: LeaderHere): PartResponse {
  const { logStartOffset, logEndOffset } = found.leader.log;
  const errorMessage = `offset ${part.fetchOffset} is outside ${logStartOffset} to ${logEndOffset}`;
  return { ...emptyPart(part, found), error: 'OFFSET_OUT_OF_RANGE', errorMessage };
}

function refusedPart(
  part: FetchPart,
  error: KafkaErrorName,
  errorMessage: string,
  leaderHint: number,
): PartResponse {
  const { topicId, partition } = part;
  const unknown = { highWatermark: -1, logStartOffset: -1, diverging: null, records: [] };
  return { topicId, partition, error, errorMessage, ...unknown, leaderHint };
}
