// A node's configuration: values from several sources, the strongest wins, each with its origin. All that is wrong is said at
// once, with where it stands and what is allowed.

import { nodeSettings } from './node-settings.ts';
import { parseProperties } from './properties.ts';
import type { Setting, SettingValue } from './setting.ts';
import { topicDefaults } from './topic-settings.ts';

/** Every setting of a node, by name. */
export const settings = { ...nodeSettings, ...topicDefaults } as const;

export type SettingName = keyof typeof settings;

type ValueOfSetting<S> = S extends Setting<infer T> ? T : never;

/** The value of every setting. */
export type ConfigurationValues = {
  readonly [Name in SettingName]: ValueOfSetting<(typeof settings)[Name]>;
};

/** Settings as texts, from one place. `isStrict`: a name that is not known is an error, not a warning. */
export interface ConfigurationSource {
  /** As it is told to the user: `server.properties`, `environment`, `flags` … */
  readonly origin: string;
  readonly entries: ReadonlyMap<string, string>;
  readonly isStrict: boolean;
}

export interface Configuration {
  readonly values: ConfigurationValues;
  /** The text of each value, and where it comes from: `default`, or a source's origin. */
  readonly origins: ReadonlyMap<SettingName, { readonly text: string; readonly origin: string }>;
  /** Names that nobody knows, where that may be: a Kafka file may have more than we need. */
  readonly warnings: readonly string[];
}

/** A value that is wrong: what, where, and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

export const settingNames: readonly SettingName[] = Object.keys(settings).filter(isSettingName);

/** The text of a configuration file in Java's notation. */
export function fileSource(origin: string, text: string): ConfigurationSource {
  return { origin, entries: parseProperties(text), isStrict: false };
}

/** `KAFKA_LOG_SEGMENT_BYTES` gives `log.segment.bytes`. What is no setting's name (`KAFKA_HEAP_OPTS`) is not looked at. */
export function environmentSource(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationSource {
  const entries = new Map<string, string>();
  for (const name of settingNames) {
    const value = environment[`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`];
    if (value !== undefined) entries.set(name, value);
  }
  return { origin: 'environment', entries, isStrict: true };
}

/** Settings named by the user one by one. */
export function flagSource(entries: Readonly<Record<string, string>>, origin = 'flags'): ConfigurationSource {
  return { origin, entries: new Map(Object.entries(entries)), isStrict: true };
}

/** Puts sources together, the weakest first. Throws a {@link ConfigurationError} that says all that is wrong. */
export function resolveConfiguration(sources: readonly ConfigurationSource[]): Configuration {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const source of sources) {
    for (const name of source.entries.keys()) {
      if (isSettingName(name)) continue;
      const where = source.isStrict ? problems : warnings;
      where.push(unknownName(name, settingNames, source.origin));
    }
  }
  const values = new Map<string, SettingValue>();
  const origins = new Map<SettingName, { readonly text: string; readonly origin: string }>();
  for (const name of settingNames) {
    const given = sources.findLast((source) => source.entries.has(name));
    const text = given?.entries.get(name) ?? settings[name].default;
    if (text === undefined) {
      problems.push(`${name} is not set: allowed is ${settings[name].allowed}`);
      continue;
    }
    const origin = given?.origin ?? 'default';
    const read = readSetting(name, settings[name], text.trim(), origin);
    if ('problem' in read) problems.push(read.problem);
    else {
      values.set(name, read.value);
      origins.set(name, { text: text.trim(), origin });
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  const complete = Object.fromEntries(values) as ConfigurationValues;
  const together = problemsTogether(complete);
  if (together.length > 0) throw new ConfigurationError(together);
  return { values: complete, origins, warnings };
}

/** Reads one setting's text, or says what is wrong with it. */
export function readSetting(
  name: string,
  setting: Setting,
  text: string,
  /** Where it stands, for whoever has several places to look; undefined: it was given just now. */
  origin?: string,
): { readonly value: SettingValue } | { readonly problem: string } {
  const value = setting.read(text);
  return value === undefined
    ? { problem: `${name} is "${text}"${inBrackets(origin)}: allowed is ${setting.allowed}` }
    : { value };
}

/** Says that a name is not known, with the nearest that is. */
export function unknownName(name: string, known: readonly string[], origin?: string): string {
  const candidates = known.filter(
    (one) =>
      one.replaceAll('.', '') === name.replaceAll(/[._-]/g, '').toLowerCase() ||
      one.endsWith(`.${name}`) ||
      name.endsWith(`.${one}`) ||
      isMistyped(name, one),
  );
  const [similar] = candidates.toSorted((one, other) => one.length - other.length);
  const hint = similar === undefined ? '' : `; ${similar} is meant, perhaps`;
  return `there is no setting ${name}${inBrackets(origin)}${hint}`;
}

/** Whether one letter too many, too few, or another parts them, or two have changed places. */
function isMistyped(given: string, known: string): boolean {
  let start = 0;
  while (start < given.length && given[start] === known[start]) start += 1;
  const [rest, wanted] = [given.slice(start), known.slice(start)];
  return (
    rest.slice(1) === wanted ||
    rest === wanted.slice(1) ||
    rest.slice(1) === wanted.slice(1) ||
    (rest[0] === wanted[1] && rest[1] === wanted[0] && rest.slice(2) === wanted.slice(2))
  );
}

function inBrackets(origin: string | undefined): string {
  return origin === undefined ? '' : ` (${origin})`;
}

/** What is wrong only together. */
export function problemsTogether(values: ConfigurationValues): readonly string[] {
  const problems: string[] = [];
  const atMost = (smaller: SettingName, larger: SettingName, why: string): void => {
    if (Number(values[smaller]) > Number(values[larger]))
      problems.push(
        `${smaller} (${values[smaller]}) must not be above ${larger} (${values[larger]}): ${why}`,
      );
  };
  atMost(
    'broker.heartbeat.interval.ms',
    'broker.session.timeout.ms',
    'a broker would be fenced between two heartbeats',
  );
  atMost(
    'replica.fetch.wait.max.ms',
    'replica.lag.time.max.ms',
    'followers of an idle partition would fall out of sync',
  );
  atMost('message.max.bytes', 'socket.request.max.bytes', 'no request could carry such a batch');
  return problems;
}
