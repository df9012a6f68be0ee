// A layout without an engine: children one below the other, and straight lines. Enough to see that a drawing is made of what it is given.

import type { LayoutNode, LayoutPoint } from '../../src/index.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function laidOutInRows(graph: LayoutNode): LayoutNode {
  const places = new Map<string, Place>();
  place(graph, 0, 0, places);
  for (const edge of graph.edges ?? []) {
    const [start, end] = [edge.sources, edge.targets].map(([id = '']) => middleOf(places.get(id)));
    if (start === undefined || end === undefined) throw new Error(`${edge.id} hangs in the air`);
    edge.sections = [{ id: edge.id, startPoint: start, endPoint: end }];
  }
  return graph;
}

const gap = 30;

function place(node: LayoutNode, x: number, y: number, places: Map<string, Place>): Place {
  let bottom = y + (node.children === undefined ? (node.height ?? 0) : headOf(node));
  let right = x + (node.width ?? 0);
  for (const child of node.children ?? []) {
    const box = place(child, x + gap, bottom + gap, places);
    bottom = box.y + box.height;
    right = Math.max(right, box.x + box.width);
  }
  const isFrame = node.children !== undefined;
  const box = { x, y, width: right - x + (isFrame ? gap : 0), height: bottom - y + (isFrame ? gap : 0) };
  Object.assign(node, box);
  places.set(node.id, box);
  return box;
}

/** The room that a state asks for above what is inside. */
function headOf(node: LayoutNode): number {
  return Number(/top=(\d+)/.exec(node.layoutOptions?.['elk.padding'] ?? '')?.[1] ?? 0);
}

function middleOf(box: Place | undefined): LayoutPoint | undefined {
  return box === undefined ? undefined : { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
