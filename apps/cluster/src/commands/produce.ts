// Lines of a file or of the standard input become records.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { OdradekError, type ProducerRecord, type RecordPlace } from '@odradek/client';
import { type ClusterOptions, failureOfClient, withClient } from '../cluster-client.ts';
import { Failure, localFailure } from '../failure.ts';
import { counted, type Outcome } from '../output.ts';
import { createProgress } from '../progress.ts';
import type { Session } from '../session.ts';

interface ProduceOptions extends ClusterOptions {
  readonly file?: string;
  readonly keySeparator?: string;
  readonly partition?: number;
  readonly acks: 'all' | '1' | '0';
  readonly each?: boolean;
  readonly linger: number;
  readonly compression: 'none' | 'gzip';
}

/** Records sent and not yet acknowledged; beyond it no more lines are read. */
const maxUnacknowledged = 10_000;

/** `produce` */
export async function produce(
  session: Session,
  topic: string,
  options: ProduceOptions,
): Promise<Outcome | undefined> {
  return withClient(session, options, async (client) => {
    const producer = client.producer({
      acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
      lingerMs: options.linger,
      compression: options.compression,
      deliveryTimeoutMs: options.timeout,
    });
    const tally = new Tally(session, topic, options.each === true);
    const startedAt = performance.now();
    for await (const line of linesOf(session, options.file)) {
      if (session.ended.aborted || tally.failure !== undefined) break;
      const record = recordOf(topic, line, options);
      tally.sent(line);
      producer.send(record).then(
        (place) => tally.acknowledged(place),
        (error: unknown) => tally.failed(error),
      );
      await tally.room();
    }
    await producer.close();
    const durationMs = Math.round(performance.now() - startedAt);
    return tally.outcome(durationMs);
  });
}

function recordOf(topic: string, line: string, options: ProduceOptions): ProducerRecord {
  const { partition, keySeparator } = options;
  const at = keySeparator === undefined ? -1 : line.indexOf(keySeparator);
  const key = at < 0 ? null : line.slice(0, at);
  const value = at < 0 ? line : line.slice(at + (keySeparator?.length ?? 0));
  return { topic, key, value, ...(partition === undefined ? {} : { partition }) };
}

/** The lines of a file, unpacked if it is gzipped, or of the standard input. */
async function* linesOf(session: Session, file: string | undefined): AsyncGenerator<string> {
  if (file === undefined) {
    yield* createInterface({ input: session.input, crlfDelay: Number.POSITIVE_INFINITY });
    return;
  }
  const source = createReadStream(file);
  try {
    await new Promise<void>((resolve, reject) => source.once('open', () => resolve()).once('error', reject));
  } catch (error) {
    throw localFailure(
      'INVALID_REQUEST',
      `${file} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Counts what was sent and acknowledged. */
class Tally {
  failure: Failure | undefined;
  readonly #session: Session;
  readonly #topic: string;
  readonly #isEach: boolean;
  readonly #partitions = new Map<number, { firstOffset: number; lastOffset: number }>();
  readonly #progress;
  #sent = 0;
  #settled = 0;
  #records = 0;
  #bytes = 0;
  #roomMade: (() => void) | undefined;

  constructor(session: Session, topic: string, isEach: boolean) {
    this.#session = session;
    this.#topic = topic;
    this.#isEach = isEach;
    this.#progress = createProgress(session.terminal);
  }

  sent(line: string): void {
    this.#sent += 1;
    this.#bytes += Buffer.byteLength(line);
  }

  acknowledged({ partition, offset }: RecordPlace): void {
    this.#records += 1;
    const range = this.#partitions.get(partition);
    if (range === undefined) this.#partitions.set(partition, { firstOffset: offset, lastOffset: offset });
    else range.lastOffset = Math.max(range.lastOffset, offset);
    const { terminal } = this.#session;
    if (this.#isEach)
      terminal.print(
        terminal.isJson ? JSON.stringify({ partition, offset }) : `${this.#topic}-${partition} ${offset}`,
      );
    else this.#progress.show(() => `${counted(this.#records, 'record')} acknowledged`);
    this.#settle();
  }

  failed(error: unknown): void {
    this.failure ??=
      error instanceof OdradekError
        ? failureOfClient(error)
        : new Failure('UNKNOWN_SERVER_ERROR', 1, error instanceof Error ? error.message : String(error));
    this.#settle();
  }

  /** Resolves when another record may be sent. */
  async room(): Promise<void> {
    if (this.#sent - this.#settled < maxUnacknowledged) return;
    await new Promise<void>((resolve) => {
      this.#roomMade = resolve;
    });
  }

  outcome(durationMs: number): Outcome | undefined {
    this.#progress.clear();
    const { failure } = this;
    if (failure !== undefined)
      throw new Failure(
        failure.code,
        failure.exitCode,
        `${failure.message} (${this.#records} of ${counted(this.#sent, 'record')} acknowledged)`,
        failure.hint,
      );
    if (this.#isEach) return undefined;
    const partitions = [...this.#partitions]
      .map(([partition, range]) => ({ partition, ...range }))
      .sort((one, other) => one.partition - other.partition);
    const data = { records: this.#records, bytes: this.#bytes, durationMs, partitions };
    const places = partitions.map(
      (range) => `  ${this.#topic}-${range.partition}: offsets ${range.firstOffset} to ${range.lastOffset}`,
    );
    const text = [`${counted(this.#records, 'record')} acknowledged in ${durationMs} ms`, ...places].join(
      '\n',
    );
    return { data, text };
  }

  #settle(): void {
    this.#settled += 1;
    this.#roomMade?.();
    this.#roomMade = undefined;
  }
}
