// What a supervisor says to the process of a node on its command line; `odradek broker` understands the same words.

import { parseArgs } from 'node:util';
import type { Setting } from '../arguments.ts';
import type { Watching } from './node-messages.ts';

export interface BrokerWords {
  /** The node's server.properties. */
  readonly config: string;
  /** Stronger than that file. */
  readonly set: readonly Setting[];
  readonly watch: Watching;
}

export function brokerWords({ config, set, watch }: BrokerWords): readonly string[] {
  return [
    ...['broker', '--config', config, '--supervised'],
    ...(watch === 'nothing' ? [] : ['--watch', watch]),
    ...set.flatMap(({ name, value }) => ['--set', `${name}=${value}`]),
  ];
}

const options = {
  config: { type: 'string' },
  supervised: { type: 'boolean' },
  watch: { type: 'string' },
  set: { type: 'string', multiple: true },
} as const;

/** Reads {@link brokerWords} again: nobody has typed them, so nothing in them is checked. */
export function readBrokerWords(words: readonly string[]): BrokerWords {
  const { values } = parseArgs({ args: [...words], options, allowPositionals: true });
  const set = (values.set ?? []).map((text) => {
    const at = text.indexOf('=');
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
  return { config: values.config ?? '', set, watch: (values.watch ?? 'nothing') as Watching };
}
