// Where the time of a sentence leads: to the moment at which what it says is seen too.

import { eventWordsOf, type LiveMessage, type Recording, type Said } from '@odradek/trace';

/** A node tells a sentence at once, and what it knows of the cluster so much later at most. */
const mostLateMs = 250;
/** And the step that it is about just before it. */
const stepWithinMs = 5;

export function momentOf(recording: Recording, said: Said): number {
  const told = positionAfter(recording, said);
  const isOfCluster = said.partition !== undefined || said.actor.endsWith('/controller');
  // What its step has led to within the same millisecond is seen with it; later things are later moments.
  if (told !== undefined && isToldStep(recording, told, said))
    return isOfCluster ? clusterAfter(recording, told, said.timeMs) : told;
  const position = recording.positionAt(said.timeMs);
  return isOfCluster ? clusterAfter(recording, position, said.timeMs + mostLateMs) : position;
}

/** The position after the sentence itself; undefined: it was not heard when it was said, as by who came later. */
function positionAfter(recording: Recording, said: Said): number | undefined {
  for (let at = recording.positionAt(said.timeMs - mostLateMs); at < recording.end; at++) {
    const heard = recording.heardAt(at);
    if (heard === undefined || heard.timeMs > said.timeMs + mostLateMs) break;
    if (isSentence(heard.message, said)) return at + 1;
  }
  return undefined;
}

function isSentence(message: LiveMessage, { timeMs, actor, text }: Said): boolean {
  return (
    message.kind === 'said' && message.timeMs === timeMs && message.actor === actor && message.text === text
  );
}

/** Whether the step that a sentence is about is among what was told just before it: then it is seen at this position. */
function isToldStep(recording: Recording, position: number, said: Said): boolean {
  for (let at = position - 1; at >= recording.start; at--) {
    const message = recording.messageAt(at);
    if (message === undefined || !('timeMs' in message)) continue;
    if (message.timeMs < said.timeMs - stepWithinMs) return false;
    if (message.kind === 'step' && message.actor === said.actor)
      return eventWordsOf(message.event, message.machine) === said.event;
  }
  return false;
}

/** The position after what was told of the cluster next, until a time; else the position given. */
function clusterAfter(recording: Recording, position: number, untilMs: number): number {
  for (let at = position; at < recording.end; at++) {
    const heard = recording.heardAt(at);
    if (heard === undefined || heard.timeMs > untilMs) break;
    if (heard.message.kind === 'cluster') return at + 1;
  }
  return position;
}
