// A step of a machine in words.

import { eventWords, type Frame } from '@odradek/trace';

/** The event of a step as its drawing names it; empty when the machine has just begun. */
export function stepWords({ event, edges, machine }: Frame): string {
  if (event === 'xstate.init') return '';
  const after = 'xstate.after.';
  if (!event.startsWith(after)) return eventWords(event);
  const source = edges.find((edge) => event.endsWith(`.${machine}.${edge.source}`))?.source;
  const delay = source === undefined ? event : event.slice(0, -`.${machine}.${source}`.length);
  return `after ${delay.slice(after.length)}`;
}
