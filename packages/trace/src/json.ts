// A chart as JSON text, for `odradek machines show --format json` and for other programs.

import type { Chart } from './chart.ts';

/** Rises when a reader of version 1 could misread what is written; new fields alone do not raise it. */
export const CHART_VERSION = 1;

/** The chart as indented JSON, with the version of its form. */
export function chartJson(chart: Chart): string {
  return `${JSON.stringify({ version: CHART_VERSION, ...chart }, undefined, 2)}\n`;
}
