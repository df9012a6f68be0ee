// The story as it is read at a moment that has been: what had been said by then, and what was said later.

import type { Said } from '@odradek/trace';

export interface SentencesAt {
  /** Oldest first. */
  readonly until: readonly Said[];
  readonly later: readonly Said[];
}

/**
 * `all`: what is known now; `then`: what was known at the moment. A sentence that has been repeated since then was known with a smaller count.
 * What one node had said before that moment may have been heard later: it counts by its own time.
 */
export function sentencesAt(all: readonly Said[], then: readonly Said[], atMs: number): SentencesAt {
  const known = new Set(all);
  const until = all.filter(({ timeMs }) => timeMs <= atMs);
  for (const said of then) {
    if (known.has(said) || said.timeMs > atMs) continue;
    const place = until.findLastIndex(({ timeMs }) => timeMs <= said.timeMs);
    until.splice(place + 1, 0, said);
  }
  return { until, later: all.filter(({ timeMs }) => timeMs > atMs) };
}
