// A consumer that reads one partition from its beginning and follows it. Everything it is given is entered in the history.

import { readRecords, walkBatches } from '@odradek/format';
import type { ClientResponse, RecordBytes, TopicId } from '@odradek/model';
import type { ClientDoors } from './client-doors.ts';
import type { ClientHistory } from './client-history.ts';
import { type FoundPartition, PartitionFinder } from './partition-finder.ts';

const WAIT_MS = 200;
const TIMEOUT_MS = 1500;
const RETRY_MS = 30;

export interface ConsumerOptions {
  readonly name: string;
  readonly topic: string;
  readonly partition: number;
  /** Where it begins to read; by default at the beginning. */
  readonly from?: number;
  /** Told at each answer with records: the end of what was given (V8). */
  readonly given: (topicId: string, endOffset: number) => void;
  /** Told each record, for whoever wants a story. */
  readonly read?: (offset: number, value: string) => void;
  /** Told that the log parts from what was read. */
  readonly truncated?: (divergesAt: number, position: number) => void;
}

/** Making one takes longer than what it reads here. */
const decoder = new TextDecoder();

export class SimulatedConsumer {
  readonly #doors: ClientDoors;
  readonly #history: ClientHistory;
  readonly #finder: PartitionFinder;
  readonly #options: ConsumerOptions;
  #position = 0;
  #topicId: TopicId | undefined;
  #lastEpoch = -1;
  #isWanted = true;
  #lives = 1;
  /** Where the log was told to part from what had been read (KIP-320): an unclean election. */
  readonly truncations: { readonly divergesAt: number; readonly position: number }[] = [];

  constructor(doors: ClientDoors, history: ClientHistory, options: ConsumerOptions) {
    this.#doors = doors;
    this.#history = history;
    this.#finder = new PartitionFinder(doors);
    this.#options = options;
    this.#position = options.from ?? 0;
  }

  /** The partition it reads. */
  get name(): string {
    return `${this.#options.topic}-${this.#options.partition}`;
  }

  get position(): number {
    return this.#position;
  }

  start(): void {
    const { topic, partition } = this.#options;
    this.#finder.find(
      topic,
      partition,
      () => this.#isWanted,
      (found) => this.#fetch(found),
    );
  }

  stop(): void {
    this.#isWanted = false;
  }

  #fetch(found: FoundPartition): void {
    if (!this.#isWanted) return;
    const { topicId, leader, leaderEpoch } = found;
    if (this.#topicId !== undefined && topicId !== this.#topicId) this.#beginAt(0);
    this.#topicId = topicId;
    const partition = {
      topicId,
      partition: this.#options.partition,
      leaderEpoch,
      fetchOffset: this.#position,
      lastFetchedEpoch: this.#lastEpoch,
      maxBytes: 1 << 20,
    };
    const body = { maxWaitMs: WAIT_MS, minBytes: 1, maxBytes: 1 << 20, partitions: [partition] };
    this.#doors.ask(leader, { api: 'fetch', body }, TIMEOUT_MS, (reply) => {
      if (!this.#isWanted) return;
      if (reply.outcome === 'answered' && this.#take(reply.response)) this.#fetch(found);
      else this.#doors.time.after(RETRY_MS, () => this.start());
    });
  }

  /** Whether it may go on with the same leader. */
  #take({ error, partitions }: ClientResponse<'fetch'>): boolean {
    const [answer] = partitions;
    if (error !== 'NONE' || answer === undefined) return false;
    if (answer.diverging !== null) {
      this.#truncated(answer.diverging.endOffset);
      return true;
    }
    if (answer.error === 'OFFSET_OUT_OF_RANGE' && answer.logStartOffset > this.#position) {
      this.#beginAt(answer.logStartOffset);
      return true;
    }
    if (answer.error === 'OFFSET_OUT_OF_RANGE' && answer.highWatermark >= 0) {
      this.#truncated(Math.min(this.#position, answer.highWatermark));
      return false;
    }
    if (answer.error !== 'NONE') return false;
    this.#read(answer.topicId, answer.records);
    return true;
  }

  #truncated(divergesAt: number): void {
    this.truncations.push({ divergesAt, position: this.#position });
    this.#options.truncated?.(divergesAt, this.#position);
    this.#beginAt(Math.min(this.#position, divergesAt));
  }

  /** It knows that its log is another now: what it reads from here on is a new session's. */
  #beginAt(offset: number): void {
    this.#position = offset;
    this.#lastEpoch = -1;
    this.#lives++;
  }

  #read(topicId: string, records: RecordBytes): void {
    const { name, topic, partition, given } = this.#options;
    for (const piece of records)
      walkBatches(piece, (batch) => {
        if (batch.nextOffset <= this.#position) return;
        for (const { offset, value } of readRecords(batch)) {
          if (offset < this.#position || batch.isControl) continue;
          const text = value === null ? '' : decoder.decode(value);
          this.#history.give({
            consumer: `${name}#${this.#lives}`,
            partition: `${topic}-${partition}`,
            offset,
            value: text,
            topicId,
          });
          this.#options.read?.(offset, text);
        }
        this.#position = batch.nextOffset;
        this.#lastEpoch = batch.leaderEpoch;
      });
    if (records.length > 0) given(topicId, this.#position);
  }
}
