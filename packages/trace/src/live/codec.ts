// Live messages as bytes. A frame is one msgpack array:
//   [sequence, first number of the new names, new names, messages]
// and each message an array of its kind's number and its fields. The names of a stream are numbered as they come; when the table is
// full, or the stream begins anew, numbers begin again at 0 and both sides forget. LIVE.md has it in words.

import { msgpackEnd } from '@odradek/format';
import { Packr } from 'msgpackr/pack';
// Of its own: in browsers the other has no reader.
import { Unpackr } from 'msgpackr/unpack';
import { LiveStreamError, type NameNumbers, type Plain, within } from './field-codec.ts';
import { lookedCodec, messageCodecs } from './message-codecs.ts';
import type { ActorLooked, LiveMessage } from './messages.ts';

/** What travels in a frame. */
export type Streamed = LiveMessage | ActorLooked;

/** One frame taken apart. */
export interface LiveFrame {
  /** Counts the frames of a stream from 1. */
  readonly sequence: number;
  readonly messages: readonly Streamed[];
}

/** The names of sessions, and so of actors, never end: with so many the table begins anew. */
const mostNames = 20_000;

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** Makes the frames of one stream. */
export class LiveEncoder {
  private readonly names = new NamesSent();
  private sequence = 0;

  /** The sequence number of the last frame; 0: none. */
  get last(): number {
    return this.sequence;
  }

  encode(messages: readonly Streamed[]): Uint8Array {
    this.sequence += 1;
    if (this.names.size > mostNames) this.names.forget();
    const first = this.names.size;
    const plain = messages.map((message) => putMessage(message, this.names));
    return packr.pack([this.sequence, first, this.names.since(first), plain]);
  }
}

/** Reads the frames of one stream, in their order. */
export class LiveDecoder {
  private readonly names: string[] = [];
  private sequence = 0;

  /** The sequence number of the last frame that was read; 0: none. */
  get last(): number {
    return this.sequence;
  }

  /** Throws a {@link LiveStreamError} that says what is wrong; the stream must begin anew then. */
  decode(bytes: Uint8Array): LiveFrame {
    const [sequence, first, added, messages] = partsOf(bytes);
    if (sequence !== this.sequence + 1)
      throw new LiveStreamError(`frame ${sequence} came after frame ${this.sequence}`);
    if (first !== this.names.length) {
      if (first !== 0)
        throw new LiveStreamError(`names from ${first} on came after ${this.names.length} names`);
      this.names.length = 0;
    }
    for (const name of added) this.names.push(name);
    const nameOf = (number: number): string => {
      const name = this.names[number];
      if (name === undefined) throw new LiveStreamError(`is name ${number} of ${this.names.length}`);
      return name;
    };
    const taken = messages.flatMap((message, index) =>
      within(`message ${index} of frame ${sequence}`, () => takeMessage(message, { nameOf })),
    );
    this.sequence = sequence;
    return { sequence, messages: taken };
  }
}

/** Numbers names in the order in which they were first used. */
class NamesSent implements NameNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly order: string[] = [];

  get size(): number {
    return this.order.length;
  }

  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const next = this.order.length;
    this.numbers.set(name, next);
    this.order.push(name);
    return next;
  }

  since(first: number): readonly string[] {
    return this.order.slice(first);
  }

  forget(): void {
    this.numbers.clear();
    this.order.length = 0;
  }
}

function putMessage(message: Streamed, names: NameNumbers): Plain {
  if ('answer' in message) return [lookedCodec.number, lookedCodec.codec.put(message, names)];
  const { number, codec } = messageCodecs[message.kind];
  // The codec found by a message's kind is the one of its type.
  return [number, (codec as { put(value: object, names: NameNumbers): Plain }).put(message, names)];
}

type Kind = LiveMessage['kind'];

const kindByNumber: ReadonlyMap<unknown, Kind> = new Map(
  Object.entries(messageCodecs).map(([kind, { number }]) => [number, kind as Kind]),
);

/** Of a kind that is not known here: nothing. */
function takeMessage(plain: unknown, names: { nameOf(number: number): string }): Streamed[] {
  if (!Array.isArray(plain)) throw new LiveStreamError('is no message');
  const [number, fields]: unknown[] = plain;
  if (number === lookedCodec.number) return [lookedCodec.codec.take(fields, names)];
  const kind = kindByNumber.get(number);
  if (kind === undefined) {
    if (typeof number !== 'number') throw new LiveStreamError('has no kind');
    return [];
  }
  const taken = within(`(${kind})`, () => messageCodecs[kind].codec.take(fields, names));
  return [{ kind, ...taken } as LiveMessage];
}

/** A picture of thirty thousand actors has some two hundred thousand values. */
const limits = { maxTextBytes: 4 * 1024 * 1024, maxValues: 20_000_000, maxDepth: 16 };

function partsOf(bytes: Uint8Array): [number, number, readonly string[], readonly unknown[]] {
  const end = msgpackEnd(bytes, limits, (reason) => new LiveStreamError(`a frame is damaged: ${reason}`));
  if (end !== bytes.length)
    throw new LiveStreamError(`a frame is damaged: it ends at byte ${end} of ${bytes.length}`);
  const parts: unknown = unpackr.unpack(bytes);
  if (!Array.isArray(parts)) throw new LiveStreamError('a frame is damaged: it is no array');
  const [sequence, first, names, messages]: unknown[] = parts;
  if (!isCount(sequence) || !isCount(first))
    throw new LiveStreamError('a frame is damaged: it has no number');
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new LiveStreamError('a frame is damaged: its names are no texts');
  if (!Array.isArray(messages)) throw new LiveStreamError('a frame is damaged: it has no messages');
  return [sequence, first, names, messages];
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
