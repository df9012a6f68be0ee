// What a world tells to whoever watches it: the same messages as a running node, on virtual time. It looks and never touches: a world
// that is watched plays the same day, to the last message.

import type { NodeId } from '@odradek/model';
import {
  type ActorLooked,
  actorAt,
  chartOf,
  type Frame,
  LIVE_VERSION,
  type LiveMessage,
  lookAt,
  type MessageFacts,
  OrderWatch,
  type Said,
  type WatchedRoot,
  watch,
} from '@odradek/trace';
import type { MessageSeen, NetworkObserver } from './network-observer.ts';

export interface TellingOptions {
  /** Hears each message when it is told; it must not touch the world. */
  readonly tell: (message: LiveMessage) => void;
  /** What is seen, in words; by default what repeats it. */
  readonly about?: string;
  readonly allowed?: readonly ('break' | 'administer')[];
}

/** With which event xstate stops an actor. */
const STOP = 'xstate.stop';

export class Telling implements NetworkObserver {
  readonly #tell: (message: LiveMessage) => void;
  readonly #nowMs: () => number;
  readonly #machines = new Set<string>();
  /** The living actors of each node, and the root of those that live. */
  readonly #actors = new Map<NodeId, Set<string>>();
  readonly #roots = new Map<NodeId, { readonly root: WatchedRoot; readonly prefix: string }>();
  readonly #orders = new OrderWatch();
  #sent: MessageFacts[] = [];
  /** The topic and partition that a message is about, where the world knows it. */
  partitionOf: (body: unknown) => string | undefined = () => undefined;
  /** Looks at what the world has besides: after every event. */
  look: () => void = () => {};

  constructor({ tell, about = 'a simulation', allowed = [] }: TellingOptions, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
    tell({ kind: 'hello', version: LIVE_VERSION, timeMs: nowMs(), about, allowed, clusterId: 'simulated' });
  }

  get nowMs(): number {
    return this.#nowMs();
  }

  tell(message: LiveMessage): void {
    this.#tell(message);
  }

  say(sentence: Omit<Said, 'kind' | 'timeMs'>): void {
    this.#tell({ kind: 'said', timeMs: this.nowMs, ...sentence });
  }

  /** Tells every step of a node's machines. `prefix` stands before their paths. */
  watch(id: NodeId, root: WatchedRoot, prefix: string, onFailure: (error: unknown) => void): void {
    const actors = new Set<string>();
    this.#actors.set(id, actors);
    this.#roots.set(id, { root, prefix });
    watch(root, {
      nowMs: this.#nowMs,
      onMachine: (machine) => {
        if (this.#machines.has(machine.id)) return;
        this.#machines.add(machine.id);
        this.#tell({ kind: 'machine', chart: chartOf(machine) });
      },
      onFrame: (frame) => this.#stepped(actors, frame),
      onFailure,
      prefix,
      tellsValues: true,
      orders: this.#orders,
    });
  }

  /** A node's process has ended, and all its actors with it. */
  died(id: NodeId): void {
    for (const path of this.#actors.get(id) ?? []) this.#gone(path);
    this.#actors.delete(id);
    this.#roots.delete(id);
  }

  /** The values of one actor as they are now, and what can happen to it next. */
  lookAt(id: number, path: string): ActorLooked {
    for (const { root, prefix } of this.#roots.values()) {
      const actor = path.startsWith(prefix) ? actorAt(root, path.slice(prefix.length)) : undefined;
      if (actor !== undefined) return lookAt(actor, id, path);
    }
    return lookAt(undefined, id, path);
  }

  sent({ kind, api, from, to, body, sentMs, arrivesMs, isLost }: MessageSeen): void {
    const partition = this.partitionOf(body);
    const name = kind === 'request' ? api : `${api} answer`;
    this.#orders.sent(to === 'client' ? 'a client' : `node ${to}`, name, body);
    this.#sent.push({
      from,
      to,
      name,
      count: 1,
      ...(partition === undefined ? {} : { partition }),
      sentMs,
      arrivesMs,
      ...(isLost ? { isLost } : {}),
    });
  }

  /** After every event of the world. */
  flush(): void {
    if (this.#sent.length > 0) {
      this.#tell({ kind: 'messages', timeMs: this.nowMs, sent: this.#sent });
      this.#sent = [];
    }
    this.look();
  }

  #stepped(actors: Set<string>, frame: Frame): void {
    if (frame.event === STOP) {
      actors.delete(frame.actor);
      this.#gone(frame.actor);
      return;
    }
    actors.add(frame.actor);
    this.#tell({ kind: 'step', ...frame });
  }

  #gone(path: string): void {
    this.#tell({ kind: 'gone', timeMs: this.nowMs, path });
  }
}
