// The drawing of a machine.

import { eventWords } from '@odradek/trace';
import type { MachineSeen } from './machine-list.ts';

export interface ChartPaneProps {
  readonly machine: MachineSeen;
  /** The actor that is picked: its state alone is shown. */
  readonly actor: string | undefined;
}

export function ChartPane({ machine: { chart } }: ChartPaneProps) {
  return (
    <ul class="edges">
      {chart.edges.map((edge, index) => (
        <li key={index} class="mono small">
          {edge.source || chart.id} — {eventWords(edge.event, edge.delay)}{' '}
          {edge.guard !== undefined && `[${edge.guard}]`} → {edge.target ?? 'stays'}
        </li>
      ))}
    </ul>
  );
}
