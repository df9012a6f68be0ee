// Lines of a file or of the standard input become records.

import { createReadStream } from 'node:fs';
import { addAbortSignal, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OdradekError, type Producer, type ProducerRecord, type RecordPlace } from '@odradek/client';
import type { Setting } from '../arguments.ts';
import { type ClusterOptions, failureOfClient, type Hints, withClient } from '../cluster-client.ts';
import { Failure, localFailure, timeoutFailure, usageFailure } from '../failure.ts';
import { linesOf } from '../lines.ts';
import { counted, number, type Outcome } from '../output.ts';
import { createProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import { untilAborted } from '../signals.ts';
import { systemText } from '../system-text.ts';

interface ProduceOptions extends ClusterOptions {
  readonly file?: string;
  readonly key?: string;
  readonly keySeparator?: string;
  readonly header?: readonly Setting[];
  readonly partition?: number;
  readonly acks: 'all' | '1' | '0';
  readonly each?: boolean;
  readonly linger: number;
  readonly compression: 'none' | 'gzip';
}

/** Records sent and not yet acknowledged, and their bytes; beyond it no more lines are read. */
const maxUnacknowledged = 10_000;
const maxUnacknowledgedBytes = 32 * 1024 * 1024;
/** A longer line is no record: its end is not waited for. The topic's own limit is for its leader to tell. */
const maxRecordBytes = 16 * 1024 * 1024;
/** How long what was read may still take once one has said Ctrl-C. */
const endingMs = 2000;

const hints: Hints = {
  MESSAGE_TOO_LARGE: "The topic's max.message.bytes is the limit; 16 MiB at most are sent from here.",
  TIMEOUT: '--timeout is how long a record may take.',
};

/** `produce` */
export async function produce(
  session: Session,
  topic: string,
  options: ProduceOptions,
): Promise<Outcome | undefined> {
  if (options.keySeparator === '')
    throw usageFailure('--key-separator is empty: at least one character parts key and value');
  if (options.key !== undefined && options.keySeparator !== undefined)
    throw usageFailure('--key and --key-separator: a key is given, or each line has its own');
  return withClient(
    session,
    options,
    async (client) => {
      const producer = client.producer({
        acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
        lingerMs: options.linger,
        compression: options.compression,
        deliveryTimeoutMs: options.timeout,
        maxRequestSize: maxRecordBytes,
        bufferMemory: 4 * maxRecordBytes,
      });
      const tally = new Tally(session, topic, options.each === true);
      const startedAt = performance.now();
      const shape = shapeOf(options);
      const { ended } = session;
      session.endsByItself();
      void untilAborted(ended).then(() => tally.end());
      try {
        for await (const line of inputLines(session, options.file, ended)) {
          if (tally.failure !== undefined) break;
          const record = recordOf(topic, line, shape);
          tally.sent(line);
          producer.send(record).then(
            (place) => tally.acknowledged(line, place),
            (error: unknown) => tally.failed(line, error),
          );
          await tally.room();
        }
      } catch (error) {
        if (!ended.aborted) throw error;
      }
      await closeProducer(producer, ended);
      // Without a record nobody has asked for the topic yet.
      if (tally.isEmpty && !ended.aborted) await client.admin().describeTopic(topic);
      const durationMs = Math.round(performance.now() - startedAt);
      return tally.outcome(durationMs, ended);
    },
    hints,
  );
}

/** Waits until all that was read is settled. Ctrl-C ends the reading, and gives what was read a moment. */
async function closeProducer(producer: Producer, ended: AbortSignal): Promise<void> {
  const closed = producer.close();
  await Promise.race([closed, untilAborted(ended)]);
  if (ended.aborted) await producer.close({ timeoutMs: endingMs });
  await closed;
}

/** What all records of a command have in common. */
interface RecordShape {
  readonly key: string | null;
  readonly separator: Buffer | undefined;
  readonly common: Pick<ProducerRecord, 'partition' | 'headers'>;
}

function shapeOf({ key, keySeparator, header, partition }: ProduceOptions): RecordShape {
  return {
    key: key ?? null,
    separator: keySeparator === undefined ? undefined : Buffer.from(keySeparator),
    common: {
      ...(partition === undefined ? {} : { partition }),
      ...(header === undefined ? {} : { headers: header }),
    },
  };
}

function recordOf(topic: string, line: Buffer, { key, separator, common }: RecordShape): ProducerRecord {
  const at = separator === undefined ? -1 : line.indexOf(separator);
  if (separator === undefined || at < 0) return { topic, key, value: line, ...common };
  return { topic, key: line.subarray(0, at), value: line.subarray(at + separator.length), ...common };
}

/** The lines of a file, unpacked if it is gzipped, or of the standard input. */
async function* inputLines(
  session: Session,
  file: string | undefined,
  ended: AbortSignal,
): AsyncGenerator<Buffer> {
  if (file === undefined) {
    yield* linesOf(addAbortSignal(ended, session.input), maxRecordBytes);
    return;
  }
  const source = addAbortSignal(ended, createReadStream(file));
  // A pipeline hands an error on to the stream that is read.
  const input = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source;
  try {
    yield* linesOf(input, maxRecordBytes);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw localFailure('INVALID_REQUEST', `${file} cannot be read: ${systemText(error)}`);
  }
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
  #unsettledBytes = 0;
  #records = 0;
  #unknown = 0;
  #bytes = 0;
  #roomMade: (() => void) | undefined;
  #isEnding = false;

  constructor(session: Session, topic: string, isEach: boolean) {
    this.#session = session;
    this.#topic = topic;
    this.#isEach = isEach;
    this.#progress = createProgress(session.terminal);
  }

  get isEmpty(): boolean {
    return this.#sent === 0;
  }

  sent(line: Buffer): void {
    this.#sent += 1;
    this.#bytes += line.length;
    this.#unsettledBytes += line.length;
  }

  acknowledged(line: Buffer, { partition, offset }: RecordPlace): void {
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
    this.#settle(line);
  }

  failed(line: Buffer, error: unknown): void {
    if (error instanceof OdradekError && error.outcome === 'unknown') this.#unknown += 1;
    this.failure ??=
      error instanceof OdradekError
        ? failureOfClient(error, hints)
        : new Failure('UNKNOWN_SERVER_ERROR', 1, error instanceof Error ? error.message : String(error));
    this.#settle(line);
  }

  /** Resolves when another record may be sent. */
  async room(): Promise<void> {
    const isFull =
      this.#sent - this.#settled >= maxUnacknowledged || this.#unsettledBytes >= maxUnacknowledgedBytes;
    if (!isFull || this.#isEnding) return;
    await new Promise<void>((resolve) => {
      this.#roomMade = resolve;
    });
  }

  /** Nothing is worth waiting for any more. */
  end(): void {
    this.#isEnding = true;
    this.#roomMade?.();
  }

  outcome(durationMs: number, ended: AbortSignal): Outcome | undefined {
    this.#progress.clear();
    const { failure } = this;
    const unsent = this.#sent - this.#records - this.#unknown;
    const became = `${number(this.#records)} of ${counted(this.#sent, 'record')} acknowledged, ${number(this.#unknown)} unknown`;
    if (failure?.code === 'TIMEOUT' && ended.aborted)
      throw timeoutFailure(
        `ended by ${ended.reason}: ${became}, ${number(unsent)} not sent`,
        `What is unknown was sent and not answered within ${endingMs} ms: it may be in the log.`,
      );
    if (failure !== undefined)
      throw new Failure(failure.code, failure.exitCode, `${failure.message} (${became})`, failure.hint);
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

  #settle(line: Buffer): void {
    this.#settled += 1;
    this.#unsettledBytes -= line.length;
    this.#roomMade?.();
    this.#roomMade = undefined;
  }
}
