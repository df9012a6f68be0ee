// Time that only moves when the next thing happens. One timeline for a whole world: timers of all nodes, messages under way and
// disks at work lie in one heap, and what is due at the same moment happens in the order in which it was asked for.

import type { Clock, TimerHandle } from '@odradek/model';
import type { VirtualProcess } from './virtual-process.ts';

/** Something that will happen, unless it is cancelled. */
interface Timer {
  readonly dueMs: number;
  /** Among what is due at the same moment: its owner's place, as the seed draws it. */
  readonly rank: number;
  readonly sequence: number;
  /** Undefined once it has happened or was cancelled. */
  callback: (() => void) | undefined;
}

/** So many that were cancelled are in nobody's way. */
const FEW = 64;

/** The first of January 2026. */
const WALL_EPOCH_MS = 1_767_225_600_000;

/** The one timeline of a simulated world. */
export class VirtualTime {
  readonly #heap: Timer[] = [];
  /** How many of them were cancelled and lie there still: most time-outs never come. */
  #cancelled = 0;
  #nowMs = 0;
  #sequence = 0;
  readonly #shuffle: number | undefined;

  /** With a number, what is due at the same moment happens in an order that it draws, but for what belongs to the same owner. */
  constructor(shuffle?: number) {
    this.#shuffle = shuffle;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Milliseconds since 1970, as the wall clock of a host shows that is not off: whole ones, as everywhere. */
  get wallMs(): number {
    return WALL_EPOCH_MS + Math.floor(this.#nowMs);
  }

  /** Lets `callback` happen after `delayMs`, never at once. The answer cancels it. */
  after(delayMs: number, callback: () => void, owner = 0): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`A delay of ${delayMs} ms; it must be 0 or more`);
    const dueMs = this.#nowMs + delayMs;
    const timer: Timer = { dueMs, rank: this.#rank(owner, dueMs), sequence: this.#sequence++, callback };
    push(this.#heap, timer);
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      this.#cancelled++;
      if (this.#cancelled > FEW && 2 * this.#cancelled > this.#heap.length) this.#tidy();
    };
  }

  /** What was cancelled need not wait for its time. The order of the others is their own. */
  #tidy(): void {
    const armed = this.#heap.filter(({ callback }) => callback !== undefined);
    this.#heap.length = 0;
    for (const timer of armed) push(this.#heap, timer);
    this.#cancelled = 0;
  }

  #rank(owner: number, dueMs: number): number {
    if (this.#shuffle === undefined) return 0;
    let mixed =
      Math.imul(owner + 1, 0x9e3779b1) ^ Math.imul(Math.floor(dueMs) | 0, 0x85ebca6b) ^ this.#shuffle;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** When the next thing happens, or undefined when nothing ever will. */
  get nextDueMs(): number | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].callback === undefined) {
      pop(this.#heap);
      this.#cancelled--;
    }
    return this.#heap[0]?.dueMs;
  }

  /** Lets the next thing happen. False when there is none. */
  step(): boolean {
    if (this.nextDueMs === undefined) return false;
    const timer = pop(this.#heap);
    const callback = timer?.callback;
    if (timer === undefined || callback === undefined) return false;
    this.#nowMs = timer.dueMs;
    timer.callback = undefined;
    callback();
    return true;
  }

  /** Lets everything happen that is due within `ms`, and moves the time by exactly that much. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let due = this.nextDueMs; due !== undefined && due <= endMs; due = this.nextDueMs) this.step();
    this.#nowMs = endMs;
  }

  /** Lets things happen until the condition holds, for at most `capMs`. Says whether it came to hold. */
  runUntil(condition: () => boolean, capMs: number): boolean {
    const endMs = this.#nowMs + capMs;
    while (!condition()) {
      const due = this.nextDueMs;
      if (due === undefined || due > endMs) {
        this.#nowMs = endMs;
        return condition();
      }
      this.step();
    }
    return true;
  }
}

/** How one node's clocks stand against the timeline. */
export interface ClockSkew {
  /** Where its monotonic clock began: nobody may compare it with another node's. */
  readonly originMs?: number;
  /** How far its wall clock is off; nothing in safety may use it (E7). Asked anew each time: it may jump. */
  readonly wallSkewMs?: () => number;
}

/** The clock port of one process. Its timers die with it; while it is paused they are held, and then fire late and together (E6). */
export class VirtualClock implements Clock {
  readonly #time: VirtualTime;
  readonly #process: VirtualProcess;
  readonly #skew: ClockSkew;
  /** In no order: who leaves, leaves its place to the last. */
  readonly #timers: Armed[] = [];
  #count = 0;
  /** How far this clock has run ahead of the timeline. */
  #aheadMs = 0;

  constructor(time: VirtualTime, process: VirtualProcess, skew: ClockSkew = {}) {
    this.#time = time;
    this.#process = process;
    this.#skew = skew;
    process.whenEnded(() => {
      for (const timer of this.#timers.splice(0)) {
        timer.cancel();
        timer.place = -1;
      }
    });
  }

  nowMs(): number {
    return this.#time.nowMs + this.#aheadMs + (this.#skew.originMs ?? 0);
  }

  wallMs(): number {
    return this.#time.wallMs + (this.#skew.wallSkewMs?.() ?? 0);
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const waitMs = Math.max(0, delayMs);
    const timer = new Armed(callback, this.nowMs() + waitMs, ++this.#count);
    timer.place = this.#timers.push(timer) - 1;
    timer.cancel = this.#arm(timer, waitMs);
    return timer;
  }

  /** This clock jumps ahead: what was due within `ms` is due now, in its order, and all else comes that much sooner. */
  advance(ms: number): void {
    this.#aheadMs += ms;
    const timers = this.#timers.toSorted((one, other) => one.dueMs - other.dueMs || one.count - other.count);
    for (const timer of timers) {
      timer.cancel();
      timer.cancel = this.#arm(timer, Math.max(0, timer.dueMs - this.nowMs()));
    }
  }

  #arm(timer: Armed, waitMs: number): () => void {
    const act = (): void => {
      const { callback } = timer;
      // Cancelled while it was held: then it must not fire any more.
      if (this.#forget(timer)) callback();
    };
    return this.#time.after(waitMs, () => this.#process.run(act), this.#process.identity.id);
  }

  /** Whether it was armed still. */
  #forget(timer: Armed): boolean {
    const { place } = timer;
    if (place < 0) return false;
    timer.place = -1;
    timer.callback = nothing;
    timer.cancel = nothing;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return true;
    this.#timers[place] = last;
    last.place = place;
    return true;
  }

  clearTimeout(handle: TimerHandle): void {
    if (!(handle instanceof Armed)) return;
    handle.cancel();
    this.#forget(handle);
  }

  /** How many timers are armed (W2). */
  get armedTimers(): number {
    return this.#timers.length;
  }
}

const nothing = (): void => {};

/** A timer of a clock, which is its own handle: whoever keeps that too long keeps nothing else. */
class Armed {
  callback: () => void;
  readonly dueMs: number;
  /** The how manieth it is. */
  readonly count: number;
  /** Among the armed ones; -1 once it has fired or was cancelled. */
  place = -1;
  cancel: () => void = nothing;

  constructor(callback: () => void, dueMs: number, count: number) {
    this.callback = callback;
    this.dueMs = dueMs;
    this.count = count;
  }
}

/** The timeline itself as a clock, for whoever lives beside the nodes. */
export function worldClock(time: VirtualTime): Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'> {
  const cancels = new Map<number, () => void>();
  let last = 0;
  return {
    nowMs: () => time.nowMs,
    setTimeout: (callback, delayMs) => {
      const handle = ++last;
      const fire = (): void => {
        cancels.delete(handle);
        callback();
      };
      cancels.set(handle, time.after(Math.max(0, delayMs), fire));
      return handle;
    },
    clearTimeout: (handle) => {
      if (typeof handle !== 'number') return;
      cancels.get(handle)?.();
      cancels.delete(handle);
    },
  };
}

function isBefore(one: Timer, other: Timer): boolean {
  if (one.dueMs !== other.dueMs) return one.dueMs < other.dueMs;
  return one.rank < other.rank || (one.rank === other.rank && one.sequence < other.sequence);
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const place = (at - 1) >> 1;
    const above = heap[place];
    if (above === undefined || !isBefore(timer, above)) break;
    heap[at] = above;
    at = place;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last === undefined || first === last) return first;
  let at = 0;
  for (;;) {
    let place = 2 * at + 1;
    let least = heap[place];
    const right = heap[place + 1];
    if (least !== undefined && right !== undefined && isBefore(right, least)) {
      least = right;
      place++;
    }
    if (least === undefined || !isBefore(least, last)) break;
    heap[at] = least;
    at = place;
  }
  heap[at] = last;
  return first;
}
