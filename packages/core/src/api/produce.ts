// Produce: one batch for each partition, answered when it is as safe as the client asked (L1, L6).

import { joinedBytes } from '@odradek/format';
import type {
  ClientRequest,
  ClientResponse,
  Clock,
  KafkaErrorName,
  Offset,
  RecordBytes,
} from '@odradek/model';
import type { Acks } from '@odradek/replication';
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
  /** The log of a partition that this broker leads has grown: followers' fetches that wait for it are answered. */
  appended(partition: HostedPartition): void;
}

/** Handles one request; `answer` is called once, when every partition's part is settled. */
export function produce(
  needs: ProduceNeeds,
  body: ProduceBody,
  answer: (response: ProduceResponse) => void,
): void {
  const acks = acksOf(body.acks);
  if (acks === undefined) {
    const errorMessage = `acks=${body.acks} is not known: allowed are -1 (all), 1 and 0`;
    answer({ error: 'INVALID_REQUIRED_ACKS', errorMessage, partitions: [] });
    return;
  }
  const twice = namedTwice(body.partitions);
  if (twice !== undefined) {
    answer({ ...twice, partitions: [] });
    return;
  }
  const waiting = new ProduceWait(body.partitions.length, answer);
  body.partitions.forEach((part, index) => {
    const outcome = appendPart(needs, part, acks);
    if ('settled' in outcome) waiting.settle(index, outcome.settled);
    else
      waitFor(needs, outcome, acks, body.timeoutMs, (error) =>
        waiting.settle(index, outcome.response(error)),
      );
  });
}

interface Appended {
  readonly partition: HostedPartition;
  readonly endOffset: Offset;
  response(error: KafkaErrorName): PartResponse;
}

function appendPart(
  { leaders, clock, appended, traffic }: ProduceNeeds,
  part: ProduceBody['partitions'][number],
  acks: Acks,
): { readonly settled: PartResponse } | Appended {
  const { topicId, partition: index } = part;
  const found = leaders.find(topicId, index, part.leaderEpoch);
  const refused = (
    error: KafkaErrorName,
    errorMessage: string,
    leaderHint = -1,
  ): { settled: PartResponse } => ({
    settled: {
      topicId,
      partition: index,
      error,
      errorMessage,
      baseOffset: -1,
      logStartOffset: -1,
      leaderHint,
    },
  });
  if ('error' in found) return refused(found.error, found.message, found.leaderHint);
  const { partition, leader } = found;
  const result = leader.produce(inOnePiece(part.records), acks, { wallMs: clock.wallMs(), origin: 'client' });
  if (result.outcome === 'refused') return refused(result.error, result.message);
  const endOffset = result.lastOffset + 1;
  if (result.outcome === 'appended') {
    const [records, bytes] = [endOffset - result.firstOffset, sizeOf(part.records)];
    partition.traffic.appended(records, bytes);
    traffic.appended(records, bytes);
    appended(partition);
  }
  const response = (error: KafkaErrorName): PartResponse => ({
    topicId,
    partition: index,
    error,
    errorMessage: null,
    // S50: where a record was appended says nothing as long as it may be cut again.
    baseOffset: error === 'NONE' ? result.firstOffset : -1,
    logStartOffset: leader.log.logStartOffset,
    leaderHint: -1,
  });
  return { partition, endOffset, response };
}

/** Calls `settled` once the batch is as safe as asked, or its outcome is not to be known here in time (L6). */
function waitFor(
  { deadlines }: ProduceNeeds,
  { partition, endOffset }: Appended,
  acks: Acks,
  timeoutMs: number,
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
  private readonly parts: (PartResponse | undefined)[];
  private readonly answer: (response: ProduceResponse) => void;
  private missing: number;

  constructor(count: number, answer: (response: ProduceResponse) => void) {
    this.parts = new Array<PartResponse | undefined>(count).fill(undefined);
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
