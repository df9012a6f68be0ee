// A plan as a graph for a layered layout with nested nodes, in the form that the Eclipse Layout Kernel takes (elkjs). Labels are nodes between
// the two halves of their arrow: so they get room of their own, and nothing runs through them.

import type { ChartState } from '../chart.ts';
import type { Content } from './content.ts';
import { hasChildren, isInside, type Manner, type Plan, type PlannedArrow, statePadding } from './plan.ts';

export interface LayoutNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  layoutOptions?: Record<string, string>;
  children?: LayoutNode[];
  edges?: LayoutEdge[];
}

export interface LayoutEdge {
  id: string;
  sources: string[];
  targets: string[];
  layoutOptions?: Record<string, string>;
  sections?: LayoutSection[];
}

export interface LayoutSection {
  id: string;
  startPoint: LayoutPoint;
  endPoint: LayoutPoint;
  bendPoints?: LayoutPoint[];
}

export interface LayoutPoint {
  x: number;
  y: number;
}

export const labelPadding = { sides: 7, ends: 4 } as const;

const dotPx = 12;

/** The graph to be laid out. */
export function layoutGraphOf(plan: Plan): LayoutNode {
  const { chart, manner } = plan;
  const root = chart.states.find(({ parent }) => parent === null);
  if (root === undefined) throw new RangeError(`The chart of ${chart.id} has no root.`);
  return {
    id: 'drawing',
    layoutOptions: {
      ...optionsOf(manner),
      'elk.algorithm': 'layered',
      'elk.direction': manner.direction,
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      'elk.padding': '[top=8,left=8,bottom=8,right=8]',
      'elk.randomSeed': String(manner.seed),
    },
    children: [stateNode(plan, root)],
    edges: [...initialEdges(plan), ...plan.arrows.flatMap((arrow, index) => arrowEdges(plan, arrow, index))],
  };
}

const spacing: Readonly<Record<string, string>> = {
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.componentComponent': '24',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '11',
  'elk.layered.thoroughness': '30',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.crossingMinimization.greedySwitchHierarchical.type': 'TWO_SIDED',
};

/** Regions side by side begin at the same height. */
const alignment = { 'elk.alignment': 'TOP' } as const;

function optionsOf({ placement }: Manner): Record<string, string> {
  return { ...spacing, 'elk.layered.nodePlacement.strategy': placement };
}

function stateNode(plan: Plan, state: ChartState): LayoutNode {
  const content = contentOf(plan, state.path);
  const id = idOfState(state.path);
  const width = Math.ceil(content.width) + 2 * statePadding.sides;
  const height = Math.ceil(content.height) + statePadding.top + statePadding.bottom;
  if (!hasChildren(plan.chart, state)) return { id, width: Math.max(width, 76), height };
  const dots = state.initial === undefined ? [] : [dotNode(state.path)];
  const inside = [...dots, ...childrenOf(plan, state.path)];
  if (plan.apart.has(state.path))
    return {
      id,
      layoutOptions: {
        ...optionsOf(plan.manner),
        ...alignment,
        'elk.padding': '[top=8,left=8,bottom=16,right=16]',
      },
      children: [headNode(state.path, width, height), ...inside],
    };
  // The kernel lays out as if everything led to the right, and turns the result; the least size it does not turn.
  const least = plan.manner.direction === 'DOWN' ? `(${height},${width})` : `(${width},${height})`;
  return {
    id,
    layoutOptions: {
      ...optionsOf(plan.manner),
      ...alignment,
      'elk.padding': `[top=${height + 6},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': least,
    },
    children: inside,
  };
}

/** The states and labels in a state. */
function childrenOf(plan: Plan, path: string): LayoutNode[] {
  return [
    ...plan.chart.states.filter(({ parent }) => parent === path).map((child) => stateNode(plan, child)),
    ...plan.arrows.flatMap((arrow, index) => (arrow.within === path ? [labelNode(arrow, index)] : [])),
  ];
}

function headNode(path: string, width: number, height: number): LayoutNode {
  const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST', ...alignment };
  return { id: idOfHead(path), width, height, layoutOptions };
}

function dotNode(path: string): LayoutNode {
  const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  return { id: idOfDot(path), width: dotPx, height: dotPx, layoutOptions };
}

function labelNode({ content }: PlannedArrow, index: number): LayoutNode {
  return {
    id: idOfLabel(index),
    width: Math.ceil(content.width) + 2 * labelPadding.sides,
    height: Math.ceil(content.height) + 2 * labelPadding.ends,
  };
}

function initialEdges({ chart }: Plan): LayoutEdge[] {
  return chart.states.flatMap(({ path, initial }) =>
    initial === undefined ? [] : [edge(idOfInitial(path), idOfDot(path), idOfState(initial))],
  );
}

/**
 * Of an arrow from a state to its own inside there is only the half that leads there: it begins anywhere in the state. An arrow that leads back
 * is laid out the other way round, and turned when it has its place.
 */
function arrowEdges(plan: Plan, arrow: PlannedArrow, index: number): LayoutEdge[] {
  const [label, source, target] = [idOfLabel(index), idOfState(arrow.source), idOfState(arrow.target)];
  if (isInside(arrow.target, arrow.source)) return [edge(idOfTo(index), label, target)];
  if (leadsBack(plan, arrow))
    return [edge(idOfFrom(index), label, source), edge(idOfTo(index), target, label)];
  return [edge(idOfFrom(index), source, label), edge(idOfTo(index), label, target)];
}

export function leadsBack({ chart, manner }: Plan, { source, target, within }: PlannedArrow): boolean {
  if (manner.order === 'found') return false;
  const children = chart.states.filter(({ parent }) => parent === within);
  const placeOf = (end: string): number =>
    children.findIndex(({ path }) => path === end || isInside(end, path));
  return placeOf(source) > placeOf(target) && placeOf(target) >= 0;
}

function edge(id: string, source: string, target: string): LayoutEdge {
  return { id, sources: [source], targets: [target] };
}

export const idOfState = (path: string): string => `state ${path}`;
export const idOfLabel = (index: number): string => `label ${index}`;
export const idOfFrom = (index: number): string => `from ${index}`;
export const idOfTo = (index: number): string => `to ${index}`;
export const idOfDot = (path: string): string => `dot ${path}`;
export const idOfHead = (path: string): string => `head ${path}`;
export const idOfInitial = (path: string): string => `initial ${path}`;

export function contentOf(plan: Plan, path: string): Content {
  const content = plan.contents.get(path);
  if (content === undefined) throw new RangeError(`Nothing is planned for the state ${path}.`);
  return content;
}
