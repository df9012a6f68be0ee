// Every interleaving of a small world, by breadth: what is found first is the shortest way to it.

import { StateSet } from './state-set.ts';

/** One thing that may happen next. */
export interface Step<World> {
  /** In words that a schedule repeats. */
  readonly label: string;
  readonly next: World;
  /** What must hold and did not in this step. */
  readonly violation?: string | undefined;
}

/** A world that can be explored: everything in it is a value. */
export interface Model<World> {
  readonly start: World;
  /** All that may happen next, within the bounds. */
  steps(world: World): Iterable<Step<World>>;
  /** Equal for worlds that go on alike: by symmetry, worlds that differ in names only. */
  fingerprint(world: World): readonly number[];
  /** What must hold in every state and does not. */
  violation(world: World): string | undefined;
}

export interface Limits {
  readonly maxStates: number;
  /** Called now and then; false ends the run, which is then incomplete. */
  readonly goesOn?: (progress: Progress) => boolean;
}

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** States of the next depth that were found so far. */
  readonly frontier: number;
}

export interface Counterexample {
  readonly violation: string;
  /** What happened, from the start on; no shorter way breaks the invariant. */
  readonly steps: readonly string[];
}

export interface Exploration extends Progress {
  /** Whether every state within the bounds was seen. */
  readonly isComplete: boolean;
  readonly counterexample: Counterexample | undefined;
}

const REPORT_EVERY = 0x3fff;

/** Explores until all is seen, something is broken, or a limit is reached. */
export function explore<World>(model: Model<World>, { maxStates, goesOn = () => true }: Limits): Exploration {
  const seen = new StateSet();
  const trail = new Trail();
  let transitions = 0;
  let depth = 0;
  let frontier: { readonly world: World; readonly place: number }[] = [{ world: model.start, place: 0 }];
  seen.add(model.fingerprint(model.start));
  const progress = (next: readonly unknown[]): Progress => ({
    states: seen.size,
    transitions,
    depth,
    frontier: next.length,
  });
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { world, place } of frontier) {
      for (const { label, next: after, violation } of model.steps(world)) {
        transitions += 1;
        if (violation !== undefined) {
          const counterexample = { violation, steps: [...trail.wayTo(place), label] };
          return { ...progress(next), isComplete: false, counterexample };
        }
        if (!seen.add(model.fingerprint(after))) continue;
        const at = trail.add(place, label);
        const broken = model.violation(after);
        if (broken !== undefined) {
          const counterexample = { violation: broken, steps: trail.wayTo(at) };
          return { ...progress(next), isComplete: false, counterexample };
        }
        next.push({ world: after, place: at });
        const isTimeToReport = (seen.size & REPORT_EVERY) === 0;
        if (seen.size >= maxStates || (isTimeToReport && !goesOn(progress(next))))
          return { ...progress(next), isComplete: false, counterexample: undefined };
      }
    }
    frontier = next;
    depth += 1;
  }
  return { ...progress([]), isComplete: true, counterexample: undefined };
}

/** How each state was reached: its predecessor and a word. */
class Trail {
  private before = new Int32Array(1024);
  private word = new Int32Array(1024);
  private size = 1;
  private readonly words: string[] = [];
  private readonly numbers = new Map<string, number>();

  add(from: number, label: string): number {
    if (this.size === this.before.length) {
      this.before = doubled(this.before);
      this.word = doubled(this.word);
    }
    this.before[this.size] = from;
    this.word[this.size] = this.numberOf(label);
    this.size += 1;
    return this.size - 1;
  }

  wayTo(place: number): string[] {
    const way: string[] = [];
    for (let at = place; at > 0; at = this.before[at] ?? 0) way.push(this.words[this.word[at] ?? 0] ?? '');
    return way.reverse();
  }

  private numberOf(label: string): number {
    const known = this.numbers.get(label);
    if (known !== undefined) return known;
    this.words.push(label);
    this.numbers.set(label, this.words.length - 1);
    return this.words.length - 1;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Takes exactly these steps again. Throws when one cannot be taken; tells what is broken on the way. */
export function replay<World>(model: Model<World>, labels: readonly string[]): string | undefined {
  let world = model.start;
  for (const [index, label] of labels.entries()) {
    const step = [...model.steps(world)].find((one) => one.label === label);
    if (step === undefined) throw new Error(`step ${index + 1}, "${label}", cannot be taken there`);
    const broken = step.violation ?? model.violation(step.next);
    if (broken !== undefined) return broken;
    world = step.next;
  }
  return undefined;
}
