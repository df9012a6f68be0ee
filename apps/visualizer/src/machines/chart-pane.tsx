// The drawing of a machine.

import { eventWords } from '@odradek/trace';
import { LiveChart } from '../charts/live-chart.tsx';
import { useDrawings } from '../charts/use-drawings.ts';
import type { MachineSeen } from './machine-list.ts';

export interface ChartPaneProps {
  readonly machine: MachineSeen;
  /** The actor that is picked: its state alone is shown. */
  readonly actor: string | undefined;
}

export function ChartPane({ machine: { chart, world }, actor }: ChartPaneProps) {
  const drawn = useDrawings(chart);
  if (drawn.state === 'drawn')
    return <LiveChart key={chart.id} drawings={drawn.drawings} world={world} actor={actor} />;
  if (drawn.state === 'waiting')
    return (
      <p class="soft" role="status">
        The drawing comes: a machine that is not of this product is laid out here.
      </p>
    );
  return (
    <>
      <p role="alert">This machine could not be laid out: {drawn.why}. Its transitions:</p>
      <ul class="edges">
        {chart.edges.map((edge, index) => (
          <li key={index} class="mono small">
            {edge.source || chart.id} — {eventWords(edge.event, edge.delay)}{' '}
            {edge.guard !== undefined && `[${edge.guard}]`} → {edge.target ?? 'stays'}
          </li>
        ))}
      </ul>
    </>
  );
}
