// The compiled plans against their twin, which walks the definition on each call: same bytes, same values, same refusals.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  type FieldDefinition,
  includesVersion,
  type MessageDefinition,
  type MessageValue,
} from '../../src/index.ts';
import { valueName } from '../../src/schema/definition.ts';
import { walkAndDecode, walkAndEncode } from './walking-codec.ts';

const file = gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/messages.json.gz'))).toString();
const kafkas = Object.values(JSON.parse(file) as Record<string, { definition: MessageDefinition }>).map(
  ({ definition }) => definition,
);

const inner: readonly FieldDefinition[] = [
  { name: 'Id', type: 'uuid', versions: '0+' },
  { name: 'Children', type: '[]Shared', versions: '0+' },
];

/** What Kafka's definitions above do not have: every type, tagged and not, nullable and not, a struct that holds its own kind. */
const everything: MessageDefinition = {
  name: 'Everything',
  validVersions: '0-3',
  flexibleVersions: '2+',
  commonStructs: [{ name: 'Shared', fields: inner }],
  fields: [
    { name: 'Byte', type: 'int8', versions: '0+', default: '-1' },
    { name: 'Long', type: 'int64', versions: '1-2', default: 7 },
    { name: 'Float', type: 'float64', versions: '0+' },
    { name: 'Port', type: 'uint16', versions: '0+' },
    { name: 'Count', type: 'uint32', versions: '0+' },
    { name: 'Text', type: 'string', versions: '0+', nullableVersions: '1+', default: 'some' },
    { name: 'Blob', type: 'bytes', versions: '0+', nullableVersions: '0+', default: null },
    { name: 'Batch', type: 'records', versions: '0+' },
    { name: 'Tree', type: 'Shared', versions: '0+', nullableVersions: '1+' },
    { name: 'Numbers', type: '[]int32', versions: '0+', nullableVersions: '0+' },
    { name: 'Late', type: 'bool', versions: '2+', tag: 3, taggedVersions: '2+', default: 'true' },
    { name: 'Tags', type: '[]string', versions: '2+', tag: 0, taggedVersions: '2+' },
    {
      ...{ name: 'Own', type: 'OwnKind', versions: '2+', tag: 1, taggedVersions: '3', nullableVersions: '3' },
      fields: [{ name: 'Short', type: 'int16', versions: '2+', default: 5 }, ...inner],
    },
    { name: 'Plain', type: 'Shared', versions: '2+', tag: 2, taggedVersions: '2+' },
  ],
};

type Definitions = Pick<MessageDefinition, 'commonStructs'>;

const primitives: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  uint16: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.maxSafeInteger(),
  float64: fc.double(),
  bool: fc.boolean(),
  uuid: fc.constantFrom('A'.repeat(22), `${'B'.repeat(21)}A`, `${'-'.repeat(21)}w`),
  string: fc.string({ unit: 'grapheme', maxLength: 9 }),
  bytes: fc.uint8Array({ maxLength: 9 }),
  records: fc.uint8Array({ maxLength: 9 }),
};

function valuesOf(from: Definitions, field: FieldDefinition, depth: number): fc.Arbitrary<unknown> {
  if (field.type.startsWith('[]')) {
    const element = { ...field, type: field.type.slice(2) };
    return depth > 3 ? fc.constant([]) : fc.array(valuesOf(from, element, depth + 1), { maxLength: 3 });
  }
  const struct = from.commonStructs?.find(({ name }) => name === field.type);
  return primitives[field.type] ?? structOf(from, field.fields ?? struct?.fields ?? [], depth + 1);
}

/** Fields may be left out, null, or once in a while of a wrong type. */
function structOf(
  from: Definitions,
  fields: readonly FieldDefinition[],
  depth = 0,
): fc.Arbitrary<MessageValue> {
  const model = fields.map((field) => [
    valueName(field),
    fc.oneof(
      { arbitrary: valuesOf(from, field, depth), weight: 60 },
      { arbitrary: fc.constant(null), weight: field.nullableVersions === undefined ? 1 : 10 },
      { arbitrary: fc.constantFrom(undefined, 'some', 1.5, true, {}), weight: 1 },
    ),
  ]);
  return fc.record(Object.fromEntries(model), { requiredKeys: [] });
}

/** What came of it: a value or the words of the refusal. */
function outcome<Result>(action: () => Result): Result | string {
  try {
    return action();
  } catch (error) {
    return String(error);
  }
}

const versions = [...Array(15).keys()];

describe.each([...kafkas, everything])('twins: $name', (definition) => {
  const value = structOf(definition, definition.fields);
  const valid = versions.filter((version) => includesVersion(definition.validVersions, version));

  it('write the same bytes, or refuse in the same words', () => {
    fc.assert(
      fc.property(fc.constantFrom(...versions), value, (version, given) => {
        expect(outcome(() => encodeMessage(definition, version, given))).toEqual(
          outcome(() => walkAndEncode(definition, version, given)),
        );
      }),
    );
  });

  it('X2: read the same values, from damaged bytes too', () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 2 });
    fc.assert(
      fc.property(fc.constantFrom(...valid), value, damage, (version, given, changes) => {
        const bytes = outcome(() => encodeMessage(definition, version, given));
        fc.pre(typeof bytes !== 'string');
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        const read = outcome(() => decodeMessage(definition, version, bytes));
        expect(read).toEqual(outcome(() => walkAndDecode(definition, version, bytes)));
        if (typeof read !== 'string')
          expect(Object.keys(read)).toEqual(Object.keys(walkAndDecode(definition, version, bytes)));
      }),
    );
  });
});

describe('plans that are kept', () => {
  const definition: MessageDefinition = { ...everything, name: 'Kept' };

  it('hand out arrays and structs of their own each time', () => {
    const empty = encodeMessage(definition, 3, {});
    const [one, other] = [decodeMessage(definition, 3, empty), decodeMessage(definition, 3, empty)];
    expect(one).toEqual(other);
    for (const name of ['tags', 'plain', 'numbers']) expect(one[name]).not.toBe(other[name]);
  });

  it('write after a refusal as if nothing had been', () => {
    const before = encodeMessage(definition, 3, { text: 'a' });
    expect(() => encodeMessage(definition, 3, { text: 'abc', tags: ['b', 1] })).toThrow(
      /Tags must be string/,
    );
    expect(encodeMessage(definition, 3, { text: 'a' })).toEqual(before);
  });

  it('are of one version each, and none of a version that there is not', () => {
    expect(encodeMessage(definition, 0, {})).not.toEqual(encodeMessage(definition, 2, {}));
    for (const version of [-1, 4, Number.NaN])
      expect(() => encodeMessage(definition, version, {})).toThrow(/known are 0-3/);
  });
});
