// Where drawings come from: those of the product are in the bundle, laid out when it was built; of a machine that nobody knew then one is
// made here, by the same engine, in a worker. They come when they are asked for.

import type { Chart, MachineDrawings } from '@odradek/trace';

/** Under the text of the chart: two versions of a machine have two drawings. */
const asked = new Map<string, Promise<MachineDrawings>>();

export function drawingsOf(chart: Chart): Promise<MachineDrawings> {
  const key = JSON.stringify(chart);
  const known = asked.get(key);
  if (known !== undefined) return known;
  const found = find(chart);
  asked.set(key, found);
  // What has failed may be asked for again.
  found.catch(() => asked.delete(key));
  return found;
}

async function find(chart: Chart): Promise<MachineDrawings> {
  const { knownDrawings } = await import('./known-drawings.ts');
  const known = knownDrawings(chart);
  if (known !== undefined) return known;
  const { layOut } = await import('./lay-out.ts');
  return layOut(chart);
}
