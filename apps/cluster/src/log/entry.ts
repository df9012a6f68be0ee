// A line of the log, before it is written.

import type { Level } from '@odradek/trace';

export interface Entry {
  readonly level: Level;
  /** Whose line it is: an actor's path, or a connection's. */
  readonly actor: string;
  /** What happened, in a word or two that stay the same from time to time. */
  readonly event: string;
  /** For people: a sentence without its subject, which is the actor. */
  readonly text: string;
  /** The rule of the protocol behind it. */
  readonly rule?: string;
  /** The partition it is about: `laser-1`. */
  readonly partition?: string;
  /** The states of the actor's machine. */
  readonly from?: string;
  readonly to?: string;
  /** Of one cluster such a line is told once; else each node tells its own. */
  readonly isOfCluster?: boolean;
  /** So many more like it were not written. */
  readonly more?: number;
}

/** What must not reach a terminal or end a line: control characters, ends of lines, what turns the direction of writing (X6). */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;
const longest = 2000;

/** A text that may hold what a stranger wrote, as one line that shows it. */
export function printable(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(unprintable, (one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** For programs. */
export function jsonLine(entry: Entry, wall: Date): string {
  const { level, actor, rule, from, event, to, text, more } = entry;
  return JSON.stringify({
    ...{ time: wall.toISOString(), level, actor: printable(actor) },
    ...{ rule, from, event, to, text: printable(text), more },
  });
}

/** For people. */
export function textLine(entry: Entry, wall: Date): string {
  const { level, actor, rule, from, event, to, text } = entry;
  const time = wall.toTimeString().slice(0, 8) + (wall.getMilliseconds() / 1000).toFixed(3).slice(1);
  const step = from === undefined || to === undefined ? '' : `${from} —${event}→ ${to}`;
  const source = [step, rule ?? ''].filter((part) => part !== '').join(', ');
  const behind = source === '' ? '' : `  (${source})`;
  return printable(`${time}  ${level.padEnd(5)}  ${actor}  ${text}${behind}`);
}
