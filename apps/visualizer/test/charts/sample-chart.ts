// A small chart with regions, guards and a final state, and steps in it.

import type { Chart, StepTold } from '@odradek/trace';

export const chart: Chart = {
  id: 'log',
  states: [
    state('', null, 'compound', 'open'),
    state('open', '', 'parallel'),
    state('open.role', 'open', 'compound', 'open.role.leading'),
    state('open.role.leading', 'open.role', 'atomic'),
    state('open.role.following', 'open.role', 'atomic'),
    state('open.disk', 'open', 'compound', 'open.disk.clean'),
    state('open.disk.clean', 'open.disk', 'atomic'),
    state('failed', '', 'final'),
  ],
  edges: [
    { source: 'open.role.leading', event: 'deposed', target: 'open.role.following', actions: [] },
    { source: 'open.role.leading', event: 'produce', guard: 'is stale', actions: ['refuse'] },
    { source: 'open.role.leading', event: 'produce', actions: ['append'] },
    { source: 'open', event: 'disk failed', target: 'failed', actions: [] },
  ],
};

function state(
  path: string,
  parent: string | null,
  type: Chart['states'][number]['type'],
  initial?: string,
): Chart['states'][number] {
  const begins = initial === undefined ? {} : { initial };
  return { path, parent, type, ...begins, tags: [], entry: [], exit: [], invokes: [] };
}

export function step(actor: string, event: string, edge: number | undefined, timeMs = 5): StepTold {
  const { source, target, guard } = edge === undefined ? {} : (chart.edges[edge] ?? {});
  const edges =
    source === undefined
      ? []
      : [{ source, ...(target === undefined ? {} : { target }), ...(guard === undefined ? {} : { guard }) }];
  return {
    kind: 'step',
    timeMs,
    actor,
    machine: 'log',
    event,
    from: '',
    to: '',
    edges,
    value: { open: { role: 'leading', disk: 'clean' } },
  };
}
