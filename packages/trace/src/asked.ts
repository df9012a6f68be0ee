// Which transitions were looked at for an event, and what their guards said. Nothing is asked again: xstate tries the transitions of a
// state in their order, inner states first, until a guard holds; so of what was tried before the one that was taken every guard said no,
// and where none was taken all did. It holds for any moment that has been, whatever has changed since.

import type { Chart, ChartEdge } from './chart.ts';
import { edgeKey } from './live/messages.ts';
import { pathsOfState } from './state-text.ts';
import { type Frame, START } from './transitions.ts';

/** One transition that was looked at for an event. */
export interface Asked {
  readonly edge: ChartEdge;
  /** `not known`: another region's transition has left its state too, so that it may have been passed over unasked. */
  readonly said: 'yes' | 'no' | 'no guard' | 'not known';
}

type Step = Pick<Frame, 'event' | 'from' | 'edges'>;

/** Whether a step was taken because of what the machine knows, and not by its event: `always`. */
export function isAtOnce({ edges }: Pick<Step, 'edges'>): boolean {
  return edges.length > 0 && edges.every(({ event }) => event === '');
}

/**
 * The transitions that an event made the machine look at, in the order of xstate; empty: no state that it was in has one for it. The last
 * one of each region is the one that was taken, if any was. Of a start and of a step taken at once nothing can be said: undefined.
 */
export function askedOf(chart: Chart, step: Step): readonly Asked[] | undefined {
  if (step.event === START || isAtOnce(step)) return undefined;
  return new Asking(chart, step).within('').asked;
}

/** The transitions that begin in a state, by its text, inner states first as xstate would try them: what could happen next. */
export function edgesFrom({ edges }: Chart, state: string): readonly ChartEdge[] {
  const active = pathsOfState(state);
  const depthOf = ({ source }: ChartEdge): number => (source === '' ? 0 : source.split('.').length);
  return edges
    .filter(({ source }) => active.has(source))
    .toSorted((one, other) => depthOf(other) - depthOf(one));
}

interface AskedWithin {
  readonly asked: readonly Asked[];
  readonly isTaken: boolean;
}

class Asking {
  readonly #chart: Chart;
  readonly #step: Step;
  readonly #active: ReadonlySet<string>;
  readonly #taken: ReadonlySet<string>;

  constructor(chart: Chart, step: Step) {
    this.#chart = chart;
    this.#step = step;
    this.#active = pathsOfState(step.from);
    this.#taken = new Set(step.edges.map((edge) => edgeKey(step.event, edge)));
  }

  /** Inner states first: a state is asked when none of those in it has taken the event. */
  within(path: string): AskedWithin {
    const inner = this.#chart.states
      .filter((state) => state.parent === path && this.#active.has(state.path))
      .map((region) => this.#inRegion(region.path));
    const asked = inner.flatMap((region) => region.asked);
    if (inner.some(({ isTaken }) => isTaken)) return { asked, isTaken: true };
    const own = this.#candidatesOf(path);
    return { asked: [...asked, ...own.asked], isTaken: own.isTaken };
  }

  #inRegion(path: string): AskedWithin {
    const region = this.within(path);
    if (region.isTaken || !this.#isLeftByAnother(path)) return region;
    return { asked: region.asked.map(({ edge }) => ({ edge, said: 'not known' })), isTaken: false };
  }

  /** Whether a transition that was taken outside of a state leads out of the region that it begins in: then all regions beside it are left. */
  #isLeftByAnother(path: string): boolean {
    const parent = parentOf(path);
    return this.#step.edges.some(({ source, target }) => {
      if (target === undefined || isIn(source, path) || source === parent || !isIn(source, parent))
        return false;
      return !isIn(target, regionOf(source, parent)) || target === regionOf(source, parent);
    });
  }

  #candidatesOf(path: string): AskedWithin {
    const asked: Asked[] = [];
    for (const edge of candidates(this.#chart, path, this.#step.event)) {
      const isTaken = this.#taken.has(edgeKey(this.#step.event, edge));
      if (isTaken) {
        asked.push({ edge, said: edge.guard === undefined ? 'no guard' : 'yes' });
        return { asked, isTaken };
      }
      asked.push({ edge, said: edge.guard === undefined ? 'not known' : 'no' });
    }
    return { asked, isTaken: false };
  }
}

/** The transitions of a state for an event, as xstate tries them: those for any event last. Of several targets of one the first stands for all. */
function candidates({ edges }: Chart, source: string, event: string): ChartEdge[] {
  const matching = edges.filter((edge) => edge.source === source && matches(edge.event, event));
  const keys = [...new Set(matching.map((edge) => edge.event))].sort(
    (one, other) => rank(other, event) - rank(one, event),
  );
  return keys
    .flatMap((key) => matching.filter((edge) => edge.event === key))
    .filter((edge, at, all) => at === 0 || !isSameButTarget(edge, all[at - 1]));
}

function rank(descriptor: string, event: string): number {
  return descriptor === event ? Number.POSITIVE_INFINITY : descriptor.length;
}

/** `*` is any event, `sync.*` any that begins so. */
function matches(descriptor: string, event: string): boolean {
  if (descriptor === event || descriptor === '*') return true;
  return descriptor.endsWith('.*') && `${event}.`.startsWith(descriptor.slice(0, -1));
}

function isSameButTarget(one: ChartEdge, other: ChartEdge | undefined): boolean {
  return (
    other !== undefined &&
    one.event === other.event &&
    one.guard === other.guard &&
    one.actions.join('\n') === other.actions.join('\n') &&
    one.target !== undefined &&
    other.target !== undefined
  );
}

function parentOf(path: string): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
}

function isIn(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`);
}

/** The child of a state that another one lies in. */
function regionOf(path: string, parent: string): string {
  const rest = parent === '' ? path : path.slice(parent.length + 1);
  const [key = ''] = rest.split('.');
  return parent === '' ? key : `${parent}.${key}`;
}
