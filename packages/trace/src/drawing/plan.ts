// What is to be laid out: which states and arrows there are, and how much room the text of each needs.

import type { Chart, ChartEdge, ChartState } from '../chart.ts';
import {
  type Content,
  columnGapPx,
  eventsContent,
  labelContent,
  nameContent,
  stateContent,
} from './content.ts';
import type { Drawing } from './drawing.ts';
import { crossedTexts } from './geometry.ts';

/** How much a drawing says. */
export type Detail = 'names' | 'all';

/** One way to lay a chart out. Which is best is seen when it is done (`choice.ts`). */
export interface Manner {
  /** Where arrows lead. */
  readonly direction: 'DOWN' | 'RIGHT';
  /** `names`: states have their names alone, and arrows their events. `all`: everything that the chart says. */
  readonly detail: Detail;
  /** So wide may text get at an arrow, and in a state without states inside. */
  readonly labelWidth: number;
  readonly stateWidth: number;
  /** How it is decided which arrows lead back: by what is found first from the beginning on, or by the order of states in the machine. */
  readonly order: 'found' | 'machine';
  /** Among equal ways it is chance that chooses, by this seed. */
  readonly seed: number;
  readonly placement: 'NETWORK_SIMPLEX' | 'BRANDES_KOEPF';
}

export interface PlannedArrow {
  readonly source: string;
  readonly target: string;
  /** The path of the innermost state that both ends lie in, or are: the label stands there. */
  readonly within: string;
  readonly content: Content;
}

export interface Plan {
  readonly chart: Chart;
  readonly manner: Manner;
  readonly contents: ReadonlyMap<string, Content>;
  readonly arrows: readonly PlannedArrow[];
  /** The paths of states whose text gets a place among what is inside, because lines would run through it in its corner. */
  readonly apart: ReadonlySet<string>;
}

/** A layout that was tried, to do better. */
export interface Attempt {
  readonly plan: Plan;
  readonly drawing: Drawing;
}

/** The width of a column of text in a state that has states inside. */
const columnWidth = 290;

/** From the text to the border of its box. */
export const statePadding = { sides: 12, top: 9, bottom: 10 } as const;

/**
 * Plans a layout. How wide a state with states inside gets, and so how many columns its own text may take, and whether lines run through
 * that, is known only from an earlier attempt.
 */
export function planOf(chart: Chart, manner: Manner, earlier?: Attempt): Plan {
  const apart = new Set(
    earlier === undefined ? [] : [...earlier.plan.apart, ...crossedTexts(earlier.drawing)],
  );
  const contents = chart.states.map((state): [string, Content] => {
    if (manner.detail === 'names') return [state.path, nameContent(chart, state)];
    if (!hasChildren(chart, state)) return [state.path, stateContent(chart, state, 1, manner.stateWidth)];
    const drawn = earlier?.drawing.states.find(({ path }) => path === state.path);
    const columns = apart.has(state.path) || drawn === undefined ? 1 : columnsIn(drawn.width);
    return [state.path, stateContent(chart, state, columns, columnWidth)];
  });
  return { chart, manner, contents: new Map(contents), arrows: arrowsOf(chart, manner), apart };
}

function columnsIn(width: number): number {
  return Math.max(
    1,
    Math.floor((width - 2 * statePadding.sides + columnGapPx) / (columnWidth + columnGapPx)),
  );
}

export function hasChildren(chart: Chart, { path }: ChartState): boolean {
  return chart.states.some(({ parent }) => parent === path);
}

/** One arrow for each pair of states, in the order of the chart's transitions. */
function arrowsOf(chart: Chart, { detail, labelWidth }: Manner): PlannedArrow[] {
  const grouped = new Map<string, number[]>();
  chart.edges.forEach((edge, index) => {
    if (!leads(edge)) return;
    const key = `${edge.source}\n${edge.target}`;
    grouped.set(key, [...(grouped.get(key) ?? []), index]);
  });
  return [...grouped].map(([key, edges]) => {
    const [source = '', target = ''] = key.split('\n');
    const text = detail === 'names' ? eventsContent : labelContent;
    const content = text(chart, edges, labelWidth);
    return { source, target, within: commonState(source, target), content };
  });
}

function leads(edge: ChartEdge): boolean {
  return edge.target !== undefined && edge.target !== edge.source;
}

/** The path that both paths begin with, or are. */
function commonState(one: string, other: string): string {
  const ones = one.split('.');
  const others = other.split('.');
  let common = 0;
  while (common < ones.length && ones[common] === others[common]) common++;
  return ones.slice(0, common).join('.');
}

/** Whether one state lies inside of another, at any depth. */
export function isInside(path: string, outer: string): boolean {
  return path !== outer && (outer === '' || path.startsWith(`${outer}.`));
}
