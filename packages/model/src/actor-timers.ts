// Timers of actors, remembered by actor.

/** As of an actor system of xstate. */
export interface ActorScheduler<Actor extends object, Event> {
  schedule(source: Actor, target: Actor, event: Event, delayMs: number, id: string | undefined): void;
  cancel(source: Actor, id: string): void;
  /** All of an actor that stops. */
  cancelAll(source: Actor): void;
}

/**
 * xstate looks at all timers of a system when one actor stops. Ten thousand that stop together, as sessions or leaders of partitions do,
 * would be a hundred million looks, six seconds in which nobody is answered (X7, E8); so each actor's own are remembered here.
 */
export function rememberTimers<Actor extends object, Event>(scheduler: ActorScheduler<Actor, Event>): void {
  const armed = new WeakMap<Actor, Set<string>>();
  const { schedule, cancel } = scheduler;
  let unnamed = 0;
  scheduler.schedule = (source, target, event, delayMs, name) => {
    const id = name ?? `unnamed ${unnamed++}`;
    const own = armed.get(source) ?? new Set();
    armed.set(source, own.add(id));
    schedule(source, target, event, delayMs, id);
  };
  scheduler.cancel = (source, id) => {
    armed.get(source)?.delete(id);
    cancel(source, id);
  };
  scheduler.cancelAll = (source) => {
    // One that has fired is in no one's way.
    for (const id of armed.get(source) ?? []) cancel(source, id);
    armed.delete(source);
  };
}
