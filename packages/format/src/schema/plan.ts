// What a message definition comes to in one version: which fields there are, in which order, and how each is written and read.

import type { ByteReader, ByteWriter } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { ZERO_UUID } from '../uuid.ts';
import {
  type FieldDefinition,
  includesVersion,
  type MessageDefinition,
  type MessageValue,
  valueName,
} from './definition.ts';
import {
  type FieldSituation,
  lengthCodec,
  mismatch,
  primitiveCodec,
  type ValueCodec,
} from './value-codecs.ts';
import { written } from './written.ts';

/** How a message or struct is written and read in one version. */
export interface StructPlan {
  readonly write: (value: MessageValue, writer: ByteWriter) => void;
  readonly read: (reader: ByteReader) => MessageValue;
  /** The struct with every field at its default: a new object each time. */
  readonly makeDefault: () => MessageValue;
}

interface FieldPlan extends ValueCodec {
  /** The field's name in a value. */
  readonly key: string;
  readonly tag: number;
  /** What the field is when nobody gave it; arrays and structs are made anew, they go out to callers. */
  readonly makeDefault: () => unknown;
}

/** The same for every field of a message. */
interface Version {
  readonly number: number;
  readonly isFlexible: boolean;
  readonly structs: ReadonlyMap<string, readonly FieldDefinition[]>;
}

/** The plan of one version, or an error when the definition does not have it. */
export function planOf(definition: MessageDefinition, version: number): StructPlan {
  if (!includesVersion(definition.validVersions, version)) {
    throw new FormatError(
      'UNSUPPORTED',
      `${definition.name} version ${version}: known are ${definition.validVersions}`,
    );
  }
  const structs = new Map((definition.commonStructs ?? []).map((struct) => [struct.name, struct.fields]));
  const isFlexible = includesVersion(definition.flexibleVersions, version);
  return structPlan({ number: version, isFlexible, structs }, definition.fields);
}

function structPlan(version: Version, definitions: readonly FieldDefinition[]): StructPlan {
  const fields = definitions
    .filter((field) => includesVersion(field.versions, version.number))
    .map((field) => ({
      isTagged: includesVersion(field.taggedVersions, version.number),
      plan: fieldPlan(version, field),
    }));
  const untagged = fields.filter(({ isTagged }) => !isTagged).map(({ plan }) => plan);
  const tagged = fields
    .filter(({ isTagged }) => isTagged)
    .map(({ plan }) => plan)
    .sort((one, other) => one.tag - other.tag);
  const { isFlexible } = version;
  return {
    write: (value, writer) => {
      for (const field of untagged) {
        const own = ownValue(value, field.key);
        field.write(own === undefined ? field.makeDefault() : own, writer);
      }
      if (isFlexible) writeTagged(tagged, value, writer);
    },
    read: (reader) => {
      const value: Record<string, unknown> = {};
      for (const field of untagged) value[field.key] = field.read(reader);
      if (isFlexible) readTagged(tagged, value, reader);
      return value;
    },
    makeDefault: () => Object.fromEntries(fields.map(({ plan }) => [plan.key, plan.makeDefault()])),
  };
}

/** What the value itself says of a field, not what it inherits. */
function ownValue(value: MessageValue, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Tagged fields are written where they differ from their defaults, by ascending tag. */
function writeTagged(tagged: readonly FieldPlan[], value: MessageValue, writer: ByteWriter): void {
  const differing = tagged.filter((field) => {
    const own = ownValue(value, field.key);
    const standard = field.makeDefault();
    return own !== undefined && !sameValue(own, standard);
  });
  writer.unsignedVarint(differing.length);
  for (const field of differing) {
    const body = written(field.write, value[field.key]);
    writer.unsignedVarint(field.tag);
    writer.unsignedVarint(body.length);
    writer.bytes(body);
  }
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

function readTagged(tagged: readonly FieldPlan[], value: Record<string, unknown>, reader: ByteReader): void {
  for (const field of tagged) value[field.key] = field.makeDefault();
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
    else value[field.key] = reader.part(length, field.read);
  }
}

function fieldPlan(version: Version, field: FieldDefinition): FieldPlan {
  const { write, read } = valueCodec(version, field);
  return { key: valueName(field), tag: field.tag ?? 0, write, read, makeDefault: defaultOf(version, field) };
}

function valueCodec(version: Version, field: FieldDefinition): ValueCodec {
  const situation: FieldSituation = {
    field,
    isFlexible: version.isFlexible,
    isNullable: includesVersion(field.nullableVersions, version.number),
    isTagged: includesVersion(field.taggedVersions, version.number),
  };
  if (field.type.startsWith('[]')) return arrayCodec(version, situation);
  return primitiveCodec(situation) ?? nestedCodec(version, situation);
}

/** Arrays shorter than this are made as long as they are. */
const KEPT_SMALL = 16;

function arrayCodec(version: Version, situation: FieldSituation): ValueCodec {
  const { field } = situation;
  const { nullableVersions: _, default: __, ...element } = field;
  const { write, read } = valueCodec(version, { ...element, type: field.type.slice(2) });
  const length = lengthCodec(situation, false);
  return {
    write: (value, writer) => {
      if (value === null) {
        length.write(-1, writer);
        return;
      }
      if (!Array.isArray(value)) throw mismatch(field, value);
      length.write(value.length, writer);
      for (const one of value) write(one, writer);
    },
    read: (reader) => {
      const claimed = length.read(reader);
      if (claimed === -1) return null;
      const count = reader.checkCount(claimed, 1);
      // An array that grows has room for sixteen more: of what is kept for each of thousands of partitions that would be most of it.
      const values = new Array<unknown>(count < KEPT_SMALL ? count : 0);
      for (let at = 0; at < count; at++) values[at] = read(reader);
      return values;
    },
  };
}

/** A struct inside a field. Where it may be null, a byte before it says whether it is there. */
function nestedCodec(version: Version, { field, isNullable, isTagged }: FieldSituation): ValueCodec {
  const planned = nestedPlan(version, field);
  return {
    write: (value, writer) => {
      if (value === null ? !isNullable : typeof value !== 'object') throw mismatch(field, value);
      if (isNullable && isTagged) writer.unsignedVarint(value === null ? 0 : 1);
      else if (isNullable) writer.int8(value === null ? -1 : 1);
      if (value !== null) planned().write(value as MessageValue, writer);
    },
    read: (reader) => {
      if (isNullable && (isTagged ? reader.unsignedVarint() === 0 : reader.int8() < 0)) return null;
      return planned().read(reader);
    },
  };
}

/** The plan of a field's struct, made when a value first needs it: a struct may hold its own kind. */
function nestedPlan(version: Version, field: FieldDefinition): () => StructPlan {
  let plan: StructPlan | undefined;
  return () => {
    if (plan !== undefined) return plan;
    const fields = field.fields ?? version.structs.get(field.type);
    if (fields === undefined)
      throw new FormatError('UNSUPPORTED', `type "${field.type}" of ${field.name} is not known`);
    plan = structPlan(version, fields);
    return plan;
  };
}

function defaultOf(version: Version, field: FieldDefinition): () => unknown {
  const given = field.default;
  if (given === null) return () => null;
  if (field.type.startsWith('[]')) return () => [];
  switch (field.type) {
    case 'string':
      return () => given ?? '';
    case 'bool':
      return () => given === true || given === 'true';
    case 'uuid':
      return () => given ?? ZERO_UUID;
    case 'bytes':
    case 'records':
      return () => new Uint8Array(0);
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'float64': {
      const number = Number(given ?? 0);
      return () => number;
    }
    default: {
      const planned = nestedPlan(version, field);
      return () => planned().makeDefault();
    }
  }
}
