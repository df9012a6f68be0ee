// Lays out a chart with the Eclipse Layout Kernel, in a worker: a large one takes seconds.

import {
  bestDrawing,
  type Chart,
  type Detail,
  type Drawing,
  type MachineDrawings,
  mannersOf,
} from '@odradek/trace';
import Elk from 'elkjs/lib/elk-api.js';

/** As many manners are tried as somebody waits for gladly. */
const manners = (detail: Detail) =>
  mannersOf(detail).filter(({ order, seed }) => order === 'machine' && seed === 1);

/** The bundle makes a program of its own of what is named so. */
export const layoutWorker = new URL('./layout-worker.ts', import.meta.url);

export async function layOut(chart: Chart): Promise<MachineDrawings> {
  const engine = new Elk.default({
    workerFactory: () => new Worker(layoutWorker, { type: 'module' }),
  });
  try {
    return { all: await drawn(engine, chart, 'all'), names: await drawn(engine, chart, 'names') };
  } finally {
    engine.terminateWorker();
  }
}

async function drawn(
  engine: InstanceType<typeof Elk.default>,
  chart: Chart,
  detail: Detail,
): Promise<Drawing> {
  const drawing = bestDrawing(chart, detail, manners(detail));
  let step = drawing.next();
  while (step.done !== true) step = drawing.next(await engine.layout(step.value));
  return step.value;
}
