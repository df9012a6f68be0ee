// Where the time of a sentence leads: to the moment at which what it says is seen too.

import type { Recording, Said } from '@odradek/trace';

/** A node tells a sentence at once, and what it knows of the cluster so much later at most. */
const mostLateMs = 250;

export function momentOf(recording: Recording, said: Said): number {
  const position = recording.positionAt(said.timeMs);
  if (said.partition === undefined && !said.actor.endsWith('/controller')) return position;
  for (let at = position; at < recording.end; at++) {
    const heard = recording.heardAt(at);
    if (heard === undefined || heard.timeMs > said.timeMs + mostLateMs) break;
    if (heard.message.kind === 'cluster') return at + 1;
  }
  return position;
}
