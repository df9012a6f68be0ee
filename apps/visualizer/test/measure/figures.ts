// Figures out of many, and a line for each.

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which `part` of them lie. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** What is added for each one more, by least squares: of values that stand at equal distances. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [above, below] = values.reduce<[number, number]>(
    ([top, bottom], value, at) => [top + (at - middle) * (value - mean), bottom + (at - middle) ** 2],
    [0, 0],
  );
  return above / below;
}

export function say(what: string, ...figures: readonly string[]): void {
  console.log([what.padEnd(52), ...figures].join('  '));
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
