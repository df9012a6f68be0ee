// A statechart that has been laid out: boxes, texts and lines with their places, as plain data. Whoever draws it (a file, the console)
// decides nothing but colours. All lengths are pixels of a picture at its own size; y grows downwards.

import type { Chart, ChartStateType } from '../chart.ts';

/** Rises when a reader of version 1 could misread what is written. */
export const DRAWING_VERSION = 1;

export type Point = readonly [x: number, y: number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a piece of text is; its size and weight follow from it (`text.ts`), its colour from the theme. */
export type TextStyle =
  | 'machine'
  | 'state'
  | 'description'
  | 'event'
  /** What is no event of the machine's own: `entry`, `always`, `after …`. */
  | 'keyword'
  /** Which place a guard has among those that are asked for the same event. */
  | 'order'
  | 'guard'
  | 'action'
  /** A rule's id, in a frame of its own. */
  | 'rule';

/** A piece of text in one style, from the left end of its baseline. */
export interface TextRun {
  readonly x: number;
  readonly y: number;
  readonly style: TextStyle;
  readonly text: string;
}

/** Lines of text that belong together. */
export interface TextBlock extends Box {
  /** The transition that they are about, by its place in `chart.edges`. Absent: a heading, a description, what a state does. */
  readonly edge?: number;
  /** How the transition ends where it begins: `kept` without leaving the state, `again` by entering it anew. */
  readonly stays?: 'kept' | 'again';
  readonly runs: readonly TextRun[];
}

export interface DrawnState extends Box {
  /** As in the chart; the root's is empty. */
  readonly path: string;
  readonly name: string;
  readonly kind: ChartStateType;
  /** One of the regions of a parallel state. */
  readonly isRegion?: true;
  readonly blocks: readonly TextBlock[];
  /** From the dot to the child that is entered first. */
  readonly initial?: readonly Point[];
}

/** All transitions from one state to another: one arrow, and what is written at it. */
export interface DrawnArrow {
  readonly source: string;
  readonly target: string;
  /** From the source to the label, and from the label to the target. From a state to its own inside there is only the second. */
  readonly lines: readonly (readonly Point[])[];
  readonly label: DrawnLabel;
}

export interface DrawnLabel extends Box {
  readonly blocks: readonly TextBlock[];
}

export interface Drawing {
  readonly version: number;
  readonly chart: Chart;
  readonly width: number;
  readonly height: number;
  /** Parents first, as in the chart. */
  readonly states: readonly DrawnState[];
  readonly arrows: readonly DrawnArrow[];
}
