// Values on the command line. What is wrong is refused with what is allowed.

import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers within bounds. */
export function integerFrom(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
      throw new InvalidArgumentError(`A whole number from ${least}${upTo} is allowed.`);
    }
    return value;
  };
}

/** The path of a file or a directory. An empty one, as of a variable that is not set, would mean the directory one stands in. */
export function path(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('The path of a file or a directory is allowed.');
  return text;
}

/** A parser of one word out of several. */
export function oneWordOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined)
      throw new InvalidArgumentError(`Allowed ${words.length === 1 ? 'is' : 'are'} ${words.join(', ')}.`);
    return found;
  };
}

/** Of every command that finds a cluster of `up` on this machine. */
export const dataDirectory = [
  '--data-dir <directory>',
  'which cluster of `up`, if several run here: the one with this data directory; else the one begun last',
  path,
] as const;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port[,host:port…]`, as in Kafka's `bootstrap.servers`; IPv6 in brackets. */
export function endpoints(text: string): readonly Endpoint[] {
  return text.split(',').map((part) => {
    const match = /^\s*(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+)):(\d{1,5})\s*$/.exec(part);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host === undefined || port < 1 || port > 65_535)
      throw new InvalidArgumentError(`'${part}' is not HOST:PORT; allowed is HOST:PORT[,HOST:PORT…].`);
    return { host, port };
  });
}

/** A setting: `min.insync.replicas=2`. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

export function setting(text: string): Setting {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('NAME=VALUE is allowed.');
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** A header of a record: all behind the first equals sign is its value, blanks too. */
export function header(text: string): Setting {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('NAME=VALUE is allowed.');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Collects an option that may be given several times. */
export function collected<T>(
  parse: (text: string) => T,
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** Replicas by partition, the first of each the preferred leader: `1:2:3,2:3:1`. */
export function replicaAssignment(text: string): readonly (readonly number[])[] {
  return text.split(',').map((part) => {
    const replicas = part.split(':').map(Number);
    const isValid = /^\d+(:\d+)*$/.test(part.trim()) && new Set(replicas).size === replicas.length;
    if (!isValid)
      throw new InvalidArgumentError(
        `'${part}' is not a list of different broker ids; allowed is 1:2:3,2:3:1, one group for each partition.`,
      );
    return replicas;
  });
}

/** Where reading begins. */
export type StartPosition =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  | { readonly at: 'offset'; readonly offset: number }
  /** So many records before the end of each partition. */
  | { readonly at: 'before end'; readonly count: number }
  | { readonly at: 'time'; readonly timestampMs: number };

/** `earliest`, `latest`, an offset, `-N` or `@TIME` (milliseconds since 1970, or ISO 8601). */
export function startPosition(text: string): StartPosition {
  if (text === 'earliest' || text === 'latest') return { at: text };
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { at: 'offset', offset: Number(text) };
  if (/^-0+$/.test(text)) return { at: 'latest' };
  if (/^-\d+$/.test(text) && Number.isSafeInteger(Number(text)))
    return { at: 'before end', count: -Number(text) };
  if (text.startsWith('@')) {
    const time = text.slice(1);
    const timestampMs = /^\d+$/.test(time) ? Number(time) : Date.parse(time);
    if (Number.isSafeInteger(timestampMs)) return { at: 'time', timestampMs };
  }
  throw new InvalidArgumentError(
    'Allowed are earliest, latest, an offset, -N (N before the end), @MILLISECONDS or @2026-01-31T12:00Z.',
  );
}

/** A voter as it stands in `--voters`; one alone may leave out its directory id. */
export interface VoterText extends Endpoint {
  readonly id: number;
  readonly directoryId: string | undefined;
}

/** Kafka's form: `1@host:port:DIRECTORY_ID,2@…`. */
export function voterList(text: string): readonly VoterText[] {
  const voters = text.split(',').map((part): VoterText => {
    const match = /^(\d+)@(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]@\s]+)):(\d{1,5})(?::([A-Za-z0-9_-]{22}))?$/.exec(
      part.trim(),
    );
    const host = match?.[2] ?? match?.[3];
    const port = Number(match?.[4]);
    if (match === null || host === undefined || port < 1 || port > 65_535)
      throw new InvalidArgumentError(
        `'${part}' is not ID@HOST:PORT:DIRECTORY_ID; several are separated by commas.`,
      );
    return { id: Number(match[1]), host, port, directoryId: match[5] };
  });
  if (new Set(voters.map((voter) => voter.id)).size !== voters.length)
    throw new InvalidArgumentError('A voter is named twice.');
  return voters;
}
