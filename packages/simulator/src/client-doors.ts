// How simulated clients reach the nodes: directly at each node's broker API, with delays, and with what can happen to a request when
// its node is dead, is killed before it answers, or answers too late.

import type {
  ClientAnswer,
  ClientApi,
  ClientHandler,
  ClientRequest,
  ClientResponse,
  NodeId,
} from '@odradek/model';
import type { AnswerWatch } from './answer-watch.ts';
import type { EnvelopeTrip } from './envelope-trip.ts';
import type { MessageSeen, NetworkObserver } from './network-observer.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { NotedMessage, TraceHash } from './trace-hash.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** `not sent`: the node is dead, nothing happened. `unknown`: it may have taken effect, or still take effect. */
export type ClientReply<Api extends ClientApi> =
  | { readonly outcome: 'answered'; readonly response: ClientResponse<Api> }
  | { readonly outcome: 'not sent' }
  | { readonly outcome: 'unknown' };

/** A node that takes clients' requests. */
export interface Door {
  readonly life: VirtualProcess;
  readonly handler: ClientHandler;
}

export interface DoorsOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: TraceHash;
  readonly trip: EnvelopeTrip;
  /** The door of a node, undefined while it is dead. */
  readonly doorOf: (id: NodeId) => Door | undefined;
  readonly nodeIds: readonly NodeId[];
  /** Sees to it that every request is answered in time. */
  readonly watch?: AnswerWatch;
  /** Hears every answer at the moment when it is given. */
  readonly answered?: (answer: ClientAnswer) => void;
  /** Sees every message when it leaves. */
  readonly observer?: NetworkObserver | undefined;
}

/** How long messages of clients take, and to them: of a hundred so many, the others are prompt. */
export interface ClientDelay {
  readonly minMs: number;
  readonly maxMs: number;
  readonly percent: number;
}

/** When nothing is wrong. */
export const promptClients: ClientDelay = { minMs: 1, maxMs: 3, percent: 100 };

/** What is known of a message before it leaves. */
type Leaving = Pick<MessageSeen, 'kind' | 'api' | 'body' | 'from' | 'to'>;

export class ClientDoors {
  readonly nodeIds: readonly NodeId[];
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Of what leaves from now on. What takes longer than its client waits comes all the same. */
  delay = promptClients;
  readonly #options: DoorsOptions;

  constructor(options: DoorsOptions) {
    this.#options = options;
    this.time = options.time;
    this.random = options.random;
    this.nodeIds = options.nodeIds;
  }

  ask<Api extends ClientApi>(
    to: NodeId,
    request: ClientRequest<Api>,
    timeoutMs: number,
    done: (reply: ClientReply<Api>) => void,
  ): void {
    const { time, doorOf, trip } = this.#options;
    let isOpen = true;
    let forgetDeath: (() => void) | undefined;
    const settle = (reply: ClientReply<Api>): void => {
      if (!isOpen) return;
      isOpen = false;
      cancelTimeout();
      forgetDeath?.();
      done(reply);
    };
    const cancelTimeout = time.after(timeoutMs, () => settle({ outcome: 'unknown' }));
    const { api, body } = request;
    // The pair is the one that the caller gave, no longer tied to its own name.
    const underWay = trip.clientRequest({ api, body } as ClientRequest);
    const leaving: Leaving = { kind: 'request', api, body, from: 'client', to };
    const addressed = doorOf(to)?.life;
    const arrivesMs = this.#later(() => {
      const door = doorOf(to);
      // A process takes nothing from a connection to the one before it.
      if (door === undefined || (addressed !== undefined && addressed !== door.life)) {
        this.#later(() => settle({ outcome: 'not sent' }));
        return;
      }
      const carried = underWay.arrive();
      this.#note({ from: 'client', to, api, kind: 'request', checksum: carried.checksum });
      if (isOpen) forgetDeath = door.life.whenEnded(() => this.#later(() => settle({ outcome: 'unknown' })));
      door.life.run(() => {
        const isAnswered = this.#options.watch?.taken(to, door.life, carried.message);
        const client = { connection: 'simulated', reachedHost: `node${to}`, reachedPort: 9092 };
        door.handler.handle(client, carried.message, (answer) => {
          isAnswered?.();
          if (door.life.hasEnded) return;
          this.#options.answered?.(answer);
          this.#answered(to, answer, settle);
        });
      });
    });
    this.#left(leaving, arrivesMs, doorOf(to) === undefined);
  }

  #answered<Api extends ClientApi>(
    from: NodeId,
    answer: ClientAnswer,
    settle: (reply: ClientReply<Api>) => void,
  ): void {
    const underWay = this.#options.trip.clientAnswer(answer);
    const { api, body } = answer;
    const arrivesMs = this.#later(() => {
      const { message, checksum } = underWay.arrive();
      this.#note({ from, to: 'client', api, kind: 'answer', checksum });
      // A node answers what it was asked; its name ties the two types together.
      settle({ outcome: 'answered', response: message.body as ClientResponse<Api> });
    });
    this.#left({ kind: 'answer', api, body, from, to: 'client' }, arrivesMs, false);
  }

  #left(leaving: Leaving, arrivesMs: number, isLost: boolean): void {
    this.#options.observer?.sent({ ...leaving, sentMs: this.time.nowMs, arrivesMs, isLost });
  }

  #note(message: NotedMessage): void {
    this.#options.trace.message(this.time.nowMs, message);
  }

  /** When it will happen. */
  #later(callback: () => void): number {
    const { percent } = this.delay;
    const { minMs, maxMs } = percent === 100 || this.random.chance(percent) ? this.delay : promptClients;
    const delayMs = this.random.between(minMs, maxMs);
    this.time.after(delayMs, callback);
    return this.time.nowMs + delayMs;
  }
}
