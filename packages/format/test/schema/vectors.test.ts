import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  FormatError,
  type MessageDefinition,
  type MessageValue,
} from '../../src/index.ts';

interface Vector {
  readonly version: number;
  readonly instance: string;
  readonly json: MessageValue;
  readonly hex: string;
  readonly unknownTaggedFields?: readonly unknown[];
}

const file = gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/messages.json.gz'))).toString();
const messages = Object.entries(
  JSON.parse(file) as Record<string, { definition: MessageDefinition; vectors: readonly Vector[] }>,
);
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

describe.each(messages)('vectors: %s', (_name, { definition, vectors }) => {
  it.each(vectors)('version $version, $instance: reads what Kafka reads', ({ version, json, hex }) => {
    expect(decodeMessage(definition, version, bytesOf(hex))).toMatchObject(json);
  });

  it.each(vectors.filter((vector) => !vector.unknownTaggedFields))(
    'version $version, $instance: writes what Kafka writes',
    ({ version, json, hex }) => {
      expect(Buffer.from(encodeMessage(definition, version, json)).toString('hex')).toBe(hex);
    },
  );

  it('X2: a body cut anywhere is refused by a FormatError', () => {
    for (const { version, hex } of vectors.slice(0, 8)) {
      const bytes = bytesOf(hex);
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeMessage(definition, version, bytes.subarray(0, length))).toThrow(FormatError);
      }
    }
  });
});
