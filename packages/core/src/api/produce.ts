// Produce: one batch for each partition, answered when it is as safe as the client asked (L1, L6). What comes in one turn of the event
// loop, in whatever requests and of whomever, is one event for each leader.

import { joinedBytes } from '@odradek/format';
import type {
  ClientRequest,
  ClientResponse,
  Clock,
  KafkaErrorName,
  Offset,
  RecordBytes,
} from '@odradek/model';
import type { Acks, LeaderReplica } from '@odradek/replication';
import { sizeOf, type Traffic } from '../measures/traffic.ts';
import type { HostedPartition } from '../partition/hosted-partition.ts';
import type { Deadlines } from '../waiting/deadlines.ts';
import type { LeaderLookup } from './leader-lookup.ts';
import { namedTwice } from './named-twice.ts';

type ProduceBody = ClientRequest<'produce'>['body'];
type ProduceResponse = ClientResponse<'produce'>;
type PartResponse = ProduceResponse['partitions'][number];

/** What producing needs of the node. */
export interface ProduceNeeds {
  readonly leaders: LeaderLookup;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** Of the whole node. */
  readonly traffic: Traffic;
  /** Runs something after the present turn of the event loop. */
  soon(callback: () => void): void;
  /** The logs of partitions that this broker leads have grown: followers' fetches that wait for it are answered. */
  grown(partitions: readonly HostedPartition[]): void;
}

/** A batch for one partition, until the turn in which it came is over. */
interface Asked {
  readonly part: ProduceBody['partitions'][number];
  readonly acks: Acks;
  readonly timeoutMs: number;
  readonly settle: (response: PartResponse) => void;
}

/** Takes produce requests, and appends what came in one turn of the event loop together. */
export class ProduceDesk {
  private readonly needs: ProduceNeeds;
  private asked: Asked[] = [];

  constructor(needs: ProduceNeeds) {
    this.needs = needs;
  }

  /** `answer` is called once, when every partition's part is settled. */
  take(
    { acks: asked, timeoutMs, partitions }: ProduceBody,
    answer: (response: ProduceResponse) => void,
  ): void {
    const acks = acksOf(asked);
    if (acks === undefined) {
      const errorMessage = `acks=${asked} is not known: allowed are -1 (all), 1 and 0`;
      answer({ error: 'INVALID_REQUIRED_ACKS', errorMessage, partitions: [] });
      return;
    }
    const twice = namedTwice(partitions);
    if (twice !== undefined) {
      answer({ ...twice, partitions: [] });
      return;
    }
    const waiting = new ProduceWait(partitions.length, answer);
    const isFirst = this.asked.length === 0;
    partitions.forEach((part, index) => {
      this.asked.push({ part, acks, timeoutMs, settle: (response) => waiting.settle(index, response) });
    });
    if (isFirst && partitions.length > 0) this.needs.soon(() => this.endTurn());
  }

  private endTurn(): void {
    const { leaders, grown } = this.needs;
    const asked = this.asked;
    this.asked = [];
    const runs = new Map<HostedPartition, Run[]>();
    for (const one of asked) {
      const { topicId, partition: index, leaderEpoch } = one.part;
      const found = leaders.find(topicId, index, leaderEpoch);
      if ('error' in found) {
        one.settle(refusal(one, found.error, found.message, found.leaderHint));
        continue;
      }
      const { partition, leader } = found;
      const ofPartition = runs.get(partition) ?? [];
      runs.set(partition, ofPartition);
      const last = ofPartition.at(-1);
      if (last?.acks === one.acks) last.asked.push(one);
      else ofPartition.push({ leader, acks: one.acks, asked: [one] });
    }
    const partitions = [...runs].filter(([partition, ofPartition]) => this.append(partition, ofPartition));
    if (partitions.length > 0) grown(partitions.map(([partition]) => partition));
  }

  /** Returns whether the log has grown. */
  private append(partition: HostedPartition, runs: readonly Run[]): boolean {
    const { clock, traffic } = this.needs;
    const options = { wallMs: clock.wallMs(), origin: 'client' } as const;
    let hasGrown = false;
    for (const { leader, acks, asked } of runs) {
      const batches = asked.map(({ part }) => inOnePiece(part.records));
      const results = leader.produceTogether(batches, acks, options);
      results.forEach((result, at) => {
        const one = asked[at];
        if (one === undefined) return;
        if (result.outcome === 'refused') {
          const { error, message, mayBeInLog } = result;
          one.settle({ ...refusal(one, error, message), isRefused: mayBeInLog !== true });
          return;
        }
        const endOffset = result.lastOffset + 1;
        if (result.outcome === 'appended') {
          hasGrown = true;
          const [records, bytes] = [endOffset - result.firstOffset, sizeOf(one.part.records)];
          partition.traffic.appended(records, bytes);
          traffic.appended(records, bytes);
        }
        waitFor(this.needs, partition, endOffset, one, (error) =>
          one.settle(acceptance(one, error, result.firstOffset, leader.log.logStartOffset)),
        );
      });
    }
    return hasGrown;
  }
}

/** Batches for one partition that follow each other and ask for the same acks. */
interface Run {
  readonly leader: LeaderReplica;
  readonly acks: Acks;
  readonly asked: Asked[];
}

function refusal(
  { part: { topicId, partition } }: Asked,
  error: KafkaErrorName,
  errorMessage: string,
  leaderHint = -1,
): PartResponse {
  const nowhere = { baseOffset: -1, logStartOffset: -1 };
  return { topicId, partition, error, errorMessage, ...nowhere, leaderHint, isRefused: true };
}

function acceptance(
  { part: { topicId, partition } }: Asked,
  error: KafkaErrorName,
  firstOffset: Offset,
  logStartOffset: Offset,
): PartResponse {
  // S50: where a record was appended says nothing as long as it may be cut again.
  const baseOffset = error === 'NONE' ? firstOffset : -1;
  const place = { topicId, partition, baseOffset, logStartOffset, leaderHint: -1 };
  return { ...place, error, errorMessage: null, isRefused: false };
}

/** Calls `settled` once the batch is as safe as asked, or its outcome is not to be known here in time (L6). */
function waitFor(
  { deadlines }: ProduceNeeds,
  partition: HostedPartition,
  endOffset: Offset,
  { acks, timeoutMs }: Asked,
  settled: (error: KafkaErrorName) => void,
): void {
  const known = acks === 'none' ? 'NONE' : alreadySafe(partition, endOffset, acks);
  if (known !== undefined) {
    settled(known);
    return;
  }
  const waits = acks === 'all' ? partition.committedWaits : partition.flushedWaits;
  const giveUp = waits.add(endOffset, (error) => {
    deadline.cancel();
    settled(error);
  });
  const deadline = deadlines.after(timeoutMs, () => {
    giveUp();
    settled('REQUEST_TIMED_OUT');
  });
}

function alreadySafe(partition: HostedPartition, endOffset: Offset, acks: Acks): KafkaErrorName | undefined {
  const leader = partition.leader;
  if (leader === undefined) return 'NOT_LEADER_OR_FOLLOWER';
  if (acks === 'leader') return leader.log.flushedEndOffset >= endOffset ? 'NONE' : undefined;
  const commitment = leader.commitment(endOffset);
  if (commitment === 'waiting') return undefined;
  return commitment === 'committed' ? 'NONE' : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
}

function acksOf(acks: number): Acks | undefined {
  if (acks === -1) return 'all';
  if (acks === 1) return 'leader';
  return acks === 0 ? 'none' : undefined;
}

/** A batch is stamped and kept in one piece; it comes so from the wire, and only a test splits it. */
function inOnePiece(pieces: RecordBytes): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  return joinedBytes(pieces);
}

/** Collects the parts of one request. */
class ProduceWait {
  private readonly parts: (PartResponse | undefined)[] = [];
  private readonly answer: (response: ProduceResponse) => void;
  private missing: number;

  constructor(count: number, answer: (response: ProduceResponse) => void) {
    this.missing = count;
    this.answer = answer;
    if (count === 0) this.finish();
  }

  settle(index: number, part: PartResponse): void {
    if (this.parts[index] !== undefined) return;
    this.parts[index] = part;
    this.missing -= 1;
    if (this.missing === 0) this.finish();
  }

  private finish(): void {
    const partitions = this.parts.filter((part) => part !== undefined);
    this.answer({ error: 'NONE', errorMessage: null, partitions });
  }
}
