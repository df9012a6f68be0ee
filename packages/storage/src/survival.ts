// What a power loss leaves of what was not synced (D1): each sector and each name is asked for.

import type { Random } from '@odradek/model';

export interface Survival {
  /** Whether the new content stays rather than the old. */
  keeps(): boolean;
  /** Whether a file that was cut stays cut. */
  keepsCut(): boolean;
  /** How many of `most` more sectors the length of a file has grown by. */
  upTo(most: number): number;
}

/** Any subset. */
export function byChance(random: Random): Survival {
  return {
    keeps: () => random.below(2) === 0,
    keepsCut: () => random.below(2) !== 0,
    upTo: (most) => random.below(most + 1),
  };
}

/** As if everything had been synced. */
export const everythingSurvives: Survival = {
  keeps: () => true,
  keepsCut: () => true,
  upTo: (most) => most,
};

/** Nothing that was not synced. */
export const nothingSurvives: Survival = {
  keeps: () => false,
  keepsCut: () => false,
  upTo: () => 0,
};

/** Every other sector and name, beginning with the first or the second: torn writes that one can foretell. */
export function everyOther(begins: 'first' | 'second'): Survival {
  let isKept = begins === 'second';
  const next = (): boolean => {
    isKept = !isKept;
    return isKept;
  };
  return {
    keeps: next,
    keepsCut: next,
    upTo: (most) => Math.ceil(most / 2),
  };
}
