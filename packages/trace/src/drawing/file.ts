// The drawings of a machine as the text of a file, and back.

import type { Chart } from '../chart.ts';
import { DRAWING_VERSION, type Drawing } from './drawing.ts';

/** The two drawings of one machine. */
export interface MachineDrawings {
  /** Everything that the chart says. */
  readonly all: Drawing;
  /** States and events alone: an overview. */
  readonly names: Drawing;
}

interface DrawingsFile {
  readonly version: number;
  readonly chart: Chart;
  readonly all: Places;
  readonly names: Places;
}

type Places = Omit<Drawing, 'version' | 'chart'>;

/** JSON, with a line for each state and each arrow, so that a change is seen where it is. */
export function drawingsJson({ all, names }: MachineDrawings): string {
  const { version, chart } = all;
  return `{"version":${version},\n"chart":${JSON.stringify(chart)},\n"all":${placesJson(all)},\n"names":${placesJson(names)}}\n`;
}

function placesJson({ width, height, states, arrows }: Drawing): string {
  return `{"width":${width},"height":${height},\n"states":${linesJson(states)},\n"arrows":${linesJson(arrows)}}`;
}

function linesJson(values: readonly unknown[]): string {
  return `[${values.map((value) => `\n${JSON.stringify(value)}`).join(',')}]`;
}

/** What was read of such a file, as JSON. Throws a RangeError if it is of another version. */
export function readDrawings(data: unknown): MachineDrawings {
  if (!isDrawingsFile(data)) throw new RangeError('This is no file of drawings: it has no chart.');
  const { version, chart, all, names } = data;
  if (version !== DRAWING_VERSION)
    throw new RangeError(
      `These drawings are of version ${version}; this program reads version ${DRAWING_VERSION}.`,
    );
  return { all: { version, chart, ...all }, names: { version, chart, ...names } };
}

function isDrawingsFile(data: unknown): data is DrawingsFile {
  return typeof data === 'object' && data !== null && 'chart' in data && 'all' in data && 'names' in data;
}

/** Whether drawings show this chart, and not the one of a machine as it was or will be. */
export function show(drawings: MachineDrawings, chart: Chart): boolean {
  return JSON.stringify(drawings.all.chart) === JSON.stringify(chart);
}
