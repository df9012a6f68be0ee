// What the rules say that states and transitions cite.

import texts from './rules.json' with { type: 'json' };

export interface Rule {
  readonly id: string;
  /** Undefined for an id that this page has no words for. */
  readonly text: string | undefined;
}

const known: ReadonlyMap<string, string> = new Map(Object.entries(texts));

/** The rules in a citation, as machines write them: `L3`, `F3, F7, V14`, `L4 and I5`. */
export function rulesIn(citation: string): Rule[] {
  return [...citation.matchAll(/[A-Z]{1,2}\d+/g)].map(([id]) => ({ id, text: known.get(id) }));
}
