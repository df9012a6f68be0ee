// Requests of one link: those that wait for it to be up, or for room, and those that are unanswered. Plain data: a request is no
// event of the machine.

import { type Clock, DueTimer, type Field, type MessagePair, type NetworkFailure } from '@odradek/model';
import { bodyOf, type EncodedFrame, encodeFrame, type Frame, refusedBody } from './envelope.ts';
import { WireError } from './errors.ts';
import type { WireLimits } from './limits.ts';

/** How a request ended. `refused`: the listener would not even try it. `detail` is for a person. */
export type LinkReply<Response> =
  | { readonly outcome: 'answered'; readonly response: Response }
  | { readonly outcome: 'refused'; readonly error: string; readonly message: string }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure; readonly detail: string };

interface PendingRequest {
  readonly correlationId: number;
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
  /** Reads the answer; what it returns hands it over. */
  readonly read: (frame: Frame) => () => void;
  readonly fail: (reason: NetworkFailure, detail: string) => void;
  readonly deadlineMs: number;
}

export class Requests {
  readonly #clock: Clock;
  readonly #limits: WireLimits;
  readonly #send: (pieces: readonly Uint8Array[]) => void;
  readonly #waiting: PendingRequest[] = [];
  readonly #unanswered = new Map<number, PendingRequest>();
  /** One for all: answers mostly come in time, and a timer for each would cost more than sending it. */
  readonly #timer: DueTimer;
  #waitingBytes = 0;
  #unansweredBytes = 0;
  #lastCorrelationId = 0;
  #isOpen = false;

  constructor(clock: Clock, limits: WireLimits, send: (pieces: readonly Uint8Array[]) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#send = send;
    this.#timer = new DueTimer(clock, () => this.#timeOver());
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Nothing waits, and all is answered. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#unanswered.size === 0;
  }

  get unansweredBytes(): number {
    return this.#unansweredBytes;
  }

  /** Whether more waits or is unanswered than the caps allow: the link must be given up (E4). */
  get isOverloaded(): boolean {
    return (
      this.#waitingBytes > this.#limits.maxWaitingBytes ||
      this.#waiting.length + this.#unanswered.size > this.#limits.maxRequests
    );
  }

  /** Takes a request; it goes at once if the link is open and has room. `done` comes later, once. */
  add<Request, Response>(
    pair: MessagePair<Request, Response>,
    body: Request,
    timeoutMs: number,
    done: (reply: LinkReply<Response>) => void,
  ): void {
    this.#lastCorrelationId += 1;
    const correlationId = this.#lastCorrelationId;
    const frame: EncodedFrame = encodeFrame('request', pair.id, correlationId, pair.request, body);
    const request: PendingRequest = {
      ...frame,
      correlationId,
      read: (answer) => {
        const reply = replyOf(answer, pair);
        return () => done(reply);
      },
      fail: (reason, detail) => done({ outcome: 'failed', reason, detail }),
      deadlineMs: this.#clock.nowMs() + timeoutMs,
    };
    this.#timer.setBy(request.deadlineMs);
    this.#waiting.push(request);
    this.#waitingBytes += request.byteLength;
    this.#sendWaiting();
  }

  /** The link is up. */
  open(): void {
    this.#isOpen = true;
    this.#sendWaiting();
  }

  /** Takes the answer to a request. One that nobody waits for any more is passed over. Throws a {@link WireError}. */
  answered(frame: Frame): void {
    const request = this.#unanswered.get(frame.correlationId);
    if (request === undefined) {
      if (frame.correlationId > this.#lastCorrelationId)
        throw new WireError(`an answer to request ${frame.correlationId}, which was never sent`);
      return;
    }
    // An answer that cannot be read fails the link, and this request with it.
    const handOver = request.read(frame);
    this.#forget(request);
    this.#sendWaiting();
    handOver();
  }

  /** The link is down: everything fails, in order, and new requests wait. */
  failAll(reason: NetworkFailure, detail: string): void {
    this.#isOpen = false;
    const failed = [...this.#unanswered.values(), ...this.#waiting];
    this.#unanswered.clear();
    this.#unansweredBytes = 0;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#timer.cancel();
    for (const request of failed) request.fail(reason, detail);
  }

  /** One request alone may be larger than the room. */
  #hasRoomFor(request: PendingRequest): boolean {
    return (
      this.#unanswered.size === 0 ||
      this.#unansweredBytes + request.byteLength <= this.#limits.maxUnansweredBytes
    );
  }

  #sendWaiting(): void {
    while (this.#isOpen) {
      const [next] = this.#waiting;
      if (next === undefined || !this.#hasRoomFor(next)) return;
      this.#waiting.shift();
      this.#waitingBytes -= next.byteLength;
      this.#unanswered.set(next.correlationId, next);
      this.#unansweredBytes += next.byteLength;
      this.#send(next.pieces);
    }
  }

  #timeOver(): void {
    this.#timer.takeLatenessMs();
    const nowMs = this.#clock.nowMs();
    const isDue = ({ deadlineMs }: PendingRequest): boolean => deadlineMs <= nowMs;
    const due = [...this.#unanswered.values(), ...this.#waiting].filter(isDue);
    due.sort((one, other) => one.deadlineMs - other.deadlineMs);
    for (const request of due) this.#timedOut(request);
    for (const { deadlineMs } of this.#unanswered.values()) this.#timer.setBy(deadlineMs);
    for (const { deadlineMs } of this.#waiting) this.#timer.setBy(deadlineMs);
  }

  /**
   * One that was sent has arrived or never will: its answer is passed over. One that was never sent takes those behind it with
   * it, or they would arrive though an earlier one failed.
   */
  #timedOut(request: PendingRequest): void {
    if (this.#forget(request)) {
      request.fail('timed out', 'no answer in time');
      this.#sendWaiting();
      return;
    }
    const place = this.#waiting.indexOf(request);
    // It went with one that was due before it.
    if (place < 0) return;
    const [, ...behind] = this.#waiting.splice(place);
    this.#waitingBytes = this.#waiting.reduce((sum, waiting) => sum + waiting.byteLength, 0);
    request.fail('timed out', 'it waited too long to be sent');
    for (const later of behind) later.fail('disconnected', 'a request before it waited too long');
  }

  /** Returns whether it was unanswered. */
  #forget(request: PendingRequest): boolean {
    const wasUnanswered = this.#unanswered.delete(request.correlationId);
    if (wasUnanswered) this.#unansweredBytes -= request.byteLength;
    return wasUnanswered;
  }
}

function replyOf<Response>(
  frame: Frame,
  pair: { readonly id: number; readonly response: Field<Response> },
): LinkReply<Response> {
  if (frame.kind === 'refusal') return { outcome: 'refused', ...bodyOf(frame, refusedBody) };
  if (frame.api !== pair.id)
    throw new WireError(`an answer of API ${frame.api} to a request of API ${pair.id}`);
  return { outcome: 'answered', response: bodyOf(frame, pair.response) };
}
