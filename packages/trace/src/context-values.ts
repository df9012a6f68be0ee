// What an actor holds, told as what has changed: so its values are known at any moment that has been, for a few bytes a step.

import type { WatchedActor } from './actors.ts';
import { type EventValue, flatValues } from './event-values.ts';

/** More than any machine of the product has; of another app's the rest is not told. */
const mostValues = 60;
/** What stands for a value that is there no more. */
export const noValue = '(none)';

/** All that an actor holds, by places in its context. */
export function contextValues(context: unknown): EventValue[] {
  return flatValues(context, mostValues);
}

/** Remembers what was told of each actor. */
export class ContextsTold {
  readonly #told = new WeakMap<WatchedActor, ReadonlyMap<string, EventValue[1]>>();

  /** All that was told of an actor. */
  told(actor: WatchedActor): EventValue[] {
    return [...(this.#told.get(actor) ?? [])];
  }

  /** What of an actor's values is other than it was told; all of them the first time. */
  changes(actor: WatchedActor, context: unknown): EventValue[] {
    const now = new Map(contextValues(context));
    const before = this.#told.get(actor);
    this.#told.set(actor, now);
    return before === undefined ? [...now] : valuesChanged(before, now);
  }

  forget(actor: WatchedActor): void {
    this.#told.delete(actor);
  }
}

/** What has changed, and what is there no more. Objects in a context may be changed in place: values are compared, not objects. */
export function valuesChanged(
  before: ReadonlyMap<string, EventValue[1]>,
  now: ReadonlyMap<string, EventValue[1]>,
): EventValue[] {
  const changed: EventValue[] = [...now].filter(([name, value]) => before.get(name) !== value);
  for (const name of before.keys()) if (!now.has(name)) changed.push([name, noValue]);
  return changed;
}
