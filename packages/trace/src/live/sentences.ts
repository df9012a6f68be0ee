// A story grows by sentences, in the order of their times. What an actor says over and over is one sentence with a count: a voter that
// hears of no leader says so several times a second, and would leave no room for anything else.

import type { Said } from './messages.ts';

/** What is said again later than this is news again. */
const longestSilenceMs = 10_000;
/** So many sentences of its actor may lie between: who goes back and forth says two things by turns. */
const mostOwn = 3;
/** And so many of others. */
const mostBetween = 50;

/**
 * Adds a sentence at its place: who looks at several nodes hears what each has said so far, one after another. One that its actor has said
 * lately about the same partition takes the place of that; one that is there already, because a stream has begun anew, adds nothing.
 */
export function addSentence(story: Said[], said: Said): void {
  let at = story.length;
  while (at > 0 && timeAt(story, at - 1) > said.timeMs) at -= 1;
  if (isThere(story, at, said)) return;
  const before = isToldEachTime(said) ? -1 : placeOfSame(story, at, said);
  const last = story[before];
  if (last === undefined) {
    story.splice(at, 0, said);
    return;
  }
  story.splice(before, 1);
  story.splice(at - 1, 0, repeated(last, said));
}

/** What was decided, or done to the cluster, has its place in the story each time. */
function isToldEachTime({ actor }: Said): boolean {
  return actor === 'world' || actor === 'this page' || actor.endsWith('/controller');
}

function repeated(last: Said, said: Said): Said {
  const sinceMs = last.sinceMs ?? last.timeMs;
  // It was counted by who tells it, and these are among them.
  if (said.sinceMs !== undefined && said.sinceMs <= sinceMs) return said;
  return { ...said, sinceMs, times: (last.times ?? 1) + (said.times ?? 1) };
}

/** Among those of the same time, which end before `at`. */
function isThere(story: readonly Said[], at: number, said: Said): boolean {
  for (let place = at - 1; place >= 0 && timeAt(story, place) === said.timeMs; place--) {
    const one = story[place];
    if (one !== undefined && isOfSame(one, said) && isSameWords(one, said))
      return (one.times ?? 1) >= (said.times ?? 1);
  }
  return false;
}

/** Where its actor has said the same lately; -1: nowhere. */
function placeOfSame(story: readonly Said[], at: number, said: Said): number {
  let own = 0;
  for (let place = at - 1; place >= Math.max(0, at - 1 - mostBetween); place--) {
    const one = story[place];
    if (one === undefined || said.timeMs - one.timeMs > longestSilenceMs) return -1;
    if (!isOfSame(one, said)) continue;
    if (isSameWords(one, said)) return place;
    own += 1;
    if (own === mostOwn) return -1;
  }
  return -1;
}

function isOfSame(one: Said, other: Said): boolean {
  return one.actor === other.actor && one.partition === other.partition;
}

/** By which event, and so which rule, does not matter. */
function isSameWords(one: Said, other: Said): boolean {
  return one.text === other.text && one.level === other.level;
}

function timeAt(story: readonly Said[], at: number): number {
  return story[at]?.timeMs ?? 0;
}
