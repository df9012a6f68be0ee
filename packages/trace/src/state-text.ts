// The value of a machine as one line of text.

import type { StateValue } from 'xstate';

/** `serving`, `open.flushing`; regions side by side: `role.leading + inSyncSet.settled`. */
export function stateText(value: StateValue): string {
  return leaves(value).join(' + ');
}

const texts = new WeakMap<object, string>();

/** The same, kept for each value: where thousands of actors share few of them. */
export function keptStateText(value: StateValue): string {
  if (typeof value === 'string') return value;
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = stateText(value);
  texts.set(value, text);
  return text;
}

/** The states that a machine is in, by its state as text, with those around them: `open.flushing` is in the root, `open` and `open.flushing`. */
export function pathsOfState(text: string): Set<string> {
  const paths = new Set(['']);
  for (const leaf of text.split(' + ')) {
    const keys = leaf.split('.');
    keys.forEach((_, at) => {
      paths.add(keys.slice(0, at + 1).join('.'));
    });
  }
  return paths;
}

function leaves(value: StateValue): string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([key, child]) => {
    const below = child === undefined ? [] : leaves(child).filter((leaf) => leaf !== '');
    return below.length === 0 ? [key] : below.map((leaf) => `${key}.${leaf}`);
  });
}
