// Boxes and lines: what touches and crosses what.

import type { Box, Drawing, Point, TextBlock } from './drawing.ts';

/** Whether a box lies inside of another one. */
export function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Whether two boxes have a point in common that is on the border of neither. */
export function touch(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** Whether a line runs through a box. */
export function crosses(points: readonly Point[], box: Box): boolean {
  return points.some((point, at) => {
    const next = points[at + 1];
    return next !== undefined && touch(spanOf(point, next), box);
  });
}

function spanOf([x1, y1]: Point, [x2, y2]: Point): Box {
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x1 - x2), height: Math.abs(y1 - y2) };
}

/** The smallest box around texts. */
export function around(blocks: readonly TextBlock[]): Box {
  const x = Math.min(...blocks.map((block) => block.x));
  const y = Math.min(...blocks.map((block) => block.y));
  const width = Math.max(...blocks.map((block) => block.x + block.width)) - x;
  const height = Math.max(...blocks.map((block) => block.y + block.height)) - y;
  return { x, y, width, height };
}

/** The paths of states through whose text a line runs. */
export function crossedTexts({ states, arrows }: Drawing): string[] {
  const lines = [
    ...arrows.flatMap((arrow) => arrow.lines),
    ...states.flatMap(({ initial }) => (initial === undefined ? [] : [initial])),
  ];
  return states
    .filter(({ blocks }) => blocks.length > 0 && lines.some((line) => crosses(line, around(blocks))))
    .map(({ path }) => path);
}
