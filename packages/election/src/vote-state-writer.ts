// Writes vote states one after another, and holds back what must not leave before they are durable (Q1).

import type { Stored } from './quorum.ts';
import type { DurableVoteState } from './quorum-arithmetic.ts';

type Store = (state: DurableVoteState, done: Stored) => void;

/** D6: until a vote state that found no room is written again. Nothing that depends on it leaves meanwhile. */
const ROOM_RETRY_MS = 1000;

export class VoteStateWriter {
  readonly #store: Store;
  readonly #ended: (error?: string) => void;
  readonly #after: (delayMs: number, callback: () => void) => void;
  #isWriting = false;
  #next: DurableVoteState | undefined;
  #isDurable = true;
  #isShortOfRoom = false;
  #waiting: (() => void)[] = [];

  /** `ended` is called when the state ordered last is durable, or with the reason why one is not. */
  constructor(
    store: Store,
    ended: (error?: string) => void,
    after: (delayMs: number, callback: () => void) => void,
  ) {
    this.#store = store;
    this.#ended = ended;
    this.#after = after;
  }

  /** While one is being written only the last of those ordered meanwhile is written: the others were never told to anybody. */
  store(state: DurableVoteState): void {
    this.#isDurable = false;
    this.#next = state;
    if (!this.#isWriting) this.#write();
  }

  /** Whether the state ordered last waits for room on the disk. */
  get isShortOfRoom(): boolean {
    return this.#isShortOfRoom;
  }

  onceDurable(send: () => void): void {
    if (this.#isDurable) send();
    else this.#waiting.push(send);
  }

  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }

  #write(): void {
    const state = this.#next;
    if (state === undefined) return;
    this.#next = undefined;
    this.#isWriting = true;
    this.#store(state, (error, mayPass) => {
      this.#isShortOfRoom = error !== undefined && mayPass === true;
      if (this.#isShortOfRoom) {
        this.#next ??= state;
        this.#after(ROOM_RETRY_MS, () => this.#write());
        return;
      }
      this.#isWriting = false;
      if (error !== undefined) return this.#ended(error);
      if (this.#next !== undefined) return this.#write();
      this.#isDurable = true;
      this.#ended();
    });
  }
}
