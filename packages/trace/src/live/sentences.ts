// A story grows by sentences, in the order of their times. What somebody says over and over is one sentence with a count: a voter that
// hears of no leader says so several times a second, and would leave no room for anything else.

import type { Said } from './messages.ts';

/** What is said again later than this is news again. */
const longestSilenceMs = 30_000;
/** So many sentences of others may lie between two of somebody, of warnings and errors: else what was said would be missed at its place. */
const mostBetween = 50;

/**
 * Adds a sentence at its place: who looks at several nodes hears what each has said so far, one after another. One that repeats the last
 * one of its actor about the same partition takes its place; one that is there already, because a stream has begun anew, adds nothing.
 */
export function addSentence(story: Said[], said: Said): void {
  let at = story.length;
  while (at > 0 && timeAt(story, at - 1) > said.timeMs) at -= 1;
  if (isThere(story, at, said)) return;
  const before = lastLike(story, at, said);
  const last = story[before];
  if (last === undefined || !isSameWords(last, said) || said.timeMs - last.timeMs > longestSilenceMs) {
    story.splice(at, 0, said);
    return;
  }
  story.splice(before, 1);
  story.splice(at - 1, 0, repeated(last, said));
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

/** The place of the last sentence before `at` by the same actor about the same partition; -1: there is none near. */
function lastLike(story: readonly Said[], at: number, said: Said): number {
  const first = said.level === 'info' ? at - 1 : at - 1 - mostBetween;
  for (let place = at - 1; place >= Math.max(0, first); place--) {
    const one = story[place];
    if (one !== undefined && isOfSame(one, said)) return place;
  }
  return -1;
}

function isOfSame(one: Said, other: Said): boolean {
  return one.actor === other.actor && one.partition === other.partition;
}

function isSameWords(one: Said, other: Said): boolean {
  return one.text === other.text && one.event === other.event && one.level === other.level;
}

function timeAt(story: readonly Said[], at: number): number {
  return story[at]?.timeMs ?? 0;
}
