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
 * Adds a sentence at its place: who looks at several nodes hears what each has said so far, one after another. The third time that an actor
 * says it about the same partition in a short while the three become one, and each further time is counted. One that is there already, because a
 * stream has begun anew, adds nothing.
 */
export function addSentence(story: Said[], said: Said): void {
  let at = story.length;
  while (at > 0 && timeAt(story, at - 1) > said.timeMs) at -= 1;
  if (isThere(story, at, said)) return;
  const same = isToldEachTime(said) ? [] : placesOfSame(story, at, said);
  if (same.length === 0) {
    story.splice(at, 0, said);
    return;
  }
  const earlier = same.flatMap((place) => story[place] ?? []);
  for (const place of same) story.splice(place, 1);
  story.splice(at - same.length, 0, said.times === undefined ? repeated(earlier, said) : said);
}

/** What was decided, or done to the cluster, has its place in the story each time. */
function isToldEachTime({ actor }: Said): boolean {
  return actor === 'world' || actor === 'this page' || actor.endsWith('/controller');
}

/** `earlier`: newest first. */
function repeated(earlier: readonly Said[], said: Said): Said {
  const first = earlier.at(-1) ?? said;
  const times = earlier.reduce((sum, one) => sum + (one.times ?? 1), 1);
  return { ...said, times, sinceMs: first.sinceMs ?? first.timeMs };
}

/** Among those of the same time, which end before `at`. */
function isThere(story: readonly Said[], at: number, said: Said): boolean {
  for (let place = at - 1; place >= 0 && timeAt(story, place) === said.timeMs; place--) {
    const one = story[place];
    if (one !== undefined && isSame(one, said)) return (one.times ?? 1) >= (said.times ?? 1);
  }
  return false;
}

/** Where those are that the sentence is to be one with, the latest first. */
function placesOfSame(story: readonly Said[], at: number, said: Said): number[] {
  // Whoever tells it has counted them already.
  const { sinceMs } = said;
  if (sinceMs !== undefined) {
    const told = [...story.keys()].reverse().filter((place) => place < at && timeAt(story, place) >= sinceMs);
    return told.filter((place) => isSame(story[place], said));
  }
  const last = placeOfSame(story, at, said);
  if (last < 0) return [];
  if (story[last]?.times !== undefined) return [last];
  const before = placeOfSame(story, last, story[last] ?? said);
  return before < 0 ? [] : [last, before];
}

/** Where its actor has said the same lately; -1: nowhere. */
function placeOfSame(story: readonly Said[], at: number, said: Said): number {
  let own = 0;
  for (let place = at - 1; place >= Math.max(0, at - 1 - mostBetween); place--) {
    const one = story[place];
    if (one === undefined || said.timeMs - one.timeMs > longestSilenceMs) return -1;
    if (isSame(one, said)) return place;
    if (isOfSame(one, said)) own += 1;
    if (own === mostOwn) return -1;
  }
  return -1;
}

function isSame(one: Said | undefined, other: Said): boolean {
  return one !== undefined && isOfSame(one, other) && isSameWords(one, other);
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
