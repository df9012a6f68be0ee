// What xstate's guards, actions and events are called, for people to read.

/** The name of an action; one of xstate's own (assign, raise …) by its kind, an inline function by its own name. */
export function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const type = property(action, 'type');
  if (typeof type !== 'string') return functionName(action);
  if (type === 'xstate.raise') return `raise ${eventTypeOf(property(action, 'event'))}`;
  return type.startsWith('xstate.') ? type.slice('xstate.'.length) : type;
}

/** The name of a guard with the parameters it is given as data, or undefined when there is no guard. */
export function guardName(guard: unknown): string | undefined {
  if (guard === undefined) return undefined;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') return functionName(guard);
  const type = property(guard, 'type');
  if (typeof type !== 'string') return '(unnamed)';
  const parameters = property(guard, 'params');
  if (typeof parameters !== 'object' || parameters === null) return type;
  const shown = Object.entries(parameters).map(([name, value]) => `${name} = ${String(value)}`);
  return shown.length === 0 ? type : `${type}(${shown.join(', ')})`;
}

/** The delay within the event type that xstate makes for an `after` transition of the state `stateId`. */
export function delayName(event: string, stateId: string): string | undefined {
  const prefix = 'xstate.after.';
  const suffix = `.${stateId}`;
  if (!event.startsWith(prefix) || !event.endsWith(suffix)) return undefined;
  return event.slice(prefix.length, -suffix.length);
}

/** Whether an entry or exit action only arms or cancels the timer of an `after` transition; the edge shows it already. */
export function isTimerOfAfter(action: unknown): boolean {
  const type = property(action, 'type');
  if (type === 'xstate.raise') return eventTypeOf(property(action, 'event')).startsWith('xstate.after.');
  return type === 'xstate.cancel' && String(property(action, 'sendId')).startsWith('xstate.after.');
}

/** An event's type in words: `xstate.done.actor.loading` becomes `done loading`. */
export function eventWords(event: string, delay?: string): string {
  if (event === '') return 'always';
  if (delay !== undefined) return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
  for (const [prefix, words] of wordsOfInternalEvents) {
    if (event.startsWith(prefix)) return `${words} ${event.slice(prefix.length)}`;
  }
  return event;
}

/** The same of an event that an actor of a machine got: xstate's own name for the end of a delay ends with the state that waited. */
export function eventWordsOf(event: string, machine: string): string {
  const prefix = 'xstate.after.';
  if (!event.startsWith(prefix)) return eventWords(event);
  const end = `${event}.`.indexOf(`.${machine}.`, prefix.length);
  return end < 0 ? eventWords(event) : eventWords(event, event.slice(prefix.length, end));
}

const wordsOfInternalEvents = [
  ['xstate.done.actor.', 'done'],
  ['xstate.error.actor.', 'error of'],
  ['xstate.snapshot.', 'snapshot of'],
  ['xstate.done.state.', 'done'],
  ['xstate.after.', 'after'],
  ['xstate.', ''],
] as const;

function functionName(value: unknown): string {
  const name = property(value, 'name');
  return typeof name === 'string' && name !== '' ? name : '(unnamed)';
}

function eventTypeOf(event: unknown): string {
  const type = property(event, 'type');
  return typeof type === 'string' ? type : '(computed)';
}

/** Reads a property of an object or function whose type xstate does not publish. */
function property(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, key);
}
