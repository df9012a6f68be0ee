// Plays a schedule piece by piece, so that somebody can watch: as much of it as fits into some virtual time, then the caller has the
// world for himself until he goes on. In pieces or at once, the same happens.

import { performStatement, type ScheduleTarget, statementsOf, type Wait, waitOf } from './schedule.ts';

/** A world that schedules are played on. */
export interface PacedTarget extends ScheduleTarget {
  readonly time: { readonly nowMs: number };
}

interface Waiting extends Wait {
  readonly endMs: number;
}

export class PacedPlay {
  readonly #world: PacedTarget;
  #statements: string[] = [];
  #waiting: Waiting | undefined;

  constructor(world: PacedTarget) {
    this.#world = world;
  }

  /** Whether all that was added has been played. */
  get isDone(): boolean {
    return this.#statements.length === 0 && this.#waiting === undefined;
  }

  /** Something more is to be played, after what there is. */
  add(schedule: string): void {
    this.#statements.push(...statementsOf(schedule));
  }

  /** What has not been played is forgotten. */
  clear(): void {
    this.#statements = [];
    this.#waiting = undefined;
  }

  /** Plays on for so much virtual time at most; less when all has been played. Says whether that is so. */
  advance(ms: number): boolean {
    const { time } = this.#world;
    const untilMs = time.nowMs + ms;
    for (;;) {
      if (this.#waiting !== undefined && !this.#wait(this.#waiting, untilMs)) return false;
      this.#waiting = undefined;
      const statement = this.#statements.shift();
      if (statement === undefined) return true;
      const wait = waitOf(this.#world, statement, time.nowMs);
      if (wait === undefined) performStatement(this.#world, statement);
      else this.#waiting = { ...wait, endMs: time.nowMs + wait.capMs };
    }
  }

  /** Whether what was waited for has come. */
  #wait({ isOver, endMs, late }: Waiting, untilMs: number): boolean {
    const { time } = this.#world;
    const toMs = Math.min(untilMs, endMs);
    if (this.#world.runUntil(isOver, Math.max(0, toMs - time.nowMs))) return true;
    if (time.nowMs >= endMs) this.#world.fail(late);
    return false;
  }
}
