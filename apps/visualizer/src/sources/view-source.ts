// Where what is seen comes from: a port. A cluster over WebSocket, a trace file and a cluster in a worker of this tab look the same to
// all that draws.

import type { Client } from '@odradek/client';
import type { ActorLooked, BreakOrder, LiveMessage, ViewerRequest } from '@odradek/trace';

export interface ViewSource {
  readonly kind: 'cluster' | 'file' | 'tab';
  /** What is looked at, in words: an address, a file's name, a seed. */
  readonly about: string;
  /** Begins. The listener is never called from within this call. */
  open(listener: SourceListener): void;
  /** Says to all tellers what is wanted; `look` is answered by the one that has the actor. */
  ask(request: ViewerRequest): void;
  close(): void;
  /** Breaks things; absent where there is nothing to break. Whether it is allowed is said in the hellos. */
  readonly breaker?: Breaker;
  /** The time of the cluster as it is now, where that goes on between two messages; undefined: that of the last message. */
  readonly timeMs?: () => number | undefined;
  /** A client of the cluster that is seen; absent where none is there to be asked, as in a file. */
  readonly client?: (() => Client) | undefined;
}

export interface SourceListener {
  /** It is there, or there again. */
  opened(): void;
  /** What a teller has told, in order. `teller` tells several of one source apart. */
  told(messages: readonly LiveMessage[], teller: string): void;
  answered(answer: ActorLooked): void;
  /** Its time has gone on. */
  ticked(): void;
  /** All has been told that ever will be: the end of a file. `at`: the position to look at first, where it names one. */
  completed(at?: number): void;
  /** It is gone, and tries by itself to come back. */
  lost(reason: string): void;
  /** It cannot be opened, and will not try again. */
  failed(reason: string): void;
}

/** Carries out an order; resolves with what has happened in words, and rejects with an error whose message says why not. */
export type Breaker = (order: BreakOrder) => Promise<string>;
