// The language in which the live messages' encoding is written: each field says how it is put into a positional array and how it is
// taken out of one, checked. Names that repeat are sent once, as numbers of a table from then on.

import type { StateValue } from 'xstate';

/** What msgpack carries without maps. */
export type Plain = string | number | boolean | null | readonly Plain[];

/** What came over a stream is damaged, or not of a stream at all; the message says where. */
export class LiveStreamError extends Error {
  override readonly name = 'LiveStreamError';
}

/** Where names get their numbers. */
export interface NameNumbers {
  numberOf(name: string): number;
}

/** And their names back. Throws a {@link LiveStreamError} for a number that has none. */
export interface NamesByNumber {
  nameOf(number: number): string;
}

export interface FieldCodec<T> {
  put(value: T, names: NameNumbers): Plain;
  take(plain: unknown, names: NamesByNumber): T;
}

function wrong(what: string): LiveStreamError {
  return new LiveStreamError(what);
}

/** A text that does not repeat. */
export const text: FieldCodec<string> = {
  put: (value) => value,
  take(plain) {
    if (typeof plain !== 'string') throw wrong('is no text');
    return plain;
  },
};

/** A text that repeats: a path, a state, an event. */
export const name: FieldCodec<string> = {
  put: (value, names) => names.numberOf(value),
  take(plain, names) {
    if (typeof plain !== 'number') throw wrong('is no name');
    return names.nameOf(plain);
  },
};

export const number: FieldCodec<number> = {
  put: (value) => value,
  take(plain) {
    if (typeof plain !== 'number') throw wrong('is no number');
    return plain;
  },
};

export const flag: FieldCodec<boolean> = {
  put: (value) => value,
  take(plain) {
    if (typeof plain !== 'boolean') throw wrong('is neither true nor false');
    return plain;
  },
};

/** A node's id, or clients. */
export const nodeOrClient: FieldCodec<number | 'client'> = {
  put: (value) => value,
  take(plain) {
    if (typeof plain !== 'number' && plain !== 'client') throw wrong('is no node');
    return plain;
  },
};

export function nullable<T>(codec: FieldCodec<T>): FieldCodec<T | null> {
  return {
    put: (value, names) => (value === null ? null : codec.put(value, names)),
    take: (plain, names) => (plain === null ? null : codec.take(plain, names)),
  };
}

/** One of some words, sent as its place among them: new words go to the end. */
export function oneOf<const Word extends string>(...words: readonly Word[]): FieldCodec<Word> {
  return {
    put: (value) => words.indexOf(value),
    take(plain) {
      const word = typeof plain === 'number' ? words[plain] : undefined;
      if (word === undefined) throw wrong(`is none of ${words.join(', ')}`);
      return word;
    },
  };
}

export function list<T>(codec: FieldCodec<T>): FieldCodec<readonly T[]> {
  return {
    put: (values, names) => values.map((value) => codec.put(value, names)),
    take(plain, names) {
      if (!Array.isArray(plain)) throw wrong('is no list');
      const taken: T[] = [];
      try {
        for (const value of plain) taken.push(codec.take(value, names));
      } catch (error) {
        throw placed(`[${taken.length}]`, error);
      }
      return taken;
    },
  };
}

export function pair<A, B>(first: FieldCodec<A>, second: FieldCodec<B>): FieldCodec<readonly [A, B]> {
  return {
    put: ([a, b], names) => [first.put(a, names), second.put(b, names)],
    take(plain, names) {
      if (!Array.isArray(plain) || plain.length !== 2) throw wrong('is no pair');
      return [first.take(plain[0], names), second.take(plain[1], names)];
    },
  };
}

/** A value of no parts. */
export const scalar: FieldCodec<string | number | boolean | null> = {
  put: (value) => value,
  take(plain) {
    if (plain === undefined || (typeof plain === 'object' && plain !== null)) throw wrong('is no value');
    if (typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean') return plain;
    return null;
  },
};

/** Data of any form: few, or far between. */
export function json<T>(isRight: (value: unknown) => value is T, what: string): FieldCodec<T> {
  return {
    put: (value) => JSON.stringify(value),
    take: (plain) => parsed(plain, isRight, what),
  };
}

/** The value of a machine: many actors have the same. */
export const stateValue: FieldCodec<StateValue> = {
  put: (value, names) => names.numberOf(JSON.stringify(value)),
  take: (plain, names) => stateNamed(name.take(plain, names)),
};

/** Thousands of actors are in few states; what was told is shared, and nobody changes it. */
const states = new Map<string, StateValue>();
const mostStates = 1000;

function stateNamed(text: string): StateValue {
  const known = states.get(text);
  if (known !== undefined) return known;
  const value = parsed(text, (one): one is StateValue => isStateValue(one), 'state');
  if (states.size === mostStates) states.clear();
  states.set(text, value);
  return value;
}

function parsed<T>(given: unknown, isRight: (value: unknown) => value is T, what: string): T {
  let value: unknown;
  try {
    value = typeof given === 'string' ? JSON.parse(given) : undefined;
  } catch {
    throw wrong(`is no JSON of a ${what}`);
  }
  if (!isRight(value)) throw wrong(`is no ${what}`);
  return value;
}

/** States nest no deeper in any machine that somebody wrote. */
const deepestState = 50;

/** Whether a value, parsed from elsewhere, is that of a machine. */
export function isStateValue(value: unknown, depth = deepestState): value is StateValue {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === 0) return false;
  return Object.values(value).every((child) => isStateValue(child, depth - 1));
}

type Fields<T> = { readonly [Key in keyof T]-?: FieldCodec<Exclude<T[Key], undefined>> };
type OptionalKeys<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Key : never }[keyof T];

/**
 * A record as a positional array, in the order in which the fields are written here. New fields go to the end: who does not know them
 * passes over them. An optional one that is absent is nil, and left out at the end.
 */
export function struct<T extends object>(
  fields: Fields<T>,
  ...optional: readonly (OptionalKeys<T> & string)[]
): FieldCodec<T> {
  const order = Object.entries(fields) as [keyof T & string, FieldCodec<unknown>][];
  const isOptional = new Set<string>(optional);
  const places = order.map(([key, codec]) => ({ key, codec, mayBeAbsent: isOptional.has(key) }));
  return {
    put(value, names) {
      const plain: Plain[] = order.map(([key, codec]) => {
        const field: unknown = value[key];
        return field === undefined ? null : codec.put(field, names);
      });
      while (plain.length > 0 && plain.at(-1) === null && isOptional.has(order[plain.length - 1]?.[0] ?? ''))
        plain.pop();
      return plain;
    },
    take(plain, names) {
      if (!Array.isArray(plain)) throw wrong('is no record');
      const taken: Record<string, unknown> = {};
      let at = 0;
      try {
        for (const { key, codec, mayBeAbsent } of places) {
          const field: unknown = plain[at];
          if (!mayBeAbsent || (field !== undefined && field !== null)) taken[key] = codec.take(field, names);
          at += 1;
        }
      } catch (error) {
        throw placed(`.${places[at]?.key}`, error);
      }
      return taken as T;
    },
  };
}

/** Says where in a message the damage is. */
export function within<T>(place: string, take: () => T): T {
  try {
    return take();
  } catch (error) {
    throw placed(place, error);
  }
}

/** The error with the place before its words, if it is of the stream. */
function placed(place: string, error: unknown): unknown {
  if (!(error instanceof LiveStreamError)) return error;
  const gap = /^[.[]/.test(error.message) ? '' : ' ';
  return wrong(`${place}${gap}${error.message}`);
}
