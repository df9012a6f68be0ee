// The commands that do on a terminal what the forms of a topic do here.

import type { Position } from '@odradek/client';
import type { Reading } from './record-reader.ts';

export interface WhatIsRead extends Pick<Reading, 'from' | 'filter' | 'isFollowing' | 'most'> {
  readonly topic: string;
  /** Undefined: of all partitions. */
  readonly partition: number | undefined;
}

export function consumeCommand({ topic, partition, from, filter, most, isFollowing }: WhatIsRead): string {
  return words('odradek consume', shellWord(topic), [
    ['partition', partition],
    ['from', positionText(from)],
    ['key-has', filter.key],
    ['value-has', filter.value],
    ['header-has', filter.header],
    ...(isFollowing ? [] : [['count', most] as const]),
  ]).concat(isFollowing ? ' --follow' : '');
}

export interface WhatIsProduced {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly key: string;
  readonly value: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** Undefined for a value of several lines: on the terminal each line is a record. */
export function produceCommand({
  topic,
  partition,
  key,
  value,
  headers,
}: WhatIsProduced): string | undefined {
  if (/[\r\n]/.test(value)) return undefined;
  const options = [
    ['partition', partition] as const,
    ['key', key] as const,
    ...headers.map((one) => ['header', `${one.name}=${one.value}`] as const),
  ];
  return `echo ${shellWord(value)} | ${words('odradek produce', shellWord(topic), options)}`;
}

type CommandOption = readonly [name: string, value: string | number | undefined];

function words(command: string, topic: string, options: readonly CommandOption[]): string {
  const given = options.filter(([, value]) => value !== undefined && value !== '');
  return [command, topic, ...given.map(([name, value]) => `--${name} ${shellWord(String(value))}`)].join(' ');
}

function positionText(position: Position): string {
  return typeof position === 'object' ? `@${new Date(position.timestamp).toISOString()}` : String(position);
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
