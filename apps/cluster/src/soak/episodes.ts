// The faults of a soak, drawn from a seed: each is something that begins, lasts and ends.

import type { Order } from '../up/orders.ts';
import { type Damage, damages } from './damage.ts';
import type { Draw } from './draw.ts';
import { canLimitFiles } from './few-files.ts';

/** Something is done to the files of a node that does not run. */
export interface DamageOrder {
  readonly do: 'damage';
  readonly node: number;
  readonly what: Damage;
}

/** A node's process may open no more files than it has, or as many as ever. */
export interface FilesOrder {
  readonly do: 'files';
  readonly node: number;
  readonly isShort: boolean;
}

export interface Step {
  readonly order: Order | DamageOrder | FilesOrder;
  /** How long to wait once it has been carried out. */
  readonly thenMs: number;
}

/** A fault from its beginning to its end, mostly as orders of `odradek chaos`. */
export interface Episode {
  readonly fault: Fault;
  readonly text: string;
  readonly steps: readonly Step[];
  /** It takes a replica away for good: the others must have everything before it, and this one again after it. */
  readonly isHarmful: boolean;
}

/** Which processes may be ended: at last none, so that what leaks in them adds up. */
export type Roughness = 'kills' | 'gray';

/** As often as each fault is named. */
const kills = [
  'kill',
  'kill',
  'kill',
  'kill all',
  'kill two',
  'kill paused',
  'restart',
  'restart all',
  'kill in turn',
  'failing flushes',
  ...damages,
] as const;
const gray = [
  ...['pause', 'pause', 'pause two', 'cut', 'cut', 'cut one way', 'cut one way', 'isolate', 'isolate'],
  ...['isolate one way', 'flap', 'slow network', 'slow disk', 'fill'],
  ...(canLimitFiles ? (['few files'] as const) : []),
] as const;

export type Fault = (typeof kills)[number] | (typeof gray)[number];

/** Each by its name, once. */
export const faults: readonly Fault[] = [...new Set([...kills, ...gray])];

/** Of which faults the next one is drawn. */
export interface Choice {
  readonly ids: readonly number[];
  /** Those that have partitions, and so something on their disks to be damaged. */
  readonly brokers: readonly number[];
  readonly roughness: Roughness;
  /** These alone; without it all. */
  readonly only?: readonly Fault[] | undefined;
}

/** The next fault of a cluster. */
export function nextEpisode(draw: Draw, { ids, brokers, roughness, only = faults }: Choice): Episode {
  const all: readonly Fault[] = roughness === 'kills' ? [...kills, ...gray] : gray;
  const wanted = all.filter((fault) => only.includes(fault));
  const fault = draw.pick(wanted.length > 0 ? wanted : only);
  const isHarmful = fault === 'failing flushes' || isDamage(fault);
  const shuffledIds = shuffled(draw, ids);
  const one = shuffledIds.find((id) => !isHarmful || brokers.includes(id)) ?? 0;
  const others = shuffledIds.filter((id) => id !== one);
  const [other = 0] = others;
  // Shorter and longer than heartbeats, elections, sessions and lags under the timers of `up`.
  const lasting = (): number => draw.pick([50, 200, 500, 1000, 2000, 4000, 6000]);
  const steps = stepsOf(fault, { draw, one, other, all: [one, ...others], lasting });
  const orders = steps.map(({ order, thenMs }) => `${orderText(order)}, ${thenMs} ms`);
  return { fault, text: `${fault}: ${orders.join('; ')}`, steps, isHarmful };
}

function isDamage(fault: Fault): fault is Damage {
  return damages.some((damage) => damage === fault);
}

interface Cast {
  readonly draw: Draw;
  readonly one: number;
  readonly other: number;
  readonly all: readonly number[];
  readonly lasting: () => number;
}

function stepsOf(fault: Fault, { draw, one, other, all, lasting }: Cast): readonly Step[] {
  const nodes = (what: 'kill' | 'start' | 'restart' | 'pause' | 'resume', ids: readonly number[]): Order => ({
    do: what,
    nodes: ids,
  });
  const step = (order: Step['order'], thenMs = 0): Step => ({ order, thenMs });
  const cutOff = (from: number, to: number, isOneWay = false): Order => ({ do: 'cut', from, to, isOneWay });
  const heal = step({ do: 'heal' });
  const others = all.filter((id) => id !== one);
  switch (fault) {
    case 'kill':
      return [step(nodes('kill', [one]), lasting()), step(nodes('start', [one]))];
    case 'kill two':
      return [step(nodes('kill', [one, other]), lasting()), step(nodes('start', [one, other]))];
    case 'kill all':
      return [step(nodes('kill', all), draw.pick([0, 100, 1000])), step(nodes('start', all))];
    case 'kill in turn':
      return all.flatMap((id) => [
        step(nodes('kill', [id])),
        step(nodes('start', [id]), draw.pick([0, 100, 500])),
      ]);
    case 'kill paused':
      return [
        step(nodes('pause', [one]), lasting()),
        step(nodes('kill', [one]), lasting()),
        step(nodes('start', [one])),
      ];
    case 'restart':
      return [step(nodes('restart', [one]))];
    case 'restart all':
      return all.map((id) => step(nodes('restart', [id]), draw.pick([0, 500])));
    case 'pause':
      return [step(nodes('pause', [one]), lasting()), step(nodes('resume', [one]))];
    case 'pause two':
      return [step(nodes('pause', [one, other]), lasting()), step(nodes('resume', [one, other]))];
    case 'cut':
      return [step(cutOff(one, other), lasting()), heal];
    case 'cut one way':
      return [step(cutOff(one, other, true), lasting()), heal];
    case 'isolate':
      return [
        ...inOneGo(
          others.map((id) => cutOff(one, id)),
          lasting(),
        ),
        heal,
      ];
    case 'isolate one way': {
      const isDeaf = draw.chance(50);
      const cuts = others.map((id) => (isDeaf ? cutOff(id, one, true) : cutOff(one, id, true)));
      return [...inOneGo(cuts, lasting()), heal];
    }
    case 'flap': {
      const everyMs = draw.pick([100, 300, 500, 1000]);
      const once = [step(cutOff(one, other), everyMs), step({ do: 'heal' }, everyMs)];
      return Array.from({ length: Math.ceil(3000 / everyMs) }, () => once).flat();
    }
    case 'slow network':
    case 'slow disk': {
      const what = fault === 'slow disk' ? 'disk' : 'network';
      const delayMs = draw.pick([20, 200, 800]);
      return [step({ do: 'slow', node: one, what, delayMs }, lasting()), heal];
    }
    default:
      return diskSteps(fault, { draw, one, other, all, lasting });
  }
}

function diskSteps(
  fault: Damage | 'fill' | 'few files' | 'failing flushes',
  { draw, one, lasting }: Cast,
): readonly Step[] {
  const heal: Step = { order: { do: 'heal' }, thenMs: 0 };
  switch (fault) {
    case 'fill':
      // Whether it ends of that shows a moment later.
      return [
        { order: { do: 'fill', node: one }, thenMs: lasting() },
        { ...heal, thenMs: 500 },
      ];
    case 'few files':
      return [
        { order: { do: 'files', node: one, isShort: true }, thenMs: lasting() },
        { order: { do: 'files', node: one, isShort: false }, thenMs: 0 },
      ];
    case 'failing flushes':
      return [
        { order: { do: 'fail', node: one }, thenMs: lasting() },
        heal,
        { order: { do: 'restart', nodes: [one] }, thenMs: 0 },
      ];
    default:
      return [
        { order: { do: 'kill', nodes: [one] }, thenMs: 0 },
        { order: { do: 'damage', node: one, what: fault }, thenMs: draw.pick([0, 1000]) },
        { order: { do: 'start', nodes: [one] }, thenMs: 0 },
      ];
  }
}

/** One order after the other; only then time goes by. */
function inOneGo(orders: readonly Order[], thenMs: number): readonly Step[] {
  return orders.map((order, at) => ({ order, thenMs: at === orders.length - 1 ? thenMs : 0 }));
}

function shuffled(draw: Draw, ids: readonly number[]): readonly number[] {
  const left = [...ids];
  return ids.map(() => {
    const at = draw.between(0, left.length - 1);
    return left.splice(at, 1)[0] ?? 0;
  });
}

/** As `odradek chaos` would be told. */
export function orderText(order: Step['order']): string {
  switch (order.do) {
    case 'damage':
      return `(${order.what} of node ${order.node})`;
    case 'files':
      return `(${order.isShort ? 'no more' : 'all the'} files for node ${order.node})`;
    case 'cut':
      return `cut ${order.from} ${order.to}${order.isOneWay ? ' --one-way' : ''}`;
    case 'slow':
      return `slow ${order.node} --ms ${order.delayMs}${order.what === 'disk' ? ' --disk' : ''}`;
    case 'fill':
    case 'fail':
      return `${order.do} ${order.node}`;
    case 'heal':
      return 'heal';
    default:
      return `${order.do} ${order.nodes.join(' ')}`;
  }
}
