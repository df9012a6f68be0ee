// What the bench measures, and how a row of it is said.

import { readFileSync } from 'node:fs';
import { median } from './load.ts';

interface Aim {
  readonly value: number;
  /** Rates are to be at least so high, times at most. */
  readonly is: 'least' | 'most';
}

export interface Row {
  readonly name: string;
  readonly unit: '%' | 'ms' | 'MB' | 'KB/s';
  /** One for each turn. Ratios of the cluster to the raw path, in percent, or plain values. */
  readonly values: readonly number[];
  readonly aim: Aim;
  readonly aimWorst?: number;
  /** Of ratios: what they are of, medians. */
  readonly of?: { readonly raw: number; readonly cluster: number; readonly unit: 'MB/s' | 'ms' };
}

/** A row of ratios: turn by turn, so that what else the machine does hits both paths. */
export function ratioRow(
  name: string,
  unit: 'MB/s' | 'ms',
  raws: readonly number[],
  clusters: readonly number[],
  aim: Aim,
): Row {
  const values = clusters.map((value, turn) => (100 * value) / (raws[turn] ?? Number.NaN));
  return { name, unit: '%', values, aim, of: { raw: median(raws), cluster: median(clusters), unit } };
}

/** The rows of an earlier `--json`, by name. */
export function readRows(file: string): ReadonlyMap<string, Row> {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as Row);
  return new Map(rows.map((row) => [row.name, row]));
}

/** As wide as the longest name. */
const NAME_WIDTH = 56;

export const HEADING = `${''.padEnd(NAME_WIDTH)}      raw  cluster         min median    max   aim`;

/** A row as a line; `before` is the same row of another run. */
export function lineOf(row: Row, before: Row | undefined): string {
  const { name, unit, values, aim, aimWorst, of } = row;
  const middle = median(values);
  const least = Math.min(...values);
  const most = Math.max(...values);
  const isMet = aim.is === 'least' ? middle >= aim.value : middle <= aim.value && most <= (aimWorst ?? most);
  const paths =
    of === undefined ? ''.padEnd(23) : `${short(of.raw)} ${short(of.cluster)} ${of.unit.padEnd(5)}`;
  const aims = `${aim.is === 'least' ? 'from' : 'to'} ${aim.value} ${unit}${aimWorst === undefined ? '' : `, worst ${aimWorst}`}`;
  const was = before === undefined ? '' : `   was ${median(before.values).toFixed(0)} ${unit}`;
  const numbers = [least, middle, most].map((value) => value.toFixed(0).padStart(6)).join(' ');
  return `${name.padEnd(NAME_WIDTH)} ${paths} ${numbers} ${unit.padEnd(2)}  ${aims} ${isMet ? 'met' : 'MISSED'}${was}`;
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0).padStart(8);
}
