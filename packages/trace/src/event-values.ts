// What an event carries, as a few short values: why a guard said what it said is in them more often than not.

import type { EventObject } from 'xstate';
import { plainData } from './live/plain-data.ts';

/** A value by its place in the event: `body.epoch`, 7. */
export type EventValue = readonly [name: string, value: string | number | boolean | null];

/** A step is told a hundred times a second: what is deep or long is not looked into. */
const cut = { maxDepth: 4, maxEntries: 12, maxText: 60 };
const mostValues = 12;

/** The values of an event but for its type; of what is hidden, counted or named in {@link plainData} no more than that. */
export function eventValues(event: EventObject): EventValue[] {
  const values: EventValue[] = [];
  collect(plainData(event, cut), '', values);
  return values.filter(([name]) => name !== 'type');
}

function collect(value: unknown, name: string, into: EventValue[]): void {
  // The type is one of them.
  if (into.length > mostValues) return;
  if (Array.isArray(value)) into.push([name, listText(value)]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value))
      collect(inner, name === '' ? key : `${name}.${key}`, into);
  else if (isScalar(value)) into.push([name, value]);
}

function listText(values: readonly unknown[]): string {
  if (!values.every(isScalar)) return `(${values.length} items)`;
  const text = values.join(', ');
  return text.length <= cut.maxText ? `[${text}]` : `(${values.length} items)`;
}

function isScalar(value: unknown): value is EventValue[1] {
  return (
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  );
}
