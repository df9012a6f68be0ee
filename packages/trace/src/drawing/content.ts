// What is written in a state's box and at an arrow, before anything has a place: blocks measured from their own top left corner.

import type { Chart, ChartEdge, ChartState } from '../chart.ts';
import { eventWords } from '../names.ts';
import type { TextBlock } from './drawing.ts';
import { type Flowed, flow, type Piece } from './flow.ts';

export interface Content {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly TextBlock[];
}

/** Blocks that stay together. */
type Unit = Content;

/** The width of the mark of a transition that enters its state anew. */
export const againMarkPx = 13;

const indentPx = 12;
const unitGapPx = 4;
/** Between columns of text. */
export const columnGapPx = 24;

/** The text of a state: its name, what it is, what it does, and the transitions that stay in it. */
export function stateContent(chart: Chart, state: ChartState, columns: number, columnWidth: number): Content {
  const wholeWidth = columns * columnWidth + (columns - 1) * columnGapPx;
  const heading = stacked([title(chart, state), ...description(state, wholeWidth)], 1);
  const units = [
    ...doings(state).map((pieces) => unitOf(flow(pieces, columnWidth))),
    ...transitionUnits(
      chart,
      chart.edges.flatMap((edge, index) => (staysIn(edge, state.path) ? [index] : [])),
      columnWidth,
    ),
  ];
  if (units.length === 0) return heading;
  return stacked([heading, inColumns(units, columns)], 6);
}

/** The text at an arrow: the transitions that it stands for. */
export function labelContent(chart: Chart, edges: readonly number[], width: number): Content {
  return stacked(transitionUnits(chart, edges, width), unitGapPx);
}

/** A state's name alone. */
export function nameContent(chart: Chart, state: ChartState): Content {
  return title(chart, state);
}

/** The events alone at an arrow, each of them once; where there is no event, the guard says when. */
export function eventsContent(chart: Chart, edges: readonly number[], width: number): Content {
  const pieces = edges.map((index) => {
    const edge = edgeAt(chart, index);
    return edge.event === '' && edge.guard !== undefined ? guardPiece(edge.guard) : eventPiece(edge);
  });
  const shown = new Map(pieces.map((piece) => [piece.text, piece]));
  return stacked(
    [...shown.values()].map((piece) => unitOf(flow([piece], width))),
    0,
  );
}

/** Whether a transition is drawn inside of its state, because it leads nowhere else. */
export function staysIn(edge: ChartEdge, path: string): boolean {
  return edge.source === path && (edge.target === undefined || edge.target === path);
}

export function stateName(chart: Chart, state: ChartState): string {
  return state.path === '' ? chart.id : (state.path.split('.').at(-1) ?? state.path);
}

function title(chart: Chart, state: ChartState): Unit {
  const style = state.path === '' ? 'machine' : 'state';
  const rule: Piece[] = state.rule === undefined ? [] : [{ text: state.rule, style: 'rule' }];
  return unitOf(flow([{ text: stateName(chart, state), style }, ...rule], Number.POSITIVE_INFINITY));
}

/** The rule that a description begins with stands beside the name already. */
function description({ description: text, rule }: ChartState, width: number): Unit[] {
  if (text === undefined) return [];
  const prefix = `${rule}: `;
  const shown = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const { runs, ...size } = flow([{ text: shown, style: 'description' }], width);
  return [unitOf({ ...size, runs: runs.map((run) => ({ ...run, x: 0 })) })];
}

function doings({ entry, exit, invokes }: ChartState): Piece[][] {
  const lines: Piece[][] = [];
  if (entry.length > 0) lines.push([{ text: 'entry', style: 'keyword' }, actionsPiece(entry)]);
  if (exit.length > 0) lines.push([{ text: 'exit', style: 'keyword' }, actionsPiece(exit)]);
  for (const { source } of invokes)
    lines.push([
      { text: 'runs', style: 'keyword' },
      { text: source, style: 'action' },
    ]);
  return lines;
}

/** One unit for each event: in one line, or the event and below it each transition that it may cause here. */
function transitionUnits(chart: Chart, edges: readonly number[], width: number): Unit[] {
  const byEvent = new Map<string, number[]>();
  for (const index of edges) {
    const event = edgeAt(chart, index).event;
    byEvent.set(event, [...(byEvent.get(event) ?? []), index]);
  }
  return [...byEvent.values()].map((indices) => {
    const event = eventPiece(edgeAt(chart, indices[0] ?? -1));
    if (indices.length === 1)
      return stacked(
        indices.map((index) => transitionUnit(chart, index, [event], width, 0)),
        0,
      );
    const heading = unitOf(flow([event], width));
    return stacked(
      [heading, ...indices.map((index) => transitionUnit(chart, index, [], width, indentPx))],
      0,
    );
  });
}

function edgeAt(chart: Chart, index: number): ChartEdge {
  const edge = chart.edges[index];
  if (edge === undefined) throw new RangeError(`The chart of ${chart.id} has no transition ${index}.`);
  return edge;
}

function transitionUnit(
  chart: Chart,
  index: number,
  before: readonly Piece[],
  width: number,
  indent: number,
): Unit {
  const edge = edgeAt(chart, index);
  const stays = edge.target === undefined ? 'kept' : edge.target === edge.source ? 'again' : undefined;
  const left = indent + (stays === 'again' ? againMarkPx : 0);
  const flowed = flow([...before, ...transitionPieces(chart, edge)], width - left);
  const block = blockOf(flowed, left);
  return unitWith({ ...block, edge: index, ...(stays === undefined ? {} : { stays }) });
}

function transitionPieces(chart: Chart, edge: ChartEdge): Piece[] {
  const rivals = chart.edges.filter((other) => other.source === edge.source && other.event === edge.event);
  const pieces: Piece[] = [];
  if (rivals.length > 1) pieces.push({ text: `${rivals.indexOf(edge) + 1}`, style: 'order' });
  if (edge.guard !== undefined) pieces.push(guardPiece(edge.guard));
  else if (rivals.length > 1) pieces.push(guardPiece('else'));
  if (edge.actions.length > 0) pieces.push(actionsPiece(edge.actions));
  else if (edge.target === undefined) pieces.push({ text: 'ignored', style: 'keyword' });
  if (edge.rule !== undefined) pieces.push({ text: edge.rule, style: 'rule' });
  return pieces;
}

function eventPiece({ event, delay }: ChartEdge): Piece {
  const isOwn = event !== '' && delay === undefined;
  return { text: eventWords(event, delay), style: isOwn ? 'event' : 'keyword' };
}

function guardPiece(guard: string): Piece {
  return { text: `[${guard}]`, style: 'guard' };
}

function actionsPiece(actions: readonly string[]): Piece {
  return { text: `/ ${actions.join(', ')}`, style: 'action' };
}

function unitOf(flowed: Flowed): Unit {
  return unitWith(blockOf(flowed, 0));
}

function unitWith(block: TextBlock): Unit {
  return { width: block.x + block.width, height: block.height, blocks: [block] };
}

function blockOf({ width, height, runs }: Flowed, x: number): TextBlock {
  return { x, y: 0, width, height, runs: runs.map((run) => ({ ...run, x: run.x + x })) };
}

function stacked(units: readonly Unit[], gap: number): Unit {
  let y = 0;
  const blocks = units.flatMap((unit, index) => {
    if (index > 0) y += gap;
    const moved = unit.blocks.map((block) => movedBlock(block, 0, y));
    y += unit.height;
    return moved;
  });
  return { width: Math.max(0, ...units.map(({ width }) => width)), height: y, blocks };
}

/** Fills columns from the left, each about as high as the others. */
function inColumns(units: readonly Unit[], columns: number): Unit {
  const filled = columnsOf(units, columns).map((column) => stacked(column, unitGapPx));
  let x = 0;
  const blocks = filled.flatMap((column, index) => {
    if (index > 0) x += columnGapPx;
    const moved = column.blocks.map((block) => movedBlock(block, x, 0));
    x += column.width;
    return moved;
  });
  return { width: x, height: Math.max(...filled.map(({ height }) => height)), blocks };
}

/** The lowest height at which the units fit into so many columns, in their order. */
function columnsOf(units: readonly Unit[], columns: number): Unit[][] {
  const whole = units.reduce((height, unit) => height + unit.height + unitGapPx, 0);
  const highest = Math.max(...units.map(({ height }) => height));
  for (let limit = Math.max(highest, whole / columns); limit < whole; limit += 8) {
    const filled = filledTo(units, limit);
    if (filled.length <= columns) return filled;
  }
  return [[...units]];
}

function filledTo(units: readonly Unit[], limit: number): Unit[][] {
  const filled: Unit[][] = [];
  let height = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    if (height + unit.height > limit) {
      filled.push([]);
      height = 0;
    }
    filled.at(-1)?.push(unit);
    height += unit.height + unitGapPx;
  }
  return filled;
}

/** The same block elsewhere. */
export function movedBlock(block: TextBlock, dx: number, dy: number): TextBlock {
  const runs = block.runs.map((run) => ({ ...run, x: run.x + dx, y: run.y + dy }));
  return { ...block, x: block.x + dx, y: block.y + dy, runs };
}
