// Lays out charts with the Eclipse Layout Kernel.

import { bestDrawing, type Chart, type Detail, type Drawing, type MachineDrawings } from '@odradek/trace';
import elk from 'elkjs';

/** The drawings of a chart: with all that it says, and as an overview. */
export async function layOut(chart: Chart): Promise<MachineDrawings> {
  return { all: await drawn(chart, 'all'), names: await drawn(chart, 'names') };
}

async function drawn(chart: Chart, detail: Detail): Promise<Drawing> {
  const engine = new elk.default();
  const drawing = bestDrawing(chart, detail);
  let step = drawing.next();
  while (step.done !== true) step = drawing.next(await engine.layout(step.value));
  return step.value;
}
