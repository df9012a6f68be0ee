// What goes between the nodes: above their heads, as curves. Messages of a simulation are where they are at that moment; of a cluster
// that runs only counts are told, and a dot runs along each curve on which something went.

import type { MessagesTold, World } from '@odradek/trace';
import { isMotionAllowed } from '../ui/motion.ts';
import { curveBetween, flightsAt, type Lane, lanesOf, type Point, pointAt } from './messages.ts';

const height = 44;
/** What went is shown for so long, and a dot runs for so long. */
const latelyMs = 1200;
const runMs = 700;

export interface MessageBandProps {
  readonly world: World;
  readonly timeMs: number;
  readonly isNow: boolean;
  /** The middle of each node's column, and where clients are. */
  readonly middles: ReadonlyMap<number | 'client', number>;
  readonly width: number;
}

export function MessageBand({ world, timeMs, isNow, middles, width }: MessageBandProps) {
  const curve = (from: number | 'client', to: number | 'client'): [Point, Point, Point] | undefined => {
    const start = middles.get(from);
    const end = middles.get(to);
    return start === undefined || end === undefined ? undefined : curveBetween(start, end, height - 1, 4);
  };
  const flights = flightsAt(world.underWay, timeMs);
  const told = lately(world);
  const lanes = lanesOf(told.flatMap(({ sent }) => sent));
  const atMs = Math.max(0, ...told.map((messages) => messages.timeMs));
  const areExact = world.underWay.length > 0;
  return (
    <svg class="messages" width={width} height={height} role="img" aria-label={wordsOf(lanes)}>
      {lanes.map((lane) => {
        const way = curve(lane.from, lane.to);
        return (
          way !== undefined && (
            <LaneView
              key={`${lane.from}>${lane.to}`}
              lane={lane}
              way={way}
              isRunning={isNow && !areExact && isMotionAllowed.value}
              atMs={atMs - (atMs % runMs)}
            />
          )
        );
      })}
      {areClientsTold(world) && (
        <text class="clients" x={(middles.get('client') ?? 0) - 20} y={height + 12}>
          clients
        </text>
      )}
      {flights.map(({ from, to, name, done, isLost }, index) => {
        const way = curve(from, to);
        if (way === undefined) return null;
        const { x, y } = pointAt(way, done);
        return (
          <g key={index} class={isLost ? 'message lost' : 'message'}>
            <path class="way" d={curvePath(way)} />
            <title>{`${name} from ${from} to ${to}${isLost ? ', lost on its way' : ''}`}</title>
            {isLost ? (
              <path class="cross" d={`M${x - 3} ${y - 3}l6 6M${x + 3} ${y - 3}l-6 6`} />
            ) : (
              <circle cx={x} cy={y} r="3.2" />
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** A whole cluster that is told at once, as by a simulation, is told with its clients. */
function areClientsTold({ hellos }: World): boolean {
  return [...hellos.values()].some(({ nodeId }) => nodeId === undefined);
}

function lately({ traffic, timeMs }: World): MessagesTold[] {
  return [...traffic.values()].filter((told) => timeMs - told.timeMs < latelyMs);
}

interface LaneViewProps {
  readonly lane: Lane;
  readonly way: readonly [Point, Point, Point];
  readonly isRunning: boolean;
  readonly atMs: number;
}

function LaneView({ lane, way, isRunning, atMs }: LaneViewProps) {
  const path = curvePath(way);
  return (
    <g class="lane">
      <title>{`from ${lane.from} to ${lane.to}: ${lane.words}`}</title>
      <path d={path} style={{ strokeWidth: `${Math.min(3, 0.75 + Math.log10(lane.count + 1))}px` }} />
      {isRunning && <circle key={atMs} class="running" r="3" style={{ offsetPath: `path("${path}")` }} />}
    </g>
  );
}

function curvePath([start, over, end]: readonly [Point, Point, Point]): string {
  return `M${start.x} ${start.y}Q${over.x} ${over.y} ${end.x} ${end.y}`;
}

function wordsOf(lanes: readonly Lane[]): string {
  if (lanes.length === 0) return 'No messages between the nodes at this moment';
  const sums = lanes.map(({ from, to, count }) => `${count} from ${from} to ${to}`);
  return `Messages between the nodes: ${sums.join(', ')}`;
}
