// Records that cannot join a batch yet: their topic is not known, or memory is full. Those of one topic stay in order.

import type { TimerHandle } from '@odradek/model';
import type { Cluster } from '../cluster/cluster.ts';
import { errorNamed, OdradekError } from '../errors.ts';
import type { Completion, EncodedRecord } from './batch.ts';

export interface WaitingRecord {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly record: EncodedRecord;
  readonly done: Completion;
}

interface Waiting extends WaitingRecord {
  readonly sinceMs: number;
}

/** A topic just created reaches every broker within moments; one that is still unknown then does not exist. */
export const UNKNOWN_TOPIC_PATIENCE_MS = 3000;

export class WaitingRecords {
  readonly #cluster: Cluster;
  readonly #maxBlockMs: number;
  readonly #accept: (record: WaitingRecord) => boolean;
  readonly #byTopic = new Map<string, Waiting[]>();
  #timer: TimerHandle | undefined;
  #isRetrying = false;

  constructor(cluster: Cluster, maxBlockMs: number, accept: (record: WaitingRecord) => boolean) {
    this.#cluster = cluster;
    this.#maxBlockMs = maxBlockMs;
    this.#accept = accept;
  }

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  hasAnyOf(topic: string): boolean {
    return this.#byTopic.has(topic);
  }

  add(record: WaitingRecord): void {
    const waiting = { ...record, sinceMs: this.#cluster.clock.nowMs() };
    const ofTopic = this.#byTopic.get(record.topic);
    if (ofTopic === undefined) this.#byTopic.set(record.topic, [waiting]);
    else ofTopic.push(waiting);
    if (this.#timer === undefined) this.#look();
  }

  /** Something has changed: takes in what now can be. */
  retry(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    for (const [topic, records] of this.#byTopic) {
      let accepted = 0;
      for (const record of records) {
        if (!this.#accept(record)) break;
        accepted += 1;
      }
      records.splice(0, accepted);
      if (records.length === 0) this.#byTopic.delete(topic);
    }
    this.#isRetrying = false;
    this.#giveUpOld();
  }

  fail(error: OdradekError): void {
    const all = [...this.#byTopic.values()].flat();
    this.#byTopic.clear();
    for (const record of all) record.done(error, -1, -1);
  }

  close(): void {
    if (this.#timer !== undefined) this.#cluster.clock.clearTimeout(this.#timer);
  }

  /** While records wait, looks from time to time whether they have waited too long. */
  #look(): void {
    const intervalMs = Math.max(Math.min(this.#maxBlockMs, UNKNOWN_TOPIC_PATIENCE_MS) / 4, 1);
    this.#timer = this.#cluster.clock.setTimeout(() => {
      this.#timer = undefined;
      this.retry();
      if (this.#byTopic.size > 0) this.#look();
    }, intervalMs);
  }

  #giveUpOld(): void {
    const nowMs = this.#cluster.clock.nowMs();
    for (const [topic, records] of [...this.#byTopic]) {
      const missing = this.#cluster.image.missing.get(topic);
      const patienceMs =
        missing === undefined ? this.#maxBlockMs : Math.min(this.#maxBlockMs, UNKNOWN_TOPIC_PATIENCE_MS);
      const old = records.filter((record) => nowMs - record.sinceMs >= patienceMs);
      if (old.length === 0) continue;
      records.splice(0, old.length);
      if (records.length === 0) this.#byTopic.delete(topic);
      const error =
        missing === undefined
          ? this.#blocked(topic)
          : errorNamed(missing.error, missing.message, `topic ${topic}`);
      for (const record of old) record.done(error, -1, -1);
    }
  }

  #blocked(topic: string): OdradekError {
    const why = this.#cluster.image.topics.has(topic)
      ? 'no memory became free'
      : 'nothing was learned about it';
    return new OdradekError('TIMEOUT', `topic ${topic}: ${why} within ${this.#maxBlockMs} ms`, {
      hint: 'bufferMemory and maxBlockMs are the limits',
    });
  }
}
