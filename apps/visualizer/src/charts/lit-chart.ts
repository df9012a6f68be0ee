// The signals behind a drawing: one for each box and one for each arrow. A frame changes those whose value has changed, and the browser
// touches those elements alone; nothing is built anew, however many actors there are.

import { type Drawing, type DrawnArrow, type DrawnState, isInside } from '@odradek/trace';
import { batch, type Signal, signal } from '@preact/signals';
import { type Activity, type Heat, heatOf, takenSince } from './activity.ts';

export interface Glow {
  readonly heat: Heat;
  /** Taken a moment ago, or the last step of the picked actor. */
  readonly isFresh: boolean;
}

const cold: Glow = { heat: 0, isFresh: false };

/** So long is shown that something has just happened. */
const freshMs = 700;

export class LitChart {
  readonly drawing: Drawing;
  /** How many actors are in each state, in the drawing's order. */
  readonly actors: readonly Signal<number>[];
  /** In the drawing's order. */
  readonly arrows: readonly Signal<Glow>[];
  /** Of each transition of the chart: how often it was taken. */
  readonly taken: Signal<readonly number[]> = signal([]);
  /** Of each transition, for the lines of text that are about it. */
  readonly edges: readonly Signal<Glow>[];
  /** Of each transition: whether its guard has said no to the last event of the picked actor. */
  readonly saidNo: readonly Signal<boolean>[];
  readonly #edgesOfArrow: readonly (readonly number[])[];
  /** When each transition was last seen to be taken, by the clock of the page. */
  readonly #freshUntilMs: number[];

  constructor(drawing: Drawing) {
    this.drawing = drawing;
    this.actors = drawing.states.map(() => signal(0));
    this.arrows = drawing.arrows.map(() => signal(cold));
    this.edges = drawing.chart.edges.map(() => signal(cold));
    this.saidNo = drawing.chart.edges.map(() => signal(false));
    this.#edgesOfArrow = drawing.arrows.map((arrow) => edgesOf(drawing, arrow));
    this.#freshUntilMs = drawing.chart.edges.map(() => 0);
  }

  /** The state without others in it that has the most actors; undefined: none has any. */
  get liveliest(): DrawnState | undefined {
    const { states } = this.drawing;
    let most = 0;
    let found: DrawnState | undefined;
    states.forEach((state, at) => {
      const actors = this.actors[at]?.peek() ?? 0;
      if (actors <= most || states.some(({ path }) => isInside(path, state.path))) return;
      most = actors;
      found = state;
    });
    return found;
  }

  /**
   * Shows a moment. With a picked actor its last step stays lit; else what was taken since the moment shown before is lit for a while, by the
   * clock of the page. Returns whether something is lit that has to be put out later.
   */
  show({ actorsIn, taken, last, saidNo }: Activity, isPicked: boolean, nowMs: number): boolean {
    if (!isPicked && this.taken.value.length > 0)
      for (const index of takenSince(this.taken.value, taken)) this.#freshUntilMs[index] = nowMs + freshMs;
    const isFresh = (index: number): boolean =>
      isPicked ? last.includes(index) : (this.#freshUntilMs[index] ?? 0) > nowMs;
    batch(() => {
      if (differ(this.taken.value, taken)) this.taken.value = taken;
      this.drawing.states.forEach(({ path }, at) => {
        set(this.actors[at], actorsIn.get(path) ?? 0);
      });
      this.edges.forEach((edge, index) => {
        glow(edge, heatOf(taken[index] ?? 0), isFresh(index));
      });
      this.saidNo.forEach((said, index) => {
        said.value = saidNo.includes(index);
      });
      this.#edgesOfArrow.forEach((edges, at) => {
        const sum = edges.reduce((count, index) => count + (taken[index] ?? 0), 0);
        glow(this.arrows[at], heatOf(sum), edges.some(isFresh));
      });
    });
    return !isPicked && this.#freshUntilMs.some((untilMs) => untilMs > nowMs);
  }
}

/** The transitions that an arrow stands for. An overview's lines name events, so they are looked up. */
export function edgesOf({ chart }: Drawing, { source, target }: DrawnArrow): number[] {
  return chart.edges.flatMap((edge, index) =>
    edge.source === source && edge.target === target ? [index] : [],
  );
}

function set(state: Signal<number> | undefined, value: number): void {
  if (state !== undefined) state.value = value;
}

function glow(of: Signal<Glow> | undefined, heat: Heat, isFresh: boolean): void {
  if (of === undefined || (of.value.heat === heat && of.value.isFresh === isFresh)) return;
  of.value = { heat, isFresh };
}

function differ(one: readonly number[], other: readonly number[]): boolean {
  return one.length !== other.length || one.some((value, at) => value !== other[at]);
}
