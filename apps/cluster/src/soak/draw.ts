/** Chance that can be repeated. */
export interface Draw {
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(percent: number): boolean;
}
