// How values of the primitive types are written and read.

import { type ByteReader, type ByteWriter, textBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import type { FieldDefinition } from './definition.ts';

/** How a value of one field is written and read in one version. */
export interface ValueCodec {
  readonly write: (value: unknown, writer: ByteWriter) => void;
  readonly read: (reader: ByteReader) => unknown;
}

/** What a field is in one version. */
export interface FieldSituation {
  readonly field: FieldDefinition;
  /** Whether the version writes lengths as varints, and tagged fields. */
  readonly isFlexible: boolean;
  readonly isNullable: boolean;
  readonly isTagged: boolean;
}

/** The refusal of a value that is not of its field's type. */
export function mismatch(field: FieldDefinition, value: unknown): FormatError {
  return new FormatError(
    'CORRUPT',
    `${field.name} must be ${field.type}, it is ${value === null ? 'null' : typeof value}`,
  );
}

/** The codec of a primitive type; undefined if the field's type is another. */
export function primitiveCodec(situation: FieldSituation): ValueCodec | undefined {
  switch (situation.field.type) {
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'float64':
      return numberCodec(situation.field, situation.field.type);
    case 'bool':
      return boolCodec(situation.field);
    case 'uuid':
      return uuidCodec(situation.field);
    case 'string':
      return bytesCodec(situation, true, (reader, length) => reader.text(length));
    case 'bytes':
    case 'records':
      return bytesCodec(situation, false, (reader, length) => reader.bytes(length));
    default:
      return undefined;
  }
}

type NumberType = 'int8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'float64';

function numberCodec(field: FieldDefinition, type: NumberType): ValueCodec {
  return {
    write: (value, writer) => {
      if (typeof value !== 'number') throw mismatch(field, value);
      writer[type](value);
    },
    read: (reader) => reader[type](),
  };
}

function boolCodec(field: FieldDefinition): ValueCodec {
  return {
    write: (value, writer) => {
      if (typeof value !== 'boolean') throw mismatch(field, value);
      writer.int8(value ? 1 : 0);
    },
    read: (reader) => reader.int8() !== 0,
  };
}

function uuidCodec(field: FieldDefinition): ValueCodec {
  return {
    write: (value, writer) => {
      if (typeof value !== 'string') throw mismatch(field, value);
      writer.uuid(value);
    },
    read: (reader) => reader.uuid(),
  };
}

function bytesCodec(
  situation: FieldSituation,
  isShort: boolean,
  readBody: (reader: ByteReader, length: number) => unknown,
): ValueCodec {
  const { field } = situation;
  const length = lengthCodec(situation, isShort);
  return {
    write: (value, writer) => {
      if (value === null) {
        length.write(-1, writer);
        return;
      }
      const bytes = typeof value === 'string' ? textBytes(value) : value;
      if (!(bytes instanceof Uint8Array)) throw mismatch(field, value);
      length.write(bytes.length, writer);
      writer.bytes(bytes);
    },
    read: (reader) => {
      const claimed = length.read(reader);
      return claimed === -1 ? null : readBody(reader, claimed);
    },
  };
}

/** -1 stands for null, which is refused where the field cannot be null. */
export interface LengthCodec {
  readonly write: (length: number, writer: ByteWriter) => void;
  readonly read: (reader: ByteReader) => number;
}

/** Strings, bytes and arrays begin with their length: int16 or int32, or in flexible versions a varint of one more. */
export function lengthCodec(situation: FieldSituation, isShort: boolean): LengthCodec {
  const { field, isFlexible, isNullable } = situation;
  return {
    write: (length, writer) => {
      if (length === -1 && !isNullable) throw mismatch(field, null);
      if (isFlexible) writer.unsignedVarint(length + 1);
      else if (isShort) writer.int16(length);
      else writer.int32(length);
    },
    read: (reader) => {
      const length = isFlexible ? reader.unsignedVarint() - 1 : isShort ? reader.int16() : reader.int32();
      if (length === -1 && !isNullable) throw mismatch(field, null);
      if (length < -1) throw new FormatError('CORRUPT', `${field.name} has length ${length}`);
      return length;
    },
  };
}
