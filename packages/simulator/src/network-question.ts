// One request of a process: answered once, by its answer, its failure or its time running out, and never within the call that asked.

import type { NetworkFailure, NetworkReply, PeerAnswer, PeerApi, PeerResponse } from '@odradek/model';
import type { AnyRequest } from './envelope-trip.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** A question whose type is known by its API's name alone. */
export interface AnyQuestion {
  readonly request: AnyRequest;
  readonly isSettled: boolean;
  answer(answer: PeerAnswer): void;
  fail(reason: NetworkFailure): void;
}

export class Question<Api extends PeerApi> implements AnyQuestion {
  readonly request: AnyRequest;
  readonly #time: VirtualTime;
  readonly #process: VirtualProcess;
  readonly #cancelTimeout: () => void;
  #done: ((reply: NetworkReply<Api>) => void) | undefined;

  constructor(
    time: VirtualTime,
    process: VirtualProcess,
    request: AnyRequest,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ) {
    this.request = request;
    this.#time = time;
    this.#process = process;
    this.#done = done;
    this.#cancelTimeout = time.after(timeoutMs, () =>
      this.#settle({ outcome: 'failed', reason: 'timed out' }),
    );
  }

  get isSettled(): boolean {
    return this.#done === undefined;
  }

  answer(answer: PeerAnswer): void {
    if (answer.api !== this.request.api) throw new Error(`${this.request.api} was answered as ${answer.api}`);
    // The same API as was asked: its name ties the two types together.
    this.#settle({ outcome: 'answered', response: answer.body as PeerResponse<Api> });
  }

  fail(reason: NetworkFailure): void {
    this.#time.after(0, () => this.#settle({ outcome: 'failed', reason }));
  }

  /** A paused process takes it when it goes on; what came first stands. */
  #settle(reply: NetworkReply<Api>): void {
    this.#process.run(() => {
      const done = this.#done;
      this.#done = undefined;
      this.#cancelTimeout();
      done?.(reply);
    });
  }
}
