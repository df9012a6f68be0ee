// Records, from where one says, in the order of each partition. The log keeps nothing about its readers.

import {
  type Client,
  type Consumer,
  type ConsumerRecord,
  type Position,
  type RecordFilter,
  recordMatches,
  type TopicPartition,
} from '@odradek/client';
import type { StartPosition } from '../arguments.ts';
import { type ClusterOptions, type Hints, withClient } from '../cluster-client.ts';
import { confirmedEnd } from '../confirmed-end.ts';
import { refusedFailure, timeoutFailure } from '../failure.ts';
import type { Outcome } from '../output.ts';
import { type Encoding, encodedContent, textOf } from '../record-text.ts';
import type { Session } from '../session.ts';

interface ConsumeOptions extends ClusterOptions {
  readonly partition?: number;
  readonly from: StartPosition;
  readonly count?: number;
  readonly keyHas?: string;
  readonly valueHas?: string;
  readonly headerHas?: string;
  readonly follow?: boolean;
  readonly encoding: Encoding;
  readonly keySeparator?: string;
}

type Ends = ReadonlyMap<number, number>;

const pollMs = 250;

const hints: Hints = {
  OFFSET_OUT_OF_RANGE:
    '--from earliest reads from where the log begins; `odradek cluster status` lists what was lost.',
  UNKNOWN_TOPIC_ID: '--from earliest reads the topic that is there now, if one is.',
};

/** `consume` */
export async function consume(
  session: Session,
  topic: string,
  options: ConsumeOptions,
): Promise<Outcome | undefined> {
  await withClient(
    session,
    options,
    async (client) => {
      const partitions = await partitionsOf(client, topic, options.partition);
      const consumer = client.consumer();
      const ends = options.follow === true ? undefined : await endsOf(client, partitions, options);
      const from = positionOf(options.from);
      const within = ends === undefined ? partitions : thoseWithin(session, partitions, options.from, ends);
      consumer.assign(within.map((partition) => ({ ...partition, from })));
      await readOn(session, consumer, { ...options, partitions: within, ends });
    },
    hints,
  );
  return undefined;
}

async function partitionsOf(
  client: Client,
  topic: string,
  only: number | undefined,
): Promise<readonly TopicPartition[]> {
  if (only !== undefined) return [{ topic, partition: only }];
  const found = (await client.admin().listTopics()).find(({ name }) => name === topic);
  if (found === undefined)
    throw refusedFailure(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `there is no topic ${JSON.stringify(topic)}`,
      '`odradek topic list` shows those there are.',
    );
  return found.partitions.map(({ partition }) => ({ topic, partition }));
}

function positionOf(start: StartPosition): Position {
  switch (start.at) {
    case 'earliest':
    case 'latest':
      return start.at;
    case 'offset':
      return start.offset;
    case 'before end':
      return -start.count;
    case 'time':
      return { timestamp: start.timestampMs };
  }
}

/** Where each partition ends now: a reader that does not follow stops there. */
async function endsOf(
  client: Client,
  partitions: readonly TopicPartition[],
  { from, timeout }: ConsumeOptions,
): Promise<Ends> {
  const consumer = client.consumer();
  const found = await consumer.offsets(partitions, 'latest');
  await consumer.close();
  const ends = new Map<number, number>();
  for (const { topic, partition, offset } of found) {
    const isBeyond = from.at === 'offset' && from.offset > offset;
    const end = isBeyond ? await confirmedEnd(client, { topic, partition }, from.offset, timeout) : offset;
    ends.set(partition, end);
  }
  return ends;
}

/** The partitions that have the offset. Who had read beyond what is there now is told: silence would look like an end. */
function thoseWithin(
  { terminal }: Session,
  partitions: readonly TopicPartition[],
  from: StartPosition,
  ends: Ends,
): readonly TopicPartition[] {
  if (from.at !== 'offset') return partitions;
  const endOf = ({ partition }: TopicPartition): number => ends.get(partition) ?? 0;
  const beyond = partitions.filter((partition) => from.offset > endOf(partition));
  if (beyond.length === 0) return partitions;
  const found = beyond.map((one) => `${one.topic}-${one.partition} ends at ${endOf(one)}`).join(', ');
  const text = `offset ${from.offset} is beyond the log: ${found}`;
  if (beyond.length === partitions.length) throw refusedFailure('OFFSET_OUT_OF_RANGE', text);
  terminal.complain(`odradek: ${text}`);
  return partitions.filter((partition) => !beyond.includes(partition));
}

interface Reading extends ConsumeOptions {
  readonly partitions: readonly TopicPartition[];
  /** Undefined: no end, what comes later is read too. */
  readonly ends: Ends | undefined;
}

async function readOn(session: Session, consumer: Consumer, reading: Reading): Promise<void> {
  const { ends, partitions, count = Number.POSITIVE_INFINITY } = reading;
  const filter = filterOf(reading);
  let printed = 0;
  let heardAt = performance.now();
  const isDone = (): boolean =>
    ends !== undefined &&
    partitions.every(
      (partition) => (consumer.position(partition) ?? -1) >= (ends.get(partition.partition) ?? 0),
    );
  const { ended } = session;
  session.endsByItself();
  while (printed < count && !ended.aborted && !isDone()) {
    const records = await consumer.poll(pollMs);
    if (records.length > 0) heardAt = performance.now();
    else if (ends !== undefined && performance.now() - heardAt > reading.timeout)
      throw timeoutFailure(
        `no record came for ${reading.timeout} ms, and the end was not reached`,
        '`odradek cluster status` shows partitions without a leader.',
      );
    for (const record of records) {
      if (printed === count) break;
      if (ends !== undefined && record.offset >= (ends.get(record.partition) ?? 0)) continue;
      if (!recordMatches(record, filter)) continue;
      print(session, record, reading);
      printed += 1;
    }
  }
}

function filterOf({ keyHas, valueHas, headerHas }: ConsumeOptions): RecordFilter {
  return {
    ...(keyHas === undefined ? {} : { key: keyHas }),
    ...(valueHas === undefined ? {} : { value: valueHas }),
    ...(headerHas === undefined ? {} : { header: headerHas }),
  };
}

function print(
  { terminal }: Session,
  record: ConsumerRecord,
  { encoding, keySeparator }: ConsumeOptions,
): void {
  if (terminal.isJson) {
    const { partition, offset, timestamp } = record;
    const key = encodedContent(record.key, encoding);
    const value = encodedContent(record.value, encoding);
    const headers = record.headers.map((header) => [header.name, encodedContent(header.value, encoding)]);
    terminal.print(JSON.stringify({ partition, offset, timestamp, key, value, headers }));
    return;
  }
  const key = keySeparator === undefined ? '' : `${textOf(record.key, encoding)}${keySeparator}`;
  terminal.print(`${key}${textOf(record.value, encoding)}`);
}
