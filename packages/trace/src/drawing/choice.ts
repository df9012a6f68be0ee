// Of several ways to lay a chart out, the one that is read best.

import type { Chart } from '../chart.ts';
import type { Drawing, Point } from './drawing.ts';
import { crossedTexts } from './geometry.ts';
import { type LayoutNode, layoutGraphOf } from './layout-graph.ts';
import { drawingOf } from './places.ts';
import { type Attempt, type Detail, type Manner, planOf } from './plan.ts';

/** A page shows so much of a drawing's width without making its text small. */
const pageWidthPx = 1100;

/** So often a layout is tried again, with what the last attempt has shown. */
const mostAttempts = 3;

/**
 * Draws a chart in the way that is read best. Each graph that is given out is to be laid out by an engine (elkjs), and handed back with its
 * places.
 */
export function* bestDrawing(
  chart: Chart,
  detail: Detail,
  manners: readonly Manner[] = mannersOf(detail),
): Generator<LayoutNode, Drawing, LayoutNode> {
  let best: Drawing | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const manner of manners) {
    const drawing = yield* drawingIn(chart, manner);
    const cost = costOf(drawing);
    if (best !== undefined && cost >= lowest) continue;
    best = drawing;
    lowest = cost;
  }
  if (best === undefined) throw new RangeError('A drawing needs a manner to be tried in.');
  return best;
}

/** Draws a chart in one manner. */
function* drawingIn(chart: Chart, manner: Manner): Generator<LayoutNode, Drawing, LayoutNode> {
  let attempt: Attempt | undefined;
  for (let tries = 0; tries < mostAttempts; tries++) {
    const plan = planOf(chart, manner, attempt);
    const laidOut: LayoutNode = yield layoutGraphOf(plan);
    attempt = { plan, drawing: drawingOf(plan, laidOut) };
    if (manner.detail === 'names' && crossedTexts(attempt.drawing).length === 0) break;
  }
  if (attempt === undefined) throw new RangeError('No layout was tried.');
  return attempt.drawing;
}

/** The ways that are tried. */
export function mannersOf(detail: Detail): Manner[] {
  const manners: Manner[] = [];
  for (const direction of ['DOWN', 'RIGHT'] as const)
    for (const order of ['machine', 'found'] as const)
      for (const [placement, seed] of placements)
        manners.push({ direction, detail, order, placement, seed, labelWidth: 210, stateWidth: 230 });
  return manners;
}

const placements = [
  ['NETWORK_SIMPLEX', 1],
  ['NETWORK_SIMPLEX', 2],
  ['NETWORK_SIMPLEX', 4],
  ['BRANDES_KOEPF', 1],
] as const;

/** The lower, the better: lines that cross, long ways, a picture that is wider than a page, or much larger than it must be. */
export function costOf(drawing: Drawing): number {
  const { width, height, arrows } = drawing;
  const crossed = crossedTexts(drawing).length;
  const lines = arrows.flatMap(({ lines }) => lines);
  const length = lines.reduce((sum, line) => sum + lengthOf(line), 0);
  const bends = lines.reduce((sum, line) => sum + Math.max(0, line.length - 2), 0);
  const tooWide = Math.max(0, width - pageWidthPx);
  return (
    crossed * 2000 +
    crossingsOf(lines) * 120 +
    bends * 15 +
    length * 0.5 +
    height * 0.6 +
    tooWide * 4 +
    (width * height) / 2000
  );
}

function lengthOf(line: readonly Point[]): number {
  return segmentsOf(line).reduce(
    (sum, [[x1, y1], [x2, y2]]) => sum + Math.abs(x1 - x2) + Math.abs(y1 - y2),
    0,
  );
}

type Segment = readonly [Point, Point];

function segmentsOf(line: readonly Point[]): Segment[] {
  return line.slice(1).map((point, at): Segment => [line[at] ?? point, point]);
}

function crossingsOf(lines: readonly (readonly Point[])[]): number {
  const segments = lines.flatMap(segmentsOf);
  const upright = segments.filter(([[x1], [x2]]) => x1 === x2);
  const level = segments.filter(([[, y1], [, y2]]) => y1 === y2);
  let crossings = 0;
  for (const [[x, y1], [, y2]] of upright)
    for (const [[x1, y], [x2]] of level) if (isBetween(x, x1, x2) && isBetween(y, y1, y2)) crossings++;
  return crossings;
}

function isBetween(value: number, one: number, other: number): boolean {
  return value > Math.min(one, other) && value < Math.max(one, other);
}
