// What an event carries, or an actor holds, as a few short values: why a guard said what it said is in them more often than not.

import { plainData } from './live/plain-data.ts';

/** A value by its place in the event: `body.epoch`, 7. */
export type EventValue = readonly [name: string, value: string | number | boolean | null];

/** A step is told a hundred times a second: what is deep or long is not looked into. */
const cut = { maxDepth: 4, maxEntries: 12, maxText: 60 };
const mostOfEvent = 12;

/** The values of an event, or of any message, but for its type; of what is hidden, counted or named in {@link plainData} no more than that. */
export function eventValues(event: unknown): EventValue[] {
  // The type is one of them.
  return flatValues(event, mostOfEvent + 1).filter(([name]) => name !== 'type');
}

/** So many values of a thing at most, by their places in it. */
export function flatValues(thing: unknown, most: number): EventValue[] {
  const values: EventValue[] = [];
  collect(plainData(thing, cut), '', values, most);
  return values;
}

function collect(value: unknown, name: string, into: EventValue[], most: number): void {
  if (into.length >= most) return;
  if (Array.isArray(value)) into.push([name, listText(value)]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value))
      collect(inner, name === '' ? key : `${name}.${key}`, into, most);
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
