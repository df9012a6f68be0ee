// Drawings of sample machines, laid out without an engine.

import { bestDrawing, type Chart, type Detail, type Drawing } from '../../src/index.ts';
import { laidOutInRows } from './row-layout.ts';

export function drawn(chart: Chart, detail: Detail = 'all'): Drawing {
  const drawing = bestDrawing(chart, detail);
  let step = drawing.next();
  while (step.done !== true) step = drawing.next(laidOutInRows(structuredClone(step.value)));
  return step.value;
}
