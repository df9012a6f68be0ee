// What the page and the worker with the cluster say to each other.

import type { ClientApi, ClientRequest, NetworkFailure } from '@odradek/model';
import type { ActorLooked, LiveMessage } from '@odradek/trace';
import type { TabOrder } from './orders.ts';

export type ToWorker =
  /** The first word: a scene, or a cluster to play with. */
  | { readonly do: 'begin'; readonly scene: string | undefined }
  | { readonly do: 'order'; readonly id: number; readonly order: TabOrder }
  | { readonly do: 'pace'; readonly pace: Partial<Pace> }
  /** One event of the cluster. */
  | { readonly do: 'step' }
  /** On to the next moment of the scene. */
  | { readonly do: 'next' }
  /** The scene is left: time goes on, and nobody stops it. */
  | { readonly do: 'leave' }
  | { readonly do: 'look'; readonly id: number; readonly path: string }
  /** A client of the page asks a node. */
  | {
      readonly do: 'ask';
      readonly id: number;
      readonly node: number;
      readonly request: ClientRequest;
      readonly timeoutMs: number;
    };

export interface Pace {
  /** Milliseconds of the cluster's time in a millisecond of ours. */
  readonly speed: number;
  readonly isPaused: boolean;
}

export type FromWorker =
  | { readonly say: 'told'; readonly messages: readonly LiveMessage[]; readonly state: TabState }
  | { readonly say: 'obeyed'; readonly id: number; readonly text: string }
  | { readonly say: 'refused'; readonly id: number; readonly reason: string }
  | { readonly say: 'looked'; readonly answer: ActorLooked }
  | { readonly say: 'replied'; readonly id: number; readonly reply: TabReply }
  /** The worker itself has failed: a bug. */
  | { readonly say: 'failed'; readonly reason: string };

/** How a client's request ended; `response` is that of the API that was asked. */
export type TabReply =
  | { readonly outcome: 'answered'; readonly api: ClientApi; readonly response: unknown }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure; readonly detail: string };

/** Where the cluster in the tab stands. */
export interface TabState extends Pace {
  readonly nowMs: number;
  /** The cluster's date, in milliseconds since 1970. */
  readonly wallMs: number;
  readonly scene: SceneState | undefined;
  /** A promise was broken; the world stands still. */
  readonly broken: string | undefined;
  readonly isLoaded: boolean;
}

export interface SceneState {
  readonly id: string;
  /** The moment that was reached, or is being played. */
  readonly moment: number;
  /** When its playing began, in the cluster's time. */
  readonly sinceMs: number;
  /** It is being played; else the scene waits at it. */
  readonly isPlaying: boolean;
}
