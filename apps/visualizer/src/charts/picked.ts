// What somebody has picked in a chart: a state, or all that leads from one state to another.

import type { Chart, ChartEdge, ChartState } from '@odradek/trace';

export type Picked =
  | { readonly kind: 'state'; readonly path: string }
  | { readonly kind: 'arrow'; readonly source: string; readonly target: string };

export function isSame(one: Picked | undefined, other: Picked): boolean {
  if (one === undefined) return false;
  if (one.kind === 'state') return other.kind === 'state' && one.path === other.path;
  return other.kind === 'arrow' && one.source === other.source && one.target === other.target;
}

/** A state's name with those it lies in: `flushing in open`; the root has the machine's. */
export function nameOf(chart: Chart, path: string): string {
  if (path === '') return chart.id;
  const [last = path, ...outer] = path.split('.').toReversed();
  return outer.length === 0 ? last : `${last} in ${outer.join(' in ')}`;
}

export interface PickedEdge {
  readonly edge: ChartEdge;
  readonly index: number;
  /** Its place among the transitions for the same event in the same state, and how many these are. */
  readonly order: number;
  readonly rivals: number;
}

/** The transitions that are picked: those of an arrow, or all that begin in a state. */
export function edgesPicked(chart: Chart, picked: Picked): PickedEdge[] {
  return chart.edges.flatMap((edge, index) => {
    const isPicked =
      picked.kind === 'state'
        ? edge.source === picked.path
        : edge.source === picked.source && edge.target === picked.target;
    if (!isPicked) return [];
    const rivals = chart.edges.filter(({ source, event }) => source === edge.source && event === edge.event);
    return [{ edge, index, order: rivals.indexOf(edge) + 1, rivals: rivals.length }];
  });
}

export function stateAt(chart: Chart, path: string): ChartState | undefined {
  return chart.states.find((state) => state.path === path);
}
