// One binary message: a msgpack envelope, then record bytes as they are.
//   [kind, api, version, correlation id, body by the schema, sizes of the record runs]  run 0  run 1 …
// A field of records holds the place of its run, so that runs of fields that are not known here are passed over.

import { msgpackEnd } from '@odradek/format';
import { type Field, struct, text } from '@odradek/model';
import { Packr } from 'msgpackr/pack';
// Of its own: in browsers the other has no reader.
import { Unpackr } from 'msgpackr/unpack';
import { WireError } from './errors.ts';
import { codecOf, type Plain, type RunSink, type RunSource, shown } from './field-codec.ts';
import type { FrameLimits } from './limits.ts';

/** What a frame is for. A number, once given, keeps its meaning. */
export const frameKinds = {
  request: 0,
  response: 1,
  /** The answer to a request that was not even tried: its body is {@link refusedBody}. */
  refusal: 2,
  ping: 3,
  pong: 4,
  hello: 5,
  greeting: 6,
  proof: 7,
  welcome: 8,
} as const;

export type FrameKind = keyof typeof frameKinds;

const kindByNumber: ReadonlyMap<unknown, FrameKind> = new Map(
  Object.keys(frameKinds)
    .filter(isFrameKind)
    .map((name) => [frameKinds[name], name]),
);

function isFrameKind(name: string): name is FrameKind {
  return Object.hasOwn(frameKinds, name);
}

/** The version of every message so far. Fields added at the end need no new one. */
export const MESSAGE_VERSION = 0;

/** Why a request was not tried: Kafka's error name, and what is allowed. */
export const refusedBody = struct({ error: text, message: text });

/** The pieces of a frame, to be sent as one message. */
export interface EncodedFrame {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
}

/** A frame that came in, its body not looked at yet. */
export interface Frame {
  readonly kind: FrameKind;
  readonly api: number;
  readonly version: number;
  readonly correlationId: number;
  readonly body: unknown;
  readonly runs: RunSource;
}

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** A body in the form that goes into an envelope, its records beside it. */
export interface EncodedBody extends RunSink {
  readonly plain: Plain;
}

/** A body as {@link bodyOf} takes it apart again. Throws a FormatError where it is not as its schema has it. */
export function encodeBody<T>(kind: FrameKind, api: number, field: Field<T>, body: T): EncodedBody {
  const sink: RunSink = { sizes: [], pieces: [] };
  const plain = codecOf(field, kind, api).encode(body, sink);
  return { plain, sizes: sink.sizes, pieces: sink.pieces };
}

/** Makes a frame. Record bytes are not copied: its pieces are the envelope and the pieces of the records themselves. */
export function encodeFrame<T>(
  kind: FrameKind,
  api: number,
  correlationId: number,
  field: Field<T>,
  body: T,
): EncodedFrame {
  const { plain, sizes, pieces } = encodeBody(kind, api, field, body);
  const parts: Plain = [frameKinds[kind], api, MESSAGE_VERSION, correlationId, plain, sizes];
  const envelope: Uint8Array = packr.pack(parts);
  let byteLength = envelope.length;
  for (const size of sizes) byteLength += size;
  return { pieces: [envelope, ...pieces], byteLength };
}

/** A value in its one encoding, for what is signed. */
export function encodePlain(plain: Plain): Uint8Array {
  return packr.pack(plain);
}

/** Takes a frame apart; its record runs are slices of `bytes`. Throws a {@link WireError}. */
export function decodeFrame(
  bytes: Uint8Array,
  limits: FrameLimits,
  maxFrameBytes = limits.maxFrameBytes,
): Frame {
  if (bytes.length > maxFrameBytes)
    throw new WireError(`a frame of ${bytes.length} bytes; at most ${maxFrameBytes} are allowed`);
  const end = msgpackEnd(bytes, limits, wrong);
  const parts: unknown = unpackr.unpack(bytes, { start: 0, end });
  if (!Array.isArray(parts)) throw new WireError('an envelope must be an array');
  const [kind, api, version, correlationId, body, sizes]: unknown[] = parts;
  return {
    kind: kindOf(kind),
    api: count(api, 'api'),
    version: count(version, 'version'),
    correlationId: count(correlationId, 'correlation id'),
    body,
    runs: runsOf(bytes, end, sizes),
  };
}

/** The body of a frame, checked by its schema. Throws a {@link WireError}. */
export function bodyOf<T>(frame: Frame, field: Field<T>): T {
  const decoded = codecOf(field, frame.kind, frame.api).decode(frame.body, frame.runs);
  // The codec was made from the field: what it lets through is a value of the field's type.
  return decoded as T;
}

function wrong(reason: string): WireError {
  return new WireError(reason);
}

function kindOf(value: unknown): FrameKind {
  const name = kindByNumber.get(value);
  if (name === undefined) throw new WireError(`a frame of unknown kind ${shown(value)}`);
  return name;
}

function count(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new WireError(`the ${name} of an envelope must be an integer from 0`);
  return value;
}

/** Of most messages. */
const noRuns: RunSource = { count: 0, run: () => new Uint8Array(0) };

/** Together the runs must be exactly what follows the envelope. */
function runsOf(bytes: Uint8Array, start: number, sizes: unknown): RunSource {
  if (!Array.isArray(sizes)) throw new WireError('an envelope must end with the sizes of its record runs');
  if (sizes.length === 0 && start === bytes.length) return noRuns;
  const ends: number[] = [];
  let end = start;
  for (const size of sizes) {
    end += count(size, 'size of a record run');
    ends.push(end);
  }
  if (end !== bytes.length)
    throw new WireError(`the record runs end at byte ${end}, the frame at ${bytes.length}`);
  return {
    count: ends.length,
    run: (index) => bytes.subarray(ends[index - 1] ?? start, ends[index]),
  };
}
