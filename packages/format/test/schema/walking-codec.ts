// The plain reading of a message definition: walks it on every call. What the compiled plans must agree with, byte for byte.

import { ByteReader, ByteWriter, textBytes } from '../../src/bytes.ts';
import { FormatError } from '../../src/errors.ts';
import {
  type FieldDefinition,
  includesVersion,
  type MessageDefinition,
  type MessageValue,
  valueName,
} from '../../src/schema/definition.ts';
import { ZERO_UUID } from '../../src/uuid.ts';

interface Walk {
  readonly version: number;
  readonly flexible: boolean;
  readonly structs: ReadonlyMap<string, readonly FieldDefinition[]>;
}

/** The bytes of a message's body in one version. A field that is not given is written as its default. */
export function walkAndEncode(
  definition: MessageDefinition,
  version: number,
  value: MessageValue,
): Uint8Array {
  const writer = new ByteWriter();
  writeStruct(walkOf(definition, version), definition.fields, value, writer);
  return writer.take();
}

/** Reads a message's body; refuses bytes left over. Unknown tagged fields are skipped (X2). */
export function walkAndDecode(
  definition: MessageDefinition,
  version: number,
  bytes: Uint8Array,
): MessageValue {
  const reader = new ByteReader(bytes);
  const value = readStruct(walkOf(definition, version), definition.fields, reader);
  reader.end();
  return value;
}

function walkOf(definition: MessageDefinition, version: number): Walk {
  if (!includesVersion(definition.validVersions, version)) {
    throw new FormatError(
      'UNSUPPORTED',
      `${definition.name} version ${version}: known are ${definition.validVersions}`,
    );
  }
  const structs = new Map((definition.commonStructs ?? []).map((struct) => [struct.name, struct.fields]));
  return { version, flexible: includesVersion(definition.flexibleVersions, version), structs };
}

const isTagged = (walk: Walk, field: FieldDefinition): boolean =>
  includesVersion(field.taggedVersions, walk.version);
const isPresent = (walk: Walk, field: FieldDefinition): boolean =>
  includesVersion(field.versions, walk.version);
const elementOf = (field: FieldDefinition): FieldDefinition => {
  const { nullableVersions: _, default: __, ...rest } = field;
  return { ...rest, type: field.type.slice(2) };
};

function taggedFields(walk: Walk, fields: readonly FieldDefinition[]): readonly FieldDefinition[] {
  return fields
    .filter((field) => isPresent(walk, field) && isTagged(walk, field))
    .sort((one, other) => (one.tag ?? 0) - (other.tag ?? 0));
}

function untaggedFields(walk: Walk, fields: readonly FieldDefinition[]): readonly FieldDefinition[] {
  return fields.filter((field) => isPresent(walk, field) && !isTagged(walk, field));
}

function structFields(walk: Walk, field: FieldDefinition): readonly FieldDefinition[] {
  const fields = field.fields ?? walk.structs.get(field.type);
  if (fields === undefined)
    throw new FormatError('UNSUPPORTED', `type "${field.type}" of ${field.name} is not known`);
  return fields;
}

/** What a field is when nobody gave it. */
function defaultOf(walk: Walk, field: FieldDefinition): unknown {
  const given = field.default;
  if (given === null) return null;
  if (field.type.startsWith('[]')) return [];
  switch (field.type) {
    case 'string':
      return given ?? '';
    case 'bool':
      return given === true || given === 'true';
    case 'uuid':
      return given ?? ZERO_UUID;
    case 'bytes':
    case 'records':
      return new Uint8Array(0);
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'float64':
      return Number(given ?? 0);
    default: {
      const fields = structFields(walk, field).filter((one) => isPresent(walk, one));
      return Object.fromEntries(fields.map((one) => [valueName(one), defaultOf(walk, one)]));
    }
  }
}

function writeStruct(
  walk: Walk,
  fields: readonly FieldDefinition[],
  value: MessageValue,
  writer: ByteWriter,
): void {
  for (const field of untaggedFields(walk, fields))
    writeField(walk, field, given(walk, field, value), writer);
  if (!walk.flexible) return;
  const written = taggedFields(walk, fields).filter(
    (field) => !sameValue(given(walk, field, value), defaultOf(walk, field)),
  );
  writer.unsignedVarint(written.length);
  for (const field of written) {
    const body = new ByteWriter();
    writeField(walk, field, given(walk, field, value), body);
    writer.unsignedVarint(field.tag ?? 0);
    writer.unsignedVarint(body.length);
    writer.bytes(body.take());
  }
}

function given(walk: Walk, field: FieldDefinition, value: MessageValue): unknown {
  const name = valueName(field);
  return Object.hasOwn(value, name) && value[name] !== undefined ? value[name] : defaultOf(walk, field);
}

function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => sameValue((one as MessageValue)[key], (other as MessageValue)[key]))
  );
}

function mismatch(field: FieldDefinition, value: unknown): FormatError {
  return new FormatError(
    'CORRUPT',
    `${field.name} must be ${field.type}, it is ${value === null ? 'null' : typeof value}`,
  );
}

function expectNullable(walk: Walk, field: FieldDefinition): void {
  if (!includesVersion(field.nullableVersions, walk.version)) throw mismatch(field, null);
}

/** Strings, bytes and arrays begin with their length: int16 or int32, or in flexible versions a varint of one more. */
function writeLength(walk: Walk, short: boolean, length: number, writer: ByteWriter): void {
  if (walk.flexible) writer.unsignedVarint(length + 1);
  else if (short) writer.int16(length);
  else writer.int32(length);
}

function writeField(walk: Walk, field: FieldDefinition, value: unknown, writer: ByteWriter): void {
  if (field.type.startsWith('[]')) {
    writeArray(walk, field, value, writer);
    return;
  }
  switch (field.type) {
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'float64':
      if (typeof value !== 'number') throw mismatch(field, value);
      writer[field.type](value);
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(field, value);
      writer.int8(value ? 1 : 0);
      return;
    case 'uuid':
      if (typeof value !== 'string') throw mismatch(field, value);
      writer.uuid(value);
      return;
    case 'string':
    case 'bytes':
    case 'records': {
      if (value === null) expectNullable(walk, field);
      const bytes = typeof value === 'string' ? textBytes(value) : value;
      if (bytes !== null && !(bytes instanceof Uint8Array)) throw mismatch(field, value);
      writeLength(walk, field.type === 'string', bytes === null ? -1 : bytes.length, writer);
      if (bytes !== null) writer.bytes(bytes);
      return;
    }
    default:
      writeNested(walk, field, value, writer);
  }
}

function writeArray(walk: Walk, field: FieldDefinition, value: unknown, writer: ByteWriter): void {
  if (value === null) expectNullable(walk, field);
  else if (!Array.isArray(value)) throw mismatch(field, value);
  writeLength(walk, false, value === null ? -1 : value.length, writer);
  const element = elementOf(field);
  for (const one of value ?? []) writeField(walk, element, one, writer);
}

function writeNested(walk: Walk, field: FieldDefinition, value: unknown, writer: ByteWriter): void {
  if (value === null) expectNullable(walk, field);
  else if (typeof value !== 'object') throw mismatch(field, value);
  if (includesVersion(field.nullableVersions, walk.version)) {
    if (isTagged(walk, field)) writer.unsignedVarint(value === null ? 0 : 1);
    else writer.int8(value === null ? -1 : 1);
  }
  if (value !== null) writeStruct(walk, structFields(walk, field), value as MessageValue, writer);
}

function readStruct(walk: Walk, fields: readonly FieldDefinition[], reader: ByteReader): MessageValue {
  const value: Record<string, unknown> = {};
  for (const field of untaggedFields(walk, fields)) value[valueName(field)] = readField(walk, field, reader);
  if (!walk.flexible) return value;
  const tagged = taggedFields(walk, fields);
  for (const field of tagged) value[valueName(field)] = defaultOf(walk, field);
  // A tagged field takes at least its tag and its size.
  const count = reader.checkCount(reader.unsignedVarint(), 2);
  let leastTag = 0;
  for (let index = 0; index < count; index++) {
    const tag = reader.unsignedVarint();
    if (tag < leastTag) throw new FormatError('CORRUPT', `tag ${tag} at ${reader.position}: tags ascend`);
    leastTag = tag + 1;
    const length = reader.unsignedVarint();
    const field = tagged.find((one) => one.tag === tag);
    if (field === undefined) reader.bytes(length);
    else value[valueName(field)] = reader.part(length, (body) => readField(walk, field, body));
  }
  return value;
}

function readLength(walk: Walk, short: boolean, field: FieldDefinition, reader: ByteReader): number {
  const length = walk.flexible ? reader.unsignedVarint() - 1 : short ? reader.int16() : reader.int32();
  if (length === -1) expectNullable(walk, field);
  else if (length < 0) throw new FormatError('CORRUPT', `${field.name} has length ${length}`);
  return length;
}

function readField(walk: Walk, field: FieldDefinition, reader: ByteReader): unknown {
  if (field.type.startsWith('[]')) return readArray(walk, field, reader);
  switch (field.type) {
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'float64':
    case 'uuid':
      return reader[field.type]();
    case 'bool':
      return reader.int8() !== 0;
    case 'string': {
      const length = readLength(walk, true, field, reader);
      return length === -1 ? null : reader.text(length);
    }
    case 'bytes':
    case 'records': {
      const length = readLength(walk, false, field, reader);
      return length === -1 ? null : reader.bytes(length);
    }
    default:
      return readNested(walk, field, reader);
  }
}

function readArray(walk: Walk, field: FieldDefinition, reader: ByteReader): readonly unknown[] | null {
  const length = readLength(walk, false, field, reader);
  if (length === -1) return null;
  const element = elementOf(field);
  const values: unknown[] = [];
  for (let left = reader.checkCount(length, 1); left > 0; left--)
    values.push(readField(walk, element, reader));
  return values;
}

function readNested(walk: Walk, field: FieldDefinition, reader: ByteReader): MessageValue | null {
  if (includesVersion(field.nullableVersions, walk.version)) {
    const isNull = isTagged(walk, field) ? reader.unsignedVarint() === 0 : reader.int8() < 0;
    if (isNull) return null;
  }
  return readStruct(walk, structFields(walk, field), reader);
}
