// The way back from a layout: the places that it gave to a plan's graph, as a drawing.

import type { ChartState } from '../chart.ts';
import { movedBlock, stateName } from './content.ts';
import {
  type Box,
  DRAWING_VERSION,
  type Drawing,
  type DrawnArrow,
  type DrawnState,
  type Point,
  type TextBlock,
} from './drawing.ts';
import { crosses, isWithin, touch } from './geometry.ts';
import {
  contentOf,
  idOfFrom,
  idOfHead,
  idOfInitial,
  idOfLabel,
  idOfState,
  idOfTo,
  type LayoutEdge,
  type LayoutNode,
  labelPadding,
  leadsBack,
} from './layout-graph.ts';
import { type Plan, type PlannedArrow, statePadding } from './plan.ts';

/** The drawing, from the plan and the places that a layout gave to its graph. */
export function drawingOf(plan: Plan, laidOut: LayoutNode): Drawing {
  const places = new Map(withDescendants(laidOut).map((node) => [node.id, boxOf(node)]));
  const lines = new Map((laidOut.edges ?? []).map((laid) => [laid.id, pointsOf(laid)]));
  const placeOf = (id: string): Box => {
    const place = places.get(id);
    if (place === undefined) throw new RangeError(`The layout has no place for ${id}.`);
    return place;
  };
  const { width, height } = placeOf('drawing');
  return {
    version: DRAWING_VERSION,
    chart: plan.chart,
    width,
    height,
    states: plan.chart.states.map((state) => {
      const box = placeOf(idOfState(state.path));
      const head = places.get(idOfHead(state.path));
      return drawnState(
        plan,
        state,
        box,
        head === undefined ? box : headPlace(box, head, places, lines),
        lines,
      );
    }),
    arrows: plan.arrows.map((arrow, index) =>
      drawnArrow(plan, arrow, index, placeOf(idOfLabel(index)), lines),
    ),
  };
}

type Lines = ReadonlyMap<string, readonly Point[]>;

function drawnState(plan: Plan, state: ChartState, box: Box, head: Box, lines: Lines): DrawnState {
  const { blocks } = contentOf(plan, state.path);
  const parent = plan.chart.states.find(({ path }) => path === state.parent);
  const initial = lines.get(idOfInitial(state.path));
  return {
    ...box,
    path: state.path,
    name: stateName(plan.chart, state),
    kind: state.type,
    ...(parent?.type === 'parallel' ? { isRegion: true } : {}),
    blocks: blocks.map((block) =>
      rounded(movedBlock(block, head.x + statePadding.sides, head.y + statePadding.top)),
    ),
    ...(initial === undefined ? {} : { initial }),
  };
}

/** The text of a state belongs into its corner, if that is free; the layout may have left it elsewhere. */
function headPlace(box: Box, head: Box, places: ReadonlyMap<string, Box>, lines: Lines): Box {
  const corner = { ...head, x: box.x, y: box.y };
  const boxes = [...places].filter(([id, place]) => !id.startsWith('head ') && isWithin(place, box));
  const isFree =
    boxes.every(([, place]) => !touch(corner, place)) &&
    [...lines.values()].every((points) => !crosses(points, corner));
  return isFree ? corner : head;
}

function drawnArrow(plan: Plan, arrow: PlannedArrow, index: number, box: Box, lines: Lines): DrawnArrow {
  const parts = [lines.get(idOfFrom(index)), lines.get(idOfTo(index))].filter((part) => part !== undefined);
  return {
    source: arrow.source,
    target: arrow.target,
    lines: leadsBack(plan, arrow) ? parts.map((part) => part.toReversed()) : parts,
    label: {
      ...box,
      blocks: arrow.content.blocks.map((block) =>
        rounded(movedBlock(block, box.x + labelPadding.sides, box.y + labelPadding.ends)),
      ),
    },
  };
}

function withDescendants(node: LayoutNode): LayoutNode[] {
  return [node, ...(node.children ?? []).flatMap(withDescendants)];
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function pointsOf({ sections = [] }: LayoutEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [round(x), round(y)]),
  );
}

function rounded(block: TextBlock): TextBlock {
  const runs = block.runs.map((run) => ({ ...run, x: round(run.x), y: round(run.y) }));
  return { ...block, ...boxOf(block), runs };
}

/** Tenths of a pixel are enough for everybody. */
function round(length: number): number {
  return Math.round(length * 10) / 10;
}
