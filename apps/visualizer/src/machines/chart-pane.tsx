// The drawing of a machine.

import { eventWords, type World } from '@odradek/trace';
import { useConsole } from '../app/the-console.ts';
import type { CountedSince } from '../charts/activity.ts';
import { LiveChart } from '../charts/live-chart.tsx';
import { useDrawings } from '../charts/use-drawings.ts';
import { timeText } from '../story/time-text.ts';
import type { MachineSeen } from './machine-list.ts';

export interface ChartPaneProps {
  readonly machine: MachineSeen;
  /** The actor that is picked: its state alone is shown. */
  readonly actor: string | undefined;
}

export function ChartPane({ machine: { chart, world, isOwn }, actor }: ChartPaneProps) {
  const { kind } = useConsole().state.value.context;
  const drawn = useDrawings(chart);
  if (drawn.state === 'drawn')
    return (
      <LiveChart
        key={chart.id}
        drawings={drawn.drawings}
        world={world}
        actor={actor}
        since={countedSince(world, isOwn ? 'page' : kind)}
      />
    );
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

const beginnings = {
  file: 'when the file begins',
  tab: 'when its cluster began',
  cluster: 'when this page began to watch',
  page: 'when this page was opened',
  nothing: 'when it was first heard',
} as const;

function countedSince({ beganMs = 0 }: World, what: keyof typeof beginnings): CountedSince {
  return { at: timeText(beganMs), what: beginnings[what] };
}
