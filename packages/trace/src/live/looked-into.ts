// Actors whose values are told: of each of their steps what has changed of them, so that who looks back sees what they held then.

import { contextOf, type WatchedActor } from '../actors.ts';
import { ContextsTold } from '../context-values.ts';
import type { ActorValues } from './messages.ts';

/** Beyond all of a small node, what a few viewers look at; what was looked at long ago is let go. */
const mostLooked = 20;

interface Looked {
  readonly actor: WatchedActor;
  /** When its values were told last. */
  timeMs: number;
}

export class LookedInto {
  readonly #contexts = new ContextsTold();
  readonly #mostActors: number;
  /** By path; who was looked at last comes last. */
  readonly #actors = new Map<string, Looked>();

  /** `smallNode`: so many actors a node has at most whose values are all told. */
  constructor(smallNode: number) {
    this.#mostActors = smallNode + mostLooked;
  }

  /** What was told of the values of an actor whose step is told now; undefined: they are not told. `beginsNow`: from this step on, all of them with it. */
  of(actor: WatchedActor, path: string, timeMs: number, beginsNow: boolean): ContextsTold | undefined {
    if (beginsNow && this.#actors.get(path)?.actor !== actor) this.#begin(actor, path, timeMs);
    const looked = this.#actors.get(path);
    if (looked?.actor !== actor) return undefined;
    looked.timeMs = timeMs;
    return this.#contexts;
  }

  /** Somebody looks at an actor. All its values, when they were not told before. */
  look(actor: WatchedActor, path: string, timeMs: number): ActorValues | undefined {
    const known = this.#actors.get(path);
    this.#actors.delete(path);
    if (known?.actor === actor) {
      this.#actors.set(path, known);
      return undefined;
    }
    this.#begin(actor, path, timeMs);
    const values = this.#contexts.changes(actor, contextOf(actor.getSnapshot()));
    return { kind: 'values', timeMs, path, values };
  }

  /** The values of all of them as they were told last, for who has not heard all of that. */
  *whole(): Generator<ActorValues, void, undefined> {
    for (const [path, { actor, timeMs }] of this.#actors)
      yield { kind: 'values', timeMs, path, values: this.#contexts.told(actor) };
  }

  forget(actor: WatchedActor, path: string): void {
    if (this.#actors.get(path)?.actor !== actor) return;
    this.#contexts.forget(actor);
    this.#actors.delete(path);
  }

  clear(): void {
    for (const [path, { actor }] of [...this.#actors]) this.forget(actor, path);
  }

  #begin(actor: WatchedActor, path: string, timeMs: number): void {
    this.#contexts.forget(actor);
    this.#actors.set(path, { actor, timeMs });
    const [oldest] = this.#actors;
    if (this.#actors.size > this.#mostActors && oldest !== undefined) this.forget(oldest[1].actor, oldest[0]);
  }
}
