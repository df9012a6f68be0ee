// Group commit: one group for all logs of a broker. A log that asks while it is being synced is synced again when that has ended, so
// that one sync serves all appends made meanwhile; logs are synced in parallel, or many of them by one sync of a journal, and each by
// itself later.

import { type Clock, type DiskDone, type FlushPolicy, Histogram, type TimerHandle } from '@odradek/model';
import type { CommitJournal, JournalMember } from './commit-journal.ts';

export interface FlushGroupOptions {
  readonly policy: FlushPolicy;
  readonly clock: Clock;
  /**
   * Runs something after the present call has returned (`setImmediate`), so that appends of the same turn share a sync. Without it
   * syncs begin at once.
   */
  readonly soon?: (callback: () => void) => void;
  /** How long after it became dirty a log is synced where nobody waits for it (`os`); 10 s. */
  readonly lazyMs?: number;
  /** From how long on a sync is told as slow, and to whom. */
  readonly slow?: { fromMs(): number; tell(latencyMs: number): void };
  /** How many logs are synced at once; the platform's threads are few. */
  readonly maxParallel?: number;
  /** For group commits of many logs; without it each is a sync of its own. */
  readonly journal?: CommitJournal;
}

/** A log that wants to be synced. The same object each time. */
export interface SyncOrder {
  /** Begins, and calls `ended` when it has ended: whether all of it is on the disk now. */
  sync(ended: (isSynced: boolean) => void): void;
  /** The same log, where a journal may hold what it has. */
  readonly member?: JournalMember;
}

const LAZY_MS = 10_000;
const MAX_PARALLEL = 16;
/** How many logs are synced at a time only so that the journal can be emptied. */
const SETTLED_AT_ONCE = 2;

export class FlushGroup {
  readonly policy: FlushPolicy;
  /** How long syncs took, in milliseconds. */
  readonly latencies = new Histogram();
  readonly #options: FlushGroupOptions;
  readonly #waiting = new Set<SyncOrder>();
  readonly #lazy = new Set<SyncOrder>();
  /** Each sync under way, the oldest first, and when it began. */
  readonly #running = new Map<SyncOrder, number>();
  /** Logs that are synced themselves, though the journal could take them. */
  readonly #settling = new Set<SyncOrder>();
  /** Logs that could not be synced, for want of room: not before the next time. */
  readonly #unable = new Set<SyncOrder>();
  readonly #orders = new Map<JournalMember, SyncOrder>();
  #commitBeganMs: number | undefined;
  #settleTimer: TimerHandle | undefined;
  #isStarting = false;
  #timer: TimerHandle | undefined;

  constructor(options: FlushGroupOptions) {
    this.policy = options.policy;
    this.#options = options;
  }

  /** Asks for a sync: at once under `commit` or when somebody waits, else now and then. The same order again is one. */
  request(order: SyncOrder, isUrgent: boolean): void {
    if (isUrgent || this.policy === 'commit') {
      this.#lazy.delete(order);
      this.#waiting.add(order);
      this.#startSoon();
      return;
    }
    this.#lazy.add(order);
    this.#timer ??= this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.flushNow();
    }, this.#options.lazyMs ?? LAZY_MS);
  }

  /** Starts what waits for its time. */
  flushNow(): void {
    for (const order of this.#lazy) this.#waiting.add(order);
    this.#lazy.clear();
    this.#startSoon();
  }

  /** Every log is closed: nothing waits for its time any more. */
  close(): void {
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#settleTimer !== undefined) this.#options.clock.clearTimeout(this.#settleTimer);
    this.#settleTimer = undefined;
    this.#lazy.clear();
    this.#options.journal?.close();
  }

  /**
   * Of a log that was cut, or made anew, and is synced: calls back once no journal speaks of what it was before. Until then a start
   * might put that back.
   */
  whenForgotten(order: SyncOrder, done: DiskDone): void {
    const { journal } = this.#options;
    const { member } = order;
    if (journal === undefined || member === undefined) {
      done();
      return;
    }
    // It is synced, and waits for others: who is to be synced for the journal's sake does not wait for it.
    this.#settling.delete(order);
    journal.synced(member);
    journal.whenForgotten(member.name, done);
    this.#startSoon();
  }

  /** A log is closed: it asks for nothing any more. */
  forget(order: SyncOrder): void {
    this.#drop(order);
    // What the journal has of it is of no use any more, though its files may stay.
    if (order.member !== undefined) this.#options.journal?.synced(order.member);
  }

  /** A log has failed (D3): what the journal has of it may be all that there is. */
  failed(order: SyncOrder): void {
    this.#drop(order);
    if (order.member !== undefined) this.#options.journal?.keep(order.member);
  }

  #drop(order: SyncOrder): void {
    this.#waiting.delete(order);
    this.#lazy.delete(order);
    this.#settling.delete(order);
    this.#unable.delete(order);
    if (order.member !== undefined) this.#orders.delete(order.member);
  }

  /** For how long the oldest sync under way has been going on; 0 when there is none. */
  get underWayMs(): number {
    const [oldest = Number.POSITIVE_INFINITY] = this.#running.values();
    const beganMs = Math.min(oldest, this.#commitBeganMs ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(beganMs) ? this.#options.clock.nowMs() - beganMs : 0;
  }

  #startSoon(): void {
    const { soon } = this.#options;
    if (soon === undefined) {
      this.#start();
      return;
    }
    if (this.#isStarting) return;
    this.#isStarting = true;
    soon(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    // What came while the journal is being synced may fill the next commit.
    if (this.#options.journal?.isCommitting === true) return;
    this.#commit();
    this.#startOthers();
  }

  /** Those that are synced themselves. */
  #startOthers(): void {
    this.#settle();
    for (const order of this.#waiting) {
      if (this.#running.size >= (this.#options.maxParallel ?? MAX_PARALLEL)) return;
      this.#waiting.delete(order);
      this.#sync(order);
    }
  }

  #sync(order: SyncOrder): void {
    const beganMs = this.#options.clock.nowMs();
    this.#running.set(order, beganMs);
    order.sync((isSynced) => {
      this.#running.delete(order);
      this.#settling.delete(order);
      if (!isSynced) this.#unable.add(order);
      else if (order.member !== undefined) this.#options.journal?.synced(order.member);
      this.#measure(this.#options.clock.nowMs() - beganMs);
      // Who asked in this turn may be enough for the journal.
      if (this.#options.journal?.isCommitting !== true && !this.#isStarting) this.#startOthers();
    });
  }

  /** Many logs by one sync, where there are many and nothing but bytes is new. */
  #commit(): void {
    const { journal, clock } = this.#options;
    if (journal?.canCommit !== true || this.#waiting.size < journal.fewestLogs) return;
    const members = new Map<JournalMember, SyncOrder>();
    for (const order of this.#waiting)
      if (order.member !== undefined && !this.#settling.has(order)) members.set(order.member, order);
    const chosen = journal.choose(members.keys());
    if (chosen.size === 0) return;
    const beganMs = clock.nowMs();
    const hasBegun = journal.commit(chosen, () => {
      this.#commitBeganMs = undefined;
      this.#measure(clock.nowMs() - beganMs);
      this.#start();
    });
    if (!hasBegun) return;
    this.#commitBeganMs = beganMs;
    for (const member of chosen.keys()) {
      const order = members.get(member);
      if (order === undefined) continue;
      this.#waiting.delete(order);
      this.#orders.set(member, order);
    }
    this.#settleLater(journal);
  }

  #settleLater(journal: CommitJournal): void {
    this.#settleTimer ??= this.#options.clock.setTimeout(() => {
      this.#settleTimer = undefined;
      this.#unable.clear();
      journal.settle();
      this.#startSoon();
      if (!journal.isEmpty) this.#settleLater(journal);
    }, this.#options.lazyMs ?? LAZY_MS);
  }

  /** Logs of which the journal has something are synced themselves, a few at a time, where a file of it is to be emptied. */
  #settle(): void {
    const { journal } = this.#options;
    if (journal === undefined) return;
    for (const member of journal.unsettled()) {
      if (this.#settling.size >= SETTLED_AT_ONCE) return;
      const order = this.#orders.get(member);
      if (order === undefined || this.#running.has(order) || this.#unable.has(order)) continue;
      this.#settling.add(order);
      this.#waiting.delete(order);
      this.#sync(order);
    }
  }

  #measure(latencyMs: number): void {
    this.latencies.note(latencyMs);
    const { slow } = this.#options;
    if (slow !== undefined && latencyMs >= slow.fromMs()) slow.tell(latencyMs);
  }
}
