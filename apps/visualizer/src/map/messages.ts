// Messages between nodes as curves above their columns.

import type { MessageFacts } from '@odradek/trace';

/** A message that is on its way at the moment that is seen. */
export interface Flight extends Pick<MessageFacts, 'from' | 'to'> {
  readonly name: string;
  /** 0 where it left, 1 where it arrives. */
  readonly done: number;
  readonly isLost: boolean;
}

/** Messages of which it is known when they left and arrive, at a moment between. */
export function flightsAt(sent: readonly MessageFacts[], timeMs: number): Flight[] {
  return sent.flatMap(({ from, to, name, sentMs, arrivesMs, isLost }) => {
    if (sentMs === undefined || arrivesMs === undefined) return [];
    if (timeMs < sentMs || timeMs >= arrivesMs) return [];
    const done = (timeMs - sentMs) / (arrivesMs - sentMs);
    // What is lost gets half of the way.
    return isLost === true && done > 0.5 ? [] : [{ from, to, name, done, isLost: isLost === true }];
  });
}

/** What went between two nodes, all names together. */
export interface Lane {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** `fetch 12, fetch answer 12` */
  readonly words: string;
}

export function lanesOf(sent: readonly MessageFacts[]): Lane[] {
  const lanes = new Map<string, { from: number; to: number; names: Map<string, number> }>();
  for (const { from, to, name, count } of sent) {
    if (from === 'client' || to === 'client' || from === to) continue;
    const key = `${from}>${to}`;
    const lane = lanes.get(key) ?? { from, to, names: new Map<string, number>() };
    lanes.set(key, lane);
    lane.names.set(name, (lane.names.get(name) ?? 0) + count);
  }
  return [...lanes.values()].map(({ from, to, names }) => ({
    from,
    to,
    count: [...names.values()].reduce((sum, count) => sum + count, 0),
    words: [...names].map(([name, count]) => `${name} ${count}`).join(', '),
  }));
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve from one column to another; there and back are two different ones. */
export function curveBetween(
  fromX: number,
  toX: number,
  baseY: number,
  highestY: number,
): [Point, Point, Point] {
  const isRightwards = toX > fromX;
  const shift = isRightwards ? -5 : 5;
  const rise = Math.min(1, 0.45 + Math.abs(toX - fromX) / 1600);
  const top = baseY - (baseY - highestY) * 2 * rise * (isRightwards ? 1 : 0.62);
  return [
    { x: fromX + shift, y: baseY },
    { x: (fromX + toX) / 2, y: top },
    { x: toX + shift, y: baseY },
  ];
}

/** A point of the curve. */
export function pointAt([start, middle, end]: readonly [Point, Point, Point], done: number): Point {
  const left = 1 - done;
  const at = (from: number, over: number, to: number): number =>
    left * left * from + 2 * left * done * over + done * done * to;
  return { x: at(start.x, middle.x, end.x), y: at(start.y, middle.y, end.y) };
}
