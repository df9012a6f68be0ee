// Writes vote states one after another, and holds back what must not leave before they are durable (Q1).

import type { DurableVoteState } from './quorum-arithmetic.ts';

type Store = (state: DurableVoteState, done: (error?: string) => void) => void;

export class VoteStateWriter {
  readonly #store: Store;
  readonly #ended: (error?: string) => void;
  #isWriting = false;
  #next: DurableVoteState | undefined;
  #isDurable = true;
  #waiting: (() => void)[] = [];

  /** `ended` is called when the state ordered last is durable, or with the reason why one is not. */
  constructor(store: Store, ended: (error?: string) => void) {
    this.#store = store;
    this.#ended = ended;
  }

  /** While one is being written only the last of those ordered meanwhile is written: the others were never told to anybody. */
  store(state: DurableVoteState): void {
    this.#isDurable = false;
    this.#next = state;
    if (!this.#isWriting) this.#write();
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
    this.#store(state, (error) => {
      this.#isWriting = false;
      if (error !== undefined) return this.#ended(error);
      if (this.#next !== undefined) return this.#write();
      this.#isDurable = true;
      this.#ended();
    });
  }
}
