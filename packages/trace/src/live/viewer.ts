// One of a teller's viewers: what it wants told step by step, and what is counted for it meanwhile.

import type { AnyTransitionDefinition } from 'xstate';
import { edgesTaken } from '../transitions.ts';
import { type ActorLooked, edgeKey, type LiveMessage, type ViewerRequest } from './messages.ts';

/** Hears what is told, often within a transition of the watched actors: it must not send to any of them. */
export type Listener = (message: LiveMessage) => void;

/** One who watches. */
export interface Viewer {
  ask(request: ViewerRequest): ActorLooked | undefined;
  /** Tells everything as it is now, after messages were lost on their way to this viewer. */
  tellAll(): void;
  close(): void;
}

export class TellersViewer {
  /** Whose steps it wants told one by one. */
  machines: 'all' | ReadonlySet<string> = 'all';
  hasHeardStory = false;
  /** Whether the picture that it is told is not complete yet. */
  awaitsWhole = false;
  readonly #listener: Listener;
  readonly #onFailure: (error: unknown) => void;
  /** How often each edge was taken since it was told, by machine and {@link edgeKey}. */
  readonly #counts = new Map<string, Map<string, number>>();
  #hasFailed = false;

  constructor(listener: Listener, onFailure: (error: unknown) => void) {
    this.#listener = listener;
    this.#onFailure = onFailure;
  }

  wants(machine: string): boolean {
    return this.machines === 'all' || this.machines.has(machine);
  }

  /** A viewer that throws costs itself, neither the watched actors nor other viewers. */
  tell(message: LiveMessage): void {
    if (this.#hasFailed) return;
    try {
      this.#listener(message);
    } catch (error) {
      this.#hasFailed = true;
      this.#onFailure(error);
    }
  }

  /** A step that is not told. */
  count(machine: string, transitions: readonly AnyTransitionDefinition[]): void {
    let counts = this.#counts.get(machine);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(machine, counts);
    }
    for (const transition of transitions)
      for (const key of keysOf(transition)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  /** What was counted of a machine since the last call; undefined: no step. */
  takeCounts(machine: string): [key: string, taken: number][] | undefined {
    const counts = this.#counts.get(machine);
    if (counts === undefined) return undefined;
    this.#counts.delete(machine);
    return [...counts];
  }
}

/** A transition is one object for the life of its machine. */
const keys = new WeakMap<AnyTransitionDefinition, readonly string[]>();

function keysOf(transition: AnyTransitionDefinition): readonly string[] {
  const known = keys.get(transition);
  if (known !== undefined) return known;
  const event = String(transition.eventType);
  const made = edgesTaken(transition, event).map((edge) => edgeKey(event, edge));
  keys.set(transition, made);
  return made;
}
