// Lines and marks as the `d` of an SVG path.

import type { Box, Point, TextBlock } from './drawing.ts';

/** How round the corners of lines are. */
const cornerPx = 7;
const headPx = 8;

/** A line through points, its corners rounded. Lines that end in a head stop where that begins. */
export function linePath(points: readonly Point[], hasHead: boolean): string {
  const ends = hasHead ? shortened(points, headPx - 2) : points;
  const [first] = ends;
  if (first === undefined) return '';
  const parts = [`M${pair(first)}`];
  for (let at = 1; at < ends.length; at++) {
    const [before, point, after] = [ends[at - 1], ends[at], ends[at + 1]];
    if (before === undefined || point === undefined) continue;
    if (after === undefined) parts.push(`L${pair(point)}`);
    else {
      const radius = Math.min(cornerPx, distance(before, point) / 2, distance(point, after) / 2);
      parts.push(
        `L${pair(towards(point, before, radius))}Q${pair(point)} ${pair(towards(point, after, radius))}`,
      );
    }
  }
  return parts.join('');
}

/** The head of an arrow at the end of its line. */
export function headPath(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const [x, y] = tip;
  const length = distance(before, tip) || 1;
  const [ux, uy] = [(x - before[0]) / length, (y - before[1]) / length];
  const base: Point = [x - ux * headPx, y - uy * headPx];
  const half = headPx / 2;
  const sides = [half, -half].map((side): Point => [base[0] - uy * side, base[1] + ux * side]);
  return `M${pair(tip)}${sides.map((side) => `L${pair(side)}`).join('')}Z`;
}

/** The mark of a transition that enters its state anew: an arrow that comes back. */
export function againPath(block: TextBlock): string {
  const first = block.runs[0];
  if (first === undefined) return '';
  const [x, y] = [block.x - 8, first.y - 4];
  return `M${pair([x + 2.8, y - 2.8])}A4 4 0 1 0 ${pair([x + 4, y])}M${pair([x + 3.4, y - 5.6])}L${pair([x + 3.2, y - 2.4])}L${pair([x, y - 2.6])}`;
}

/** The mark of an arrow that begins anywhere in the state around it: a corner of its frame. */
export function anywherePath({ x, y }: Box): string {
  return `M${pair([x, y + 14])}V${num(y + 4)}Q${pair([x, y])} ${pair([x + 4, y])}H${num(x + 14)}`;
}

function shortened(points: readonly Point[], by: number): readonly Point[] {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return points;
  return [...points.slice(0, -1), towards(tip, before, Math.min(by, distance(tip, before)))];
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return [from[0] + ((to[0] - from[0]) * length) / whole, from[1] + ((to[1] - from[1]) * length) / whole];
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

function pair([x, y]: Point): string {
  return `${num(x)},${num(y)}`;
}

function num(length: number): string {
  return String(Math.round(length * 10) / 10);
}
