// What a setting is: its kind, what is allowed, and what to say of a value that is not.

/** A listener in Kafka's notation: `PLAINTEXT://host:port`. An empty host means every address. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export type SettingValue = number | boolean | string | readonly string[] | readonly Listener[];

/** Reads a value's text; undefined where it is not allowed. */
type Read<T> = (text: string) => T | undefined;

export interface Setting<T extends SettingValue = SettingValue> {
  /** As Kafka's `DescribeConfigs` names the types. */
  readonly type: 'INT' | 'LONG' | 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'LIST';
  /** As it would stand in a file; undefined: it must be given. */
  readonly default: string | undefined;
  readonly read: Read<T>;
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly text: string;
  /** Whether it may change while the node runs: it is read at its use. */
  readonly isDynamic: boolean;
  /** Whether it may then differ from broker to broker; else nodes must agree on it. */
  readonly isPerBroker: boolean;
}

/** What a table's author says of a setting beside its kind. */
export interface SettingWords {
  readonly default?: string;
  readonly text: string;
  readonly isDynamic?: boolean;
  readonly isPerBroker?: boolean;
}

function setting<T extends SettingValue>(
  type: Setting['type'],
  allowed: string,
  read: Read<T>,
  words: SettingWords,
): Setting<T> {
  const { text, isDynamic = false, isPerBroker = false } = words;
  return { type, default: words.default, read, allowed, text, isDynamic, isPerBroker };
}

/** A whole number within bounds, both allowed. */
export function integer(min: number, max: number, words: SettingWords): Setting<number> {
  const type = max > 2 ** 31 - 1 ? 'LONG' : 'INT';
  const upper = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
  return setting(
    type,
    `a whole number from ${min} ${upper}`,
    (text) => {
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
    },
    words,
  );
}

/** A number within bounds, both allowed. */
export function ratio(min: number, max: number, words: SettingWords): Setting<number> {
  return setting(
    'DOUBLE',
    `a number from ${min} to ${max}`,
    (text) => {
      const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
    words,
  );
}

export function flag(words: SettingWords): Setting<boolean> {
  const read = (text: string): boolean | undefined =>
    text.toLowerCase() === 'true' ? true : text.toLowerCase() === 'false' ? false : undefined;
  return setting('BOOLEAN', 'true or false', read, words);
}

export function text(words: SettingWords): Setting<string> {
  return setting('STRING', 'any text', (value) => value, words);
}

export function oneOf<const T extends string>(values: readonly T[], words: SettingWords): Setting<T> {
  const read = (value: string): T | undefined => values.find((one) => one === value);
  return setting('STRING', `one of ${values.join(', ')}`, read, words);
}

/** Texts with commas between them. */
export function list(words: SettingWords): Setting<readonly string[]> {
  return setting('LIST', 'texts with commas between them', partsOf, words);
}

/** Some of a closed set, with commas between them. */
export function someOf<const T extends string>(
  values: readonly T[],
  words: SettingWords,
): Setting<readonly T[]> {
  const read = (given: string): readonly T[] | undefined => {
    const parts = partsOf(given);
    const known = values.filter((value) => parts.includes(value));
    return known.length === parts.length && known.length > 0 ? known : undefined;
  };
  return setting('LIST', `one or more of ${values.join(', ')}, with commas between them`, read, words);
}

/** One port per broker: the first bytes of a connection tell the protocol, so one listener is enough. */
export function listeners(words: SettingWords): Setting<readonly Listener[]> {
  const allowed = 'one listener, PLAINTEXT://HOST:PORT; without HOST every address, port 0: any free one';
  return setting(
    'LIST',
    allowed,
    (given) => {
      const parts = partsOf(given);
      const read = parts.map(listenerOf).filter((one) => one !== undefined);
      return read.length === parts.length && read.length <= 1 ? read : undefined;
    },
    words,
  );
}

/** Reads one listener; an IPv6 address stands in brackets. */
export function listenerOf(given: string): Listener | undefined {
  const parts = /^(PLAINTEXT):\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]*):(\d{1,5})$/.exec(given);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) return undefined;
  return { name: parts[1] ?? '', host: (parts[2] ?? '').replace(/^\[|\]$/g, ''), port };
}

function partsOf(given: string): readonly string[] {
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
