// What a node's settings are, and where each value comes from.

import { readFileSync } from 'node:fs';
import {
  type Configuration,
  ConfigurationError,
  type ConfigurationSource,
  environmentSource,
  fileSource,
  flagSource,
  resolveConfiguration,
  type SettingName,
  settings,
} from '@odradek/model';
import type { Setting } from '../arguments.ts';
import { usageFailure } from '../failure.ts';
import { type Outcome, table } from '../output.ts';
import type { Session } from '../session.ts';
import { systemText } from '../system-text.ts';

/** Where a node's settings come from, the weakest first: defaults, a file, `KAFKA_*`, flags. */
export interface ConfigurationOptions {
  readonly config?: string;
  readonly set?: readonly Setting[];
}

/** Reads a node's configuration. What is wrong is said all at once, each with its place and what is allowed. */
export function readConfiguration(
  environment: NodeJS.ProcessEnv,
  { config, set = [] }: ConfigurationOptions,
): Configuration {
  const sources: ConfigurationSource[] = [];
  if (config !== undefined) sources.push(fileSource(config, textOf(config)));
  sources.push(environmentSource(environment));
  sources.push(flagSource(Object.fromEntries(set.map(({ name, value }) => [name, value]))));
  return resolved(sources);
}

/** Puts sources together; what is wrong fails as a wrong use does. */
export function resolved(sources: readonly ConfigurationSource[]): Configuration {
  try {
    return resolveConfiguration(sources);
  } catch (error) {
    if (error instanceof ConfigurationError)
      throw usageFailure(
        error.problems.join('\n  '),
        '`odradek config show` lists every setting and what it may be.',
      );
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageFailure(`the configuration ${path} cannot be read: ${systemText(error)}`);
  }
}

interface ShowOptions extends ConfigurationOptions {
  readonly origin?: boolean;
}

/** `config show` */
export async function showConfiguration(
  { terminal, environment }: Session,
  options: ShowOptions,
): Promise<Outcome> {
  // A node's id has no default; without a file there is no node to speak of yet.
  const id = flagSource({ 'node.id': '0' }, 'example');
  const given = options.config === undefined ? [id] : [fileSource(options.config, textOf(options.config))];
  const flags = flagSource(Object.fromEntries((options.set ?? []).map(({ name, value }) => [name, value])));
  const configuration = resolved([...given, environmentSource(environment), flags]);
  const entries = [...configuration.origins].map(([name, { text, origin }]) => ({
    name,
    value: text,
    origin,
    ...about(name),
  }));
  const rows = entries.map((entry) =>
    options.origin === true
      ? [entry.name, entry.value, entry.origin, settings[entry.name].isDynamic ? 'at once' : 'at a restart']
      : [entry.name, entry.value],
  );
  const headings = options.origin === true ? ['setting', 'value', 'origin', 'changes'] : ['setting', 'value'];
  const warnings = configuration.warnings.map((warning) => `warning: ${warning}`);
  const data = { settings: entries, warnings: configuration.warnings };
  return { data, text: [table(terminal, headings, rows), ...warnings].join('\n') };
}

function about(name: SettingName): object {
  const { type, default: initial, allowed, isDynamic, isPerBroker, text } = settings[name];
  return { type, default: initial ?? null, allowed, isDynamic, isPerBroker, text };
}
