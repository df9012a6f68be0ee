// Kafka's message definitions, as Kafka publishes them: data, from which {@link encodeMessage} and {@link decodeMessage} work.

import { FormatError } from '../errors.ts';

export interface FieldDefinition {
  readonly name: string;
  /** A primitive's name, a struct's, or either after `[]`. */
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly tag?: number;
  readonly taggedVersions?: string;
  readonly default?: unknown;
  readonly fields?: readonly FieldDefinition[];
}

export interface StructDefinition {
  readonly name: string;
  readonly versions?: string;
  readonly fields: readonly FieldDefinition[];
}

export interface MessageDefinition {
  readonly name: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly FieldDefinition[];
  readonly commonStructs?: readonly StructDefinition[];
}

/** A message or struct as a plain object, named as in Kafka's own JSON. */
export type MessageValue = { readonly [name: string]: unknown };

/** Whether `version` lies in a range in Kafka's notation: `none`, `3`, `1-4`, `2+`. */
export function includesVersion(range: string | undefined, version: number): boolean {
  if (range === undefined || range === 'none' || range === '') return false;
  const parts = /^(\d+)(?:(\+)|-(\d+))?$/.exec(range);
  if (parts === null) throw new FormatError('CORRUPT', `"${range}" is no range of versions: 3, 1-4 or 2+`);
  const first = Number(parts[1]);
  const last = parts[2] ? Number.POSITIVE_INFINITY : Number(parts[3] ?? first);
  return version >= first && version <= last;
}

/** A field's name in a value: Kafka's, with a small first letter. */
export function valueName(field: FieldDefinition): string {
  return field.name.charAt(0).toLowerCase() + field.name.slice(1);
}
