// Arbitrary values of a field of the schema table.

import type { Field } from '@odradek/model';
import fc from 'fast-check';

/** Any value that a field may have. Records come as one piece or several; an empty run reads as no piece. */
export function anyValueOf(field: Field<unknown>): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'integer':
      return fc.maxSafeInteger();
    case 'float':
      return fc.double({ noNaN: true });
    case 'text':
      return fc.string({ unit: 'grapheme', maxLength: 40 });
    case 'flag':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 40 });
    case 'records':
      return fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 3 });
    case 'list':
      return field.of === undefined ? fc.constant([]) : fc.array(anyValueOf(field.of), { maxLength: 3 });
    case 'nullable':
      return field.of === undefined ? fc.constant(null) : fc.option(anyValueOf(field.of));
    case 'struct':
      return fc.record(
        Object.fromEntries(Object.entries(field.fields ?? {}).map(([name, of]) => [name, anyValueOf(of)])),
      );
  }
}

/** A value with its record runs joined, as it looks after a journey. */
export function arrived(field: Field<unknown>, value: unknown): unknown {
  if (field.kind === 'bytes') return Array.from(value as Uint8Array);
  if (field.kind === 'records') return [...(value as Uint8Array[])].flatMap((piece) => Array.from(piece));
  const { of } = field;
  if (field.kind === 'list' && of !== undefined)
    return (value as unknown[]).map((element) => arrived(of, element));
  if (field.kind === 'nullable' && of !== undefined) return value === null ? null : arrived(of, value);
  if (field.kind === 'struct') {
    const struct = value as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(field.fields ?? {}).map(([name, member]) => [name, arrived(member, struct[name])]),
    );
  }
  return value;
}

/** One buffer of a frame's pieces, as the other side receives it. */
export { joinedBytes as joined } from '@odradek/format';
