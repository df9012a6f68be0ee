// The cluster in the tab as a source: what its worker tells, and what can be done to it.

import type { Client } from '@odradek/client';
import type { ViewerRequest } from '@odradek/trace';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Breaker, SourceListener, ViewSource } from '../sources/view-source.ts';
import type { TabOrder } from './orders.ts';
import { tabClient } from './tab-client.ts';
import type { FromWorker, Pace, TabReply, TabState, ToWorker } from './tab-messages.ts';

export interface TabSource extends ViewSource {
  readonly kind: 'tab';
  /** The scene it began with. */
  readonly scene: string | undefined;
  /** Where the cluster stands; undefined before its first word. */
  readonly state: ReadonlySignal<TabState | undefined>;
  readonly breaker: Breaker;
  /** Carries out an order; resolves with what has happened, rejects with why not. */
  order(order: TabOrder): Promise<string>;
  pace(pace: Partial<Pace>): void;
  step(): void;
  next(): void;
  leave(): void;
  /** Absent while a scene goes on: who asks changes when what happens. */
  readonly client: (() => Client) | undefined;
}

export function isTabSource(source: ViewSource | undefined): source is TabSource {
  return source?.kind === 'tab';
}

export interface TabSourceOptions {
  readonly scene?: string;
  /** What is looked at, in words. */
  readonly about: string;
}

export function tabSource(options: TabSourceOptions): TabSource {
  return new WorkerSource(options);
}

/** The bundle makes a program of its own of what is named so. */
export const clusterWorker = new URL('./worker.ts', import.meta.url);

interface Ordered {
  resolve(text: string): void;
  reject(error: Error): void;
}

class WorkerSource implements TabSource {
  readonly kind = 'tab';
  readonly about: string;
  readonly scene: string | undefined;
  readonly state: ReadonlySignal<TabState | undefined>;
  readonly #state: Signal<TabState | undefined> = signal(undefined);
  readonly #orders = new Map<number, Ordered>();
  readonly #asked = new Map<number, (reply: TabReply) => void>();
  #worker: Worker | undefined;
  #last = 0;

  constructor({ scene, about }: TabSourceOptions) {
    this.scene = scene;
    this.about = about;
    this.state = this.#state;
  }

  open(listener: SourceListener): void {
    const worker = new Worker(clusterWorker, { type: 'module' });
    this.#worker = worker;
    let isOpen = false;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (!isOpen) listener.opened();
      isOpen = true;
      this.#heard(data, listener);
    };
    worker.onerror = ({ message }) =>
      listener.failed(`The worker of the cluster has failed: ${message ?? 'it cannot be started'}`);
    this.#say({ do: 'begin', scene: this.scene });
  }

  ask(request: ViewerRequest): void {
    if (request.ask === 'look') this.#say({ do: 'look', id: request.id, path: request.path });
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#orders.values()) reject(new Error('This cluster is there no more.'));
    for (const done of this.#asked.values())
      done({ outcome: 'failed', reason: 'closed', detail: 'this cluster is there no more' });
    this.#orders.clear();
    this.#asked.clear();
  }

  readonly timeMs = (): number | undefined => this.#state.value?.nowMs;

  readonly breaker: Breaker = (order) => this.order(order);

  get client(): (() => Client) | undefined {
    const { value: state } = this.#state;
    return state === undefined || state.scene !== undefined ? undefined : this.#client;
  }

  readonly #client = (): Client =>
    tabClient(
      (node, request, timeoutMs, done) => {
        const id = ++this.#last;
        this.#asked.set(id, done);
        this.#say({ do: 'ask', id, node, request, timeoutMs });
      },
      () => this.#state.value?.wallMs ?? Date.now(),
    );

  order(order: TabOrder): Promise<string> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#orders.set(id, { resolve, reject });
      this.#say({ do: 'order', id, order });
    });
  }

  pace(pace: Partial<Pace>): void {
    this.#say({ do: 'pace', pace });
  }

  step(): void {
    this.#say({ do: 'step' });
  }

  next(): void {
    this.#say({ do: 'next' });
  }

  leave(): void {
    this.#say({ do: 'leave' });
  }

  #say(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #heard(message: FromWorker, listener: SourceListener): void {
    switch (message.say) {
      case 'told':
        this.#state.value = message.state;
        if (message.messages.length > 0) listener.told(message.messages, '');
        else listener.ticked();
        break;
      case 'obeyed':
        this.#settle(message.id)?.resolve(message.text);
        break;
      case 'refused':
        this.#settle(message.id)?.reject(new Error(message.reason));
        break;
      case 'looked':
        listener.answered(message.answer);
        break;
      case 'replied':
        this.#asked.get(message.id)?.(message.reply);
        this.#asked.delete(message.id);
        break;
      case 'failed':
        listener.failed(`The cluster in this tab has failed: ${message.reason}`);
        break;
    }
  }

  #settle(id: number): Ordered | undefined {
    const ordered = this.#orders.get(id);
    this.#orders.delete(id);
    return ordered;
  }
}
