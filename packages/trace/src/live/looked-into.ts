// Actors that somebody has looked at closely: of each of their steps it is told what has changed of their values, so that who looks back
// sees what they held then.

import { contextOf, type WatchedActor } from '../actors.ts';
import { ContextsTold } from '../context-values.ts';
import type { ActorValues } from './messages.ts';

/** One at a time is looked at, by a few viewers; what was looked at long ago is let go. */
const mostActors = 20;

export class LookedInto {
  readonly #contexts = new ContextsTold();
  /** By path; who was looked at last comes last. */
  readonly #actors = new Map<string, WatchedActor>();

  /** What was told of the values of an actor that is looked into; undefined: it is not. */
  of(actor: WatchedActor): ContextsTold | undefined {
    return this.#contexts.knows(actor) ? this.#contexts : undefined;
  }

  /** Somebody looks at an actor. All its values, when nobody looked into it before. */
  look(actor: WatchedActor, path: string, timeMs: number): ActorValues | undefined {
    const isNew = !this.#contexts.knows(actor);
    this.#actors.delete(path);
    this.#actors.set(path, actor);
    const [oldest] = this.#actors;
    if (this.#actors.size > mostActors && oldest !== undefined) this.forget(oldest[1], oldest[0]);
    if (!isNew) return undefined;
    const values = this.#contexts.changes(actor, contextOf(actor.getSnapshot()));
    return { kind: 'values', timeMs, path, values };
  }

  /** The values of all of them as they were told, for a viewer that comes later. */
  *whole(timeMs: number): Generator<ActorValues, void, undefined> {
    for (const [path, actor] of this.#actors)
      yield { kind: 'values', timeMs, path, values: this.#contexts.told(actor) };
  }

  forget(actor: WatchedActor, path: string): void {
    this.#contexts.forget(actor);
    if (this.#actors.get(path) === actor) this.#actors.delete(path);
  }

  clear(): void {
    for (const [path, actor] of [...this.#actors]) this.forget(actor, path);
  }
}
