// One node that tells, as the page hears it.

import {
  type ActorLooked,
  type LiveMessage,
  LiveReader,
  LiveStreamError,
  type ViewerRequest,
} from '@odradek/trace';
import type { Pace } from './pace.ts';

/** Between two attempts to reach a node that is gone; doubled each time. */
const firstPauseMs = 500;
const longestPauseMs = 4000;
/**
 * A connection that is not open by then is given up. A node that stands still takes connections and says nothing, and browsers open
 * WebSockets to one address one after another: a half open one holds up those to all other nodes.
 */
const openWithinMs = 3000;

export interface TellerListener {
  opened(): void;
  told(messages: readonly LiveMessage[]): void;
  answered(answer: ActorLooked): void;
  /** It cannot be dialled any more. Returns whether that is believed: then what it told last is no longer so, and it begins anew. */
  unheard(): boolean;
  /** `reason`: in the words of the other end; empty where it said none. `host`: where it was dialled. */
  closed(reason: string, host: string): void;
  /** What is said first. */
  first(): ViewerRequest | undefined;
}

/** One node that tells, over connections that may break: its stream goes on where it was, or begins anew. */
export class Teller {
  readonly #address: () => URL;
  readonly #listener: TellerListener;
  readonly #pace: Pace;
  readonly #reader = new LiveReader();
  #socket: WebSocket | undefined;
  #isClosed = false;
  /** Whether that it cannot be dialled has been said, and it has told nothing since. */
  #isUnheard = false;
  #pauseMs = firstPauseMs;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** `address` is asked at each dial: the way in may be another one. `pace`: in which what comes is read. */
  constructor(address: () => URL, listener: TellerListener, pace: Pace) {
    this.#address = address;
    this.#listener = listener;
    this.#pace = pace;
    this.#dial();
  }

  ask(request: ViewerRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    clearTimeout(this.#patience);
    this.#socket?.close();
  }

  /** There is reason to hope: without the rest of a pause. */
  dialSoon(): void {
    this.#pauseMs = firstPauseMs;
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#dial();
  }

  /** Nothing is expected of the connection any more, not even its end. */
  leave(): void {
    const left = this.#socket;
    this.#socket = undefined;
    left?.close();
    clearTimeout(this.#pause);
    this.#dial();
  }

  #dial(): void {
    this.#pause = undefined;
    if (this.#isClosed) return;
    const address = this.#address();
    const socket = new WebSocket(`${address}${this.#reader.query}`);
    let hasOpened = false;
    this.#socket = socket;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => socket.close(), openWithinMs);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#patience);
      hasOpened = true;
      this.#pauseMs = firstPauseMs;
      this.#reader.connected();
      this.#listener.opened();
      const first = this.#listener.first();
      if (first !== undefined) this.ask(first);
    };
    // What was not read when its connection is replaced is told again by the next one.
    socket.onmessage = ({ data }) =>
      this.#pace.run(() => {
        if (this.#socket === socket && !this.#isClosed) this.#heard(socket, data);
      });
    socket.onclose = ({ reason }) => {
      if (this.#isClosed || this.#socket !== socket) return;
      clearTimeout(this.#patience);
      this.#pause = setTimeout(() => this.#dial(), this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
      // A connection that broke may go on; to one that cannot be dialled nothing does.
      if (!hasOpened) this.#unheard();
      this.#listener.closed(reason, address.host);
    };
  }

  #unheard(): void {
    if (this.#isUnheard || !this.#listener.unheard()) return;
    this.#isUnheard = true;
    this.#reader.forget();
  }

  #heard(socket: WebSocket, data: unknown): void {
    const told: LiveMessage[] = [];
    try {
      for (const message of this.#reader.read(data).messages) {
        if ('answer' in message) this.#listener.answered(message);
        else told.push(message);
      }
    } catch (error) {
      if (!(error instanceof LiveStreamError)) throw error;
      // What cannot be read is asked for anew, as a stream of its own.
      socket.close(4000, error.message.slice(0, 100));
    }
    if (told.length === 0) return;
    this.#isUnheard = false;
    this.#listener.told(told);
  }
}
