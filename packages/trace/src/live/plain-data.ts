// An actor's values as plain data, for a viewer: cut deep and long, and nothing in it that is not data.

export interface CutOptions {
  readonly maxDepth: number;
  /** Of an array, a Map, a Set, an object. */
  readonly maxEntries: number;
  readonly maxText: number;
}

export const defaultCut: CutOptions = { maxDepth: 5, maxEntries: 50, maxText: 200 };

/** Keys whose values nobody is shown, whatever they are. */
const secretKey = /secret|password|token|proof|nonce|credential|private|hmac/i;

/**
 * A value as JSON knows it. Functions, actors and objects of classes (hosts, logs, sockets) are named and not looked into: they are no
 * values of the actor, and could hold anything. Bytes are counted: record bytes and keys are nobody's to see. Getters are not called.
 */
export function plainData(value: unknown, cut: CutOptions = defaultCut): unknown {
  return plain(value, cut, cut.maxDepth);
}

function plain(value: unknown, cut: CutOptions, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.length <= cut.maxText ? value : `${value.slice(0, cut.maxText)}…`;
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : plainObject(value, cut, depth);
    case 'function':
      return '(function)';
    default:
      return value === undefined ? '(none)' : String(value);
  }
}

function plainObject(value: object, cut: CutOptions, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (Array.isArray(value)) return depth === 0 ? `(${value.length} items)` : items(value, cut, depth);
  if (value instanceof Set) return depth === 0 ? `(${value.size} items)` : items([...value], cut, depth);
  if (value instanceof Map) return depth === 0 ? `(${value.size} entries)` : entries([...value], cut, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `(${classNameOf(value)})`;
  const own = Object.entries(Object.getOwnPropertyDescriptors(value));
  if (depth === 0) return `(${own.length} entries)`;
  return entries(
    own
      .filter(([, { value: is }]) => typeof is !== 'function' && is !== undefined)
      .map(([key, { value: is }]) => [key, is]),
    cut,
    depth,
  );
}

function items(values: readonly unknown[], cut: CutOptions, depth: number): unknown[] {
  const shown = values.slice(0, cut.maxEntries).map((value) => plain(value, cut, depth - 1));
  return values.length <= cut.maxEntries ? shown : [...shown, `… ${values.length - cut.maxEntries} more`];
}

function entries(
  pairs: readonly (readonly [unknown, unknown])[],
  cut: CutOptions,
  depth: number,
): Record<string, unknown> {
  // Without a prototype a key named `__proto__` is a key like any other.
  const shown: Record<string, unknown> = Object.create(null);
  for (const [key, value] of pairs.slice(0, cut.maxEntries)) {
    const name = typeof key === 'string' || typeof key === 'number' ? String(key) : `(${typeof key})`;
    shown[name.slice(0, cut.maxText)] = secretKey.test(name) ? '(hidden)' : plain(value, cut, depth - 1);
  }
  if (pairs.length > cut.maxEntries) shown['…'] = `${pairs.length - cut.maxEntries} more`;
  return shown;
}

function classNameOf(value: object): string {
  const maker: unknown = Reflect.get(value, 'constructor');
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'object';
}
