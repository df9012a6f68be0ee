// Kafka's small text files: leader epochs, offsets by partition, a partition's topic id, the marker of a clean shutdown. All of them
// are hints that may be stale, missing or torn (D10): what cannot be read is undefined, never an error.

import { textBytes } from '@odradek/format';
import type { BrokerEpoch, EpochHistory, EpochStart, Offset, TopicId } from '@odradek/model';

const VERSION = 0;
const decoder = new TextDecoder('utf-8');

/** The lines of a checkpoint after version and count, or undefined when the file is not whole. */
function linesOf(bytes: Uint8Array): readonly string[] | undefined {
  const [version, count, ...lines] = decoder.decode(bytes).split('\n');
  if (Number(version) !== VERSION || count === undefined || !/^\d+$/.test(count)) return undefined;
  const entries = lines.slice(0, Number(count));
  return entries.length === Number(count) && lines[Number(count)] === '' ? entries : undefined;
}

function checkpoint(lines: readonly string[]): Uint8Array {
  return textBytes(`${VERSION}\n${lines.length}\n${lines.map((line) => `${line}\n`).join('')}`);
}

function integers(line: string): number[] | undefined {
  const numbers = line.split(' ').map(Number);
  return numbers.every((number) => Number.isSafeInteger(number)) ? numbers : undefined;
}

/** `leader-epoch-checkpoint`. */
export function encodeEpochs(epochs: EpochHistory): Uint8Array {
  return checkpoint(epochs.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`));
}

export function decodeEpochs(bytes: Uint8Array): EpochHistory | undefined {
  const lines = linesOf(bytes);
  if (lines === undefined) return undefined;
  const epochs: EpochStart[] = [];
  for (const line of lines) {
    const [epoch, startOffset, ...more] = integers(line) ?? [];
    if (epoch === undefined || startOffset === undefined || more.length > 0) return undefined;
    const last = epochs.at(-1);
    if (last !== undefined && (last.epoch >= epoch || last.startOffset > startOffset)) return undefined;
    epochs.push({ epoch, startOffset });
  }
  return epochs;
}

/** An offset of a partition, by its directory's name (`orders-0`). */
export type OffsetsByLog = ReadonlyMap<string, Offset>;

/** `replication-offset-checkpoint` and its like: one line for each partition. */
export function encodeOffsets(offsets: OffsetsByLog): Uint8Array {
  const lines = [...offsets].map(([log, offset]) => {
    const dash = log.lastIndexOf('-');
    return `${log.slice(0, dash)} ${log.slice(dash + 1)} ${offset}`;
  });
  return checkpoint(lines);
}

export function decodeOffsets(bytes: Uint8Array): OffsetsByLog | undefined {
  const lines = linesOf(bytes);
  if (lines === undefined) return undefined;
  const offsets = new Map<string, Offset>();
  for (const line of lines) {
    // Searched from the end rather than split: a broker has ten thousand lines in each of three files.
    const last = line.lastIndexOf(' ');
    const first = line.lastIndexOf(' ', last - 1);
    const topic = line.slice(0, Math.max(0, first));
    const partition = Number(line.slice(first + 1, last));
    const offset = Number(line.slice(last + 1));
    const isWhole = topic !== '' && !topic.includes(' ') && first < last;
    if (!isWhole || !Number.isSafeInteger(partition) || !Number.isSafeInteger(offset)) return undefined;
    offsets.set(`${topic}-${partition}`, offset);
  }
  return offsets;
}

/** `partition.metadata`. */
export function encodePartitionMetadata(topicId: TopicId): Uint8Array {
  return textBytes(`version: ${VERSION}\ntopic_id: ${topicId}`);
}

export function decodePartitionMetadata(bytes: Uint8Array): TopicId | undefined {
  return /^version: 0\ntopic_id: ([\w-]{22})\s*$/.exec(decoder.decode(bytes))?.[1];
}

/** `.kafka_cleanshutdown`: the broker epoch of the run that ended in order (C9). */
export function encodeCleanShutdown(brokerEpoch: BrokerEpoch): Uint8Array {
  return textBytes(JSON.stringify({ version: VERSION, brokerEpoch }));
}

export function decodeCleanShutdown(bytes: Uint8Array): BrokerEpoch | undefined {
  const fields = decodeJson(bytes);
  const brokerEpoch = fields?.brokerEpoch;
  return fields?.version === VERSION && typeof brokerEpoch === 'number' ? brokerEpoch : undefined;
}

/** The fields of a JSON object, or undefined when the bytes are none. */
export function decodeJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Torn or foreign: as good as missing (D10).
    return undefined;
  }
}
