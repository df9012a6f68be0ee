// Actors that somebody has looked at closely: of each of their steps it is told what has changed of their values, so that who looks back
// sees what they held then.

import { contextOf, type WatchedActor } from '../actors.ts';
import { ContextsTold } from '../context-values.ts';
import type { ActorValues } from './messages.ts';

/** One at a time is looked at, by a few viewers; what was looked at long ago is let go. */
const mostActors = 20;

interface Looked {
  readonly actor: WatchedActor;
  /** When its values were told last. */
  timeMs: number;
}

export class LookedInto {
  readonly #contexts = new ContextsTold();
  /** By path; who was looked at last comes last. */
  readonly #actors = new Map<string, Looked>();

  /** What was told of the values of an actor whose step is told now; undefined: nobody looks into it. */
  of(actor: WatchedActor, path: string, timeMs: number): ContextsTold | undefined {
    const looked = this.#actors.get(path);
    if (looked?.actor !== actor) return undefined;
    looked.timeMs = timeMs;
    return this.#contexts;
  }

  /** Somebody looks at an actor. All its values, when nobody looked into it before. */
  look(actor: WatchedActor, path: string, timeMs: number): ActorValues | undefined {
    const known = this.#actors.get(path);
    const looked = known?.actor === actor ? known : { actor, timeMs };
    this.#actors.delete(path);
    this.#actors.set(path, looked);
    if (looked === known) return undefined;
    const [oldest] = this.#actors;
    if (this.#actors.size > mostActors && oldest !== undefined) this.forget(oldest[1].actor, oldest[0]);
    this.#contexts.forget(actor);
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
}
