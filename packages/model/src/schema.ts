// A small language for messages: the one table from which their TypeScript types, their positional encoding and their
// checks all come. A field's place in its struct is its place on the wire: add at the end only.

export type FieldKind =
  | 'integer'
  | 'float'
  | 'text'
  | 'flag'
  | 'bytes'
  | 'records'
  | 'list'
  | 'nullable'
  | 'struct';

/** The description of a value of type T. `fallback` is what a message from an older peer, which lacks it, is read as. */
export interface Field<T> {
  readonly kind: FieldKind;
  readonly fallback: T;
  readonly of?: Field<unknown>;
  readonly fields?: Readonly<Record<string, Field<unknown>>>;
}

export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** Record batches as they lie in the log. Several pieces are one run of bytes; they are never copied together. */
export type RecordBytes = readonly Uint8Array[];

/** A safe integer, ±(2^53 - 1). */
export const integer: Field<number> = { kind: 'integer', fallback: 0 };
export const float: Field<number> = { kind: 'float', fallback: 0 };
export const text: Field<string> = { kind: 'text', fallback: '' };
export const flag: Field<boolean> = { kind: 'flag', fallback: false };
export const bytes: Field<Uint8Array> = { kind: 'bytes', fallback: new Uint8Array(0) };
/** Travels after the envelope, as it is. */
export const records: Field<RecordBytes> = { kind: 'records', fallback: [] };

/** An integer that reads as `fallback` when an older peer did not send it. */
export function integerOr(fallback: number): Field<number> {
  return { kind: 'integer', fallback };
}

/** Text from a closed set; others are refused by whoever reads it. */
export function oneOf<T extends string>(first: T, ..._others: readonly T[]): Field<T> {
  return { kind: 'text', fallback: first };
}

export function list<T>(of: Field<T>): Field<readonly T[]> {
  return { kind: 'list', fallback: [], of };
}

export function nullable<T>(of: Field<T>): Field<T | null> {
  return { kind: 'nullable', fallback: null, of };
}

export type StructOf<S extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [K in keyof S]: ValueOf<S[K]>;
};

export function struct<const S extends Readonly<Record<string, Field<unknown>>>>(
  fields: S,
): Field<StructOf<S>> {
  const fallback = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.fallback]));
  return { kind: 'struct', fallback: fallback as StructOf<S>, fields };
}

/** One API: a request and its response, under a number that never changes. */
export interface MessagePair<Request, Response> {
  readonly id: number;
  readonly request: Field<Request>;
  readonly response: Field<Response>;
}

export function message<Request, Response>(
  id: number,
  request: Field<Request>,
  response: Field<Response>,
): MessagePair<Request, Response> {
  return { id, request, response };
}

/** APIs by name. The types of what is said come from the table as well, once for all tables. */
export type MessageTable = Readonly<Record<string, MessagePair<unknown, unknown>>>;

/** A request with the name of its API; of several APIs, one of them. */
export type RequestIn<Table extends MessageTable, Api extends keyof Table> = {
  readonly [A in Api]: { readonly api: A; readonly body: ValueOf<Table[A]['request']> };
}[Api];

/** What one API answers. */
export type ResponseIn<Table extends MessageTable, Api extends keyof Table> = ValueOf<Table[Api]['response']>;

/** An answer with the name of its API, as a handler gives it. */
export type AnswerIn<Table extends MessageTable, Api extends keyof Table> = {
  readonly [A in Api]: { readonly api: A; readonly body: ResponseIn<Table, A> };
}[Api];
