// What `@statelyai/inspect` tells of any xstate app, as live messages: so its events can be looked at here too. It tells snapshots,
// not steps: which edge was taken is what the machine's chart allows between two of them.

import type { StateValue } from 'xstate';
import type { Chart, ChartEdge } from '../chart.ts';
import { contextValues, valuesChanged } from '../context-values.ts';
import { type EventValue, eventValues } from '../event-values.ts';
import type { Sent } from '../orders.ts';
import { stateText } from '../state-text.ts';
import { START } from '../transitions.ts';
import { isStateValue } from './field-codec.ts';
import { LIVE_VERSION, type LiveMessage } from './messages.ts';
import { chartOfDefinition } from './stately-definition.ts';

interface Known {
  readonly path: string;
  readonly machine: string;
  value: StateValue | undefined;
  /** What it has sent since its last snapshot. */
  sent: Sent[];
  held: ReadonlyMap<string, EventValue[1]> | undefined;
}

/** More is not told of one step. */
const mostSent = 20;

/** Translates the events of one app, in their order. What is none of them, or damaged, is passed over. */
export class StatelyEvents {
  private readonly actors = new Map<string, Known>();
  private readonly charts = new Map<string, Chart>();
  private hasBegun = false;

  /** One event as it came over the wire: a parsed object, or its JSON text. */
  translate(event: unknown): LiveMessage[] {
    const given = typeof event === 'string' ? parsed(event) : event;
    if (!isRecord(given) || typeof given.sessionId !== 'string') return [];
    const timeMs = timeIn(given.createdAt);
    if (timeMs === undefined) return [];
    if (given.type === '@xstate.actor') return [...this.begin(timeMs), ...this.met(given, timeMs)];
    if (given.type === '@xstate.snapshot') return this.moved(given, timeMs);
    if (given.type === '@xstate.event') this.sent(given);
    return [];
  }

  /** It is told with the step of who has sent it, whose snapshot comes after. */
  private sent({ sourceId, sessionId, event }: Readonly<Record<string, unknown>>): void {
    const source = this.actors.get(String(sourceId));
    const to = this.actors.get(String(sessionId))?.path;
    if (source === undefined || to === undefined || source.sent.length === mostSent) return;
    if (!isRecord(event) || typeof event.type !== 'string' || event.type === START) return;
    const values = eventValues(event);
    source.sent.push({ to, name: event.type, ...(values.length === 0 ? {} : { values }) });
  }

  private begin(timeMs: number): LiveMessage[] {
    if (this.hasBegun) return [];
    this.hasBegun = true;
    const about = 'an xstate app, by @statelyai/inspect';
    return [{ kind: 'hello', version: LIVE_VERSION, timeMs, about, allowed: [], stepsAreGuessed: true }];
  }

  private met(event: Readonly<Record<string, unknown>>, timeMs: number): LiveMessage[] {
    const { sessionId, name, parentId, definition, snapshot } = event;
    const chart = typeof definition === 'string' ? chartOfDefinition(parsed(definition)) : undefined;
    const own = typeof name === 'string' && name !== '' ? name : String(sessionId);
    const parent = typeof parentId === 'string' ? this.actors.get(parentId)?.path : undefined;
    const path = parent === undefined ? own : `${parent}/${own}`;
    const value = stateValueIn(snapshot);
    const told: LiveMessage[] = [];
    if (chart !== undefined && !this.charts.has(chart.id)) {
      this.charts.set(chart.id, chart);
      told.push({ kind: 'machine', chart });
    }
    this.actors.set(String(sessionId), { path, machine: chart?.id ?? '', value, sent: [], held: undefined });
    if (chart === undefined || value === undefined) return told;
    return [...told, { kind: 'actors', timeMs, all: false, actors: [{ path, machine: chart.id, value }] }];
  }

  private moved(
    { sessionId, event, snapshot }: Readonly<Record<string, unknown>>,
    timeMs: number,
  ): LiveMessage[] {
    const known = this.actors.get(String(sessionId));
    const value = stateValueIn(snapshot);
    if (known === undefined || known.machine === '' || value === undefined) return [];
    const { path, machine, value: before } = known;
    const type = isRecord(event) && typeof event.type === 'string' ? event.type : '';
    known.value = value;
    const { sent } = known;
    known.sent = [];
    const told: LiveMessage[] = [
      {
        ...{ kind: 'step', timeMs, actor: path, machine, event: type, value },
        from: before === undefined ? '' : stateText(before),
        to: stateText(value),
        edges: this.edgesBetween(machine, type, before, value),
        ...(isRecord(event) && type !== START ? { values: eventValues(event) } : {}),
        ...(sent.length === 0 ? {} : { orders: [{ name: 'sends', sent }] }),
        ...changedIn(known, snapshot),
      },
    ];
    if (isRecord(snapshot) && snapshot.status !== undefined && snapshot.status !== 'active') {
      this.actors.delete(String(sessionId));
      told.push({ kind: 'gone', timeMs, path });
    }
    return told;
  }

  /** The edge for this event from a state that was to one that is; of several the innermost. */
  private edgesBetween(machine: string, event: string, before: StateValue | undefined, after: StateValue) {
    if (before === undefined) return [];
    const [was, is] = [pathsIn(before), pathsIn(after)];
    const edges = (this.charts.get(machine)?.edges ?? [])
      .filter((edge) => edge.event === event && was.has(edge.source))
      .filter((edge) => edge.target === undefined || is.has(edge.target))
      .filter((edge) => edge.target === undefined || edge.target !== edge.source || !changed(before, after));
    const [best] = edges.toSorted((one, other) => depth(other) - depth(one));
    if (best === undefined) return [];
    const { source, target, guard } = best;
    return [
      {
        source,
        ...(target === undefined ? {} : { target }),
        ...(guard === undefined ? {} : { guard }),
      },
    ];
  }
}

/**
 * A file of such events as live messages: one list of them, or one in a line. Undefined when it is none: its first event must be one of
 * `@statelyai/inspect`.
 */
export function messagesOfStately(text: string): LiveMessage[] | undefined {
  const whole = text.trimStart().startsWith('[') ? parsed(text) : undefined;
  const events: unknown[] = Array.isArray(whole)
    ? whole
    : text.split('\n').filter((line) => line.trim() !== '');
  const first: unknown = typeof events[0] === 'string' ? parsed(events[0]) : events[0];
  if (!isRecord(first) || typeof first.type !== 'string' || !first.type.startsWith('@xstate.'))
    return undefined;
  const translation = new StatelyEvents();
  return events.flatMap((event) => translation.translate(event));
}

/** Its first snapshot tells all that it holds. */
function changedIn(known: Known, snapshot: unknown): { changed?: readonly EventValue[] } {
  if (!isRecord(snapshot) || snapshot.context === undefined) return {};
  const now = new Map(contextValues(snapshot.context));
  const changed = known.held === undefined ? [...now] : valuesChanged(known.held, now);
  known.held = now;
  return { changed };
}

function changed(before: StateValue, after: StateValue): boolean {
  return stateText(before) !== stateText(after);
}

function depth({ source, target }: ChartEdge): number {
  const parts = source === '' ? 0 : source.split('.').length;
  return parts * 2 + (target === undefined ? 0 : 1);
}

/** All states that a value says are active, the root among them. */
function pathsIn(value: StateValue): ReadonlySet<string> {
  const paths = new Set(['']);
  const add = (below: StateValue, above: string): void => {
    for (const [key, child] of typeof below === 'string'
      ? [[below, undefined] as const]
      : Object.entries(below)) {
      const path = above === '' ? key : `${above}.${key}`;
      paths.add(path);
      if (child !== undefined) add(child, path);
    }
  };
  add(value, '');
  return paths;
}

function stateValueIn(snapshot: unknown): StateValue | undefined {
  const value = isRecord(snapshot) ? snapshot.value : undefined;
  return isStateValue(value) ? value : undefined;
}

/** Milliseconds, which come as text. Of what is neither text nor a number nothing is asked: an object may not even have a text. */
function timeIn(createdAt: unknown): number | undefined {
  const timeMs =
    typeof createdAt === 'string' || typeof createdAt === 'number' ? Number(createdAt) : Number.NaN;
  return Number.isFinite(timeMs) ? timeMs : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
