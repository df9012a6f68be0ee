// A step of a machine in words.

import { eventWordsOf, type Frame } from '@odradek/trace';

/** The event of a step as its drawing names it; empty when the machine has just begun. */
export function stepWords({ event, machine }: Pick<Frame, 'event' | 'machine'>): string {
  return event === 'xstate.init' ? '' : eventWordsOf(event, machine);
}
