// What a supervisor and the process of a node say to each other.

import type { Frame } from '@odradek/trace';
import type { ExitCode, FailureCode } from '../failure.ts';
import type { Faults } from '../faults/faults.ts';
import type { Measurement } from '../measure.ts';
import type { Obeyed, Order } from './orders.ts';

/** Which steps of its machines a node tells: none, all, or those alone that lead to another state, but for the busiest machines. */
export type Watching = 'nothing' | 'changes' | 'everything';

/** From the supervisor. */
export type ToNode =
  /** Its files are written, and it may read them. Before that its process has only loaded its program. */
  | { readonly type: 'begin' }
  | { readonly type: 'faults'; readonly faults: Faults }
  /** The whole cluster stops: a controller decides nothing more, so that no leadership moves. */
  | { readonly type: 'stop deciding' }
  /** Collects its garbage and tells what it holds. */
  | { readonly type: 'measure' }
  /** Flushes, writes the marker of a clean end, and exits. */
  | { readonly type: 'stop'; readonly movesLeaderships: boolean }
  /** How an order of this node's ended. */
  | { readonly type: 'obeyed'; readonly id: number; readonly data: Obeyed }
  | { readonly type: 'disobeyed'; readonly id: number; readonly failure: FailureWords };

/** A failure as it crosses the channel. */
export interface FailureWords {
  readonly code: FailureCode;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint?: string;
}

/** From the node. */
export type FromNode =
  /** Its port is open; it may not serve yet. */
  | { readonly type: 'listening' }
  | { readonly type: 'ready' }
  | { readonly type: 'stopped deciding' }
  | { readonly type: 'measured'; readonly measurement: Measurement }
  /** Something worth a line, in words. */
  | { readonly type: 'news'; readonly text: string }
  /** With --watch: one step of one machine. */
  | { readonly type: 'frame'; readonly frame: Frame }
  /** The console asks for what `odradek chaos` does. */
  | { readonly type: 'order'; readonly id: number; readonly order: Order };

/** Checks what came over the channel of a child process, which anything could use. */
export function fromNode(message: unknown): FromNode | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const known = ['listening', 'ready', 'stopped deciding', 'measured', 'news', 'frame', 'order'];
  // Both ends are one program of one version: the type says the rest.
  return known.includes(String(message.type)) ? (message as FromNode) : undefined;
}
