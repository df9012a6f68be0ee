// Values by the schema table into positional arrays and back. A codec is made once for a field and kept; what comes in is
// checked against the field before anyone sees it (X11).

import { FormatError } from '@odradek/format';
import type { Field } from '@odradek/model';
import { WireError } from './errors.ts';

/** Takes runs of record bytes out of a message on its way out. */
export interface RunSink {
  /** Sizes in order; a field of records holds the place of its run here, or -1 when it is empty. */
  readonly sizes: number[];
  readonly pieces: Uint8Array[];
}

/** Gives the runs of a message that came in. */
export interface RunSource {
  readonly count: number;
  run(index: number): Uint8Array;
}

/** What msgpack knows, as far as we use it. */
export type Plain = null | boolean | number | string | Uint8Array | readonly Plain[];

export interface FieldCodec {
  /** Throws a FormatError unless `value` is such a value: the sender's mistake, never the peer's. */
  encode(value: unknown, sink: RunSink): Plain;
  /** Throws a {@link WireError} unless `plain` is such a value. */
  decode(plain: unknown, source: RunSource): unknown;
}

const codecs = new WeakMap<Field<unknown>, FieldCodec>();

/** The codec of a message's body. Errors call it by the kind and API of whoever asks first. */
export function codecOf(field: Field<unknown>, kind: string, api: number): FieldCodec {
  const known = codecs.get(field);
  if (known !== undefined) return known;
  const made = makeCodec(field, `${kind} ${api}`);
  codecs.set(field, made);
  return made;
}

function makeCodec(field: Field<unknown>, name: string): FieldCodec {
  switch (field.kind) {
    case 'integer':
      return scalar(name, 'an integer within ±(2^53 - 1)', isInteger);
    case 'float':
      return scalar(name, 'a number', isNumber);
    case 'text':
      return scalar(name, 'text', isText);
    case 'flag':
      return scalar(name, 'true or false', isFlag);
    case 'bytes':
      return scalar(name, 'bytes', isBytes);
    case 'records':
      return recordsCodec(name);
    case 'list':
      return listCodec(codecOfInner(field, `${name}[]`), name);
    case 'nullable':
      return nullableCodec(codecOfInner(field, name));
    case 'struct':
      return structCodec(field, name);
  }
}

/** Scalars are shared by all messages, so theirs are made anew to have the right name in errors. */
function codecOfInner(field: Field<unknown>, name: string): FieldCodec {
  if (field.of === undefined) throw new WireError(`${name}: a ${field.kind} of nothing`);
  return makeCodec(field.of, name);
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

function scalar<T extends Plain>(
  name: string,
  wanted: string,
  matches: (value: unknown) => value is T,
): FieldCodec {
  return {
    encode(value) {
      if (!matches(value)) throw unwritable(name, wanted, value);
      return value;
    },
    decode(plain) {
      if (!matches(plain)) throw refusal(name, wanted, plain);
      return plain;
    },
  };
}

function recordsCodec(name: string): FieldCodec {
  return {
    encode(value, sink) {
      if (!isArray(value)) throw unwritable(name, 'runs of record bytes', value);
      let size = 0;
      for (const piece of value) {
        if (!isBytes(piece)) throw unwritable(name, 'record bytes', piece);
        size += piece.length;
        if (piece.length > 0) sink.pieces.push(piece);
      }
      if (size === 0) return -1;
      return sink.sizes.push(size) - 1;
    },
    decode(plain, source) {
      if (plain === -1) return [];
      if (!isInteger(plain) || plain < 0 || plain >= source.count)
        throw refusal(name, `-1 or the place of one of ${source.count} record runs`, plain);
      return [source.run(plain)];
    },
  };
}

function listCodec(of: FieldCodec, name: string): FieldCodec {
  return {
    encode(value, sink) {
      if (!isArray(value)) throw unwritable(name, 'a list', value);
      const plain: Plain[] = [];
      for (const element of value) plain.push(of.encode(element, sink));
      return plain;
    },
    decode(plain, source) {
      if (!isArray(plain)) throw refusal(name, 'a list', plain);
      const values: unknown[] = [];
      for (const element of plain) values.push(of.decode(element, source));
      return values;
    },
  };
}

function nullableCodec(of: FieldCodec): FieldCodec {
  return {
    encode: (value, sink) => (value === null ? null : of.encode(value, sink)),
    decode: (plain, source) => (plain === null ? null : of.decode(plain, source)),
  };
}

function structCodec(field: Field<unknown>, name: string): FieldCodec {
  const members = Object.entries(field.fields ?? {}).map(([key, of]) => ({
    key,
    fallback: of.fallback,
    codec: makeCodec(of, `${name}.${key}`),
  }));
  return {
    encode(value, sink) {
      if (!isObject(value)) throw unwritable(name, 'a struct', value);
      // A loop, since every message of a broker passes here: it makes no function and no copy.
      const plain: Plain[] = [];
      for (const { key, codec } of members) plain.push(codec.encode(value[key], sink));
      return plain;
    },
    /** A longer array comes from a newer peer and is cut; a shorter one from an older: what is missing takes its fallback. */
    decode(plain, source) {
      if (!isArray(plain)) throw refusal(name, 'a struct', plain);
      const result: Record<string, unknown> = {};
      for (let i = 0; i < members.length; i++) {
        const member = members[i];
        if (member === undefined) break;
        result[member.key] = i < plain.length ? member.codec.decode(plain[i], source) : member.fallback;
      }
      return result;
    },
  };
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refusal(name: string, wanted: string, value: unknown): WireError {
  return new WireError(`${name} must be ${wanted}, not ${shown(value)}`);
}

function unwritable(name: string, wanted: string, value: unknown): FormatError {
  return new FormatError('OUT_OF_RANGE', `${name} must be ${wanted}, not ${shown(value)}`);
}

/** A value as an error shows it: short, and never the bytes of a client. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (isArray(value)) return `a list of ${value.length}`;
  if (isBytes(value)) return `${value.length} bytes`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
