// Tells in sentences what happens, with times.

import type { Frame } from '@odradek/trace';
import { stepWords } from '../frame-text.ts';
import type { Terminal } from '../output.ts';

/** What of a machine's state belongs to the story: not how it fetches and flushes along. */
const told: Readonly<Record<string, (state: string) => string>> = {
  quorum: role,
  controller: role,
  broker: role,
  partition: (state) => state.replace('hosted.', ''),
  'leader-replica': (state) => state,
  'follower-replica': (state) => (state === 'caught up' ? 'fetching' : state),
};

/** The outermost state: follower, leader, … */
function role(state: string): string {
  return state.split('.')[0] ?? state;
}

export class Narrator {
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  #isTellingMachines = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A sentence about what is done here. */
  say(text: string): void {
    if (!this.#terminal.isJson) this.#terminal.print(`${this.#time()}  ${text}`);
  }

  /** From here on, or no longer, each machine's steps are told. */
  tellMachines(on: boolean): void {
    this.#isTellingMachines = on;
  }

  /** A step of a machine, if it is part of the story. */
  frame(frame: Frame): void {
    const show = told[frame.machine];
    if (!this.#isTellingMachines || show === undefined || this.#terminal.isJson) return;
    const [from, to] = [show(frame.from), show(frame.to)];
    if (from === to) return;
    const rule = frame.rule === undefined ? '' : `, by rule ${frame.rule}`;
    const change = from === '' ? `begins as ${to}` : `goes from ${from} to ${to} on “${stepWords(frame)}”`;
    this.#terminal.print(`${this.#time()}    ${frame.actor} ${change}${rule}.`);
  }

  #time(): string {
    return `${((performance.now() - this.#startedAt) / 1000).toFixed(3).padStart(7)} s`;
  }
}
