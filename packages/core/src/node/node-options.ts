// What a composition hands to a node: who it is, the ports, its doors, and whom to tell.

import type { ClientHandler, Configuration, MetadataImage, Ports, Voter } from '@odradek/model';
import type { NodeIdentity } from './identity.ts';
import type { NodeMachines } from './machines.ts';

export interface NodeOptions {
  readonly identity: NodeIdentity;
  /** Who votes on the metadata, the same on every node; a node that is not among them observes (Q13). */
  readonly voters: readonly Voter[];
  readonly ports: Ports;
  readonly configuration: Configuration;
  /** How others speak to the node: opened when it starts, closed when it ends. */
  readonly doors?: readonly Door[];
  /** Machines in the place of those that ship. */
  readonly machines?: Partial<NodeMachines>;
  /** Runs something after the present turn of the event loop, sooner than any timer (`setImmediate`): what came in it is done together. */
  readonly soon?: (callback: () => void) => void;
  /** Runs something right after the present call, before anything more is heard (`process.nextTick`); by default {@link soon}. */
  readonly next?: (callback: () => void) => void;
  /** An invariant is broken or the metadata log failed: the node is over, and whoever hosts it must end it. */
  onBroken(error: unknown): void;
  /** One line about something worth knowing. */
  readonly say?: Say;
  /** A peer said what cannot be, and was not believed: where all nodes are honest, a broken invariant. */
  complained?(text: string): void;
  /** What is committed has changed the image; the node itself has followed already. */
  replayed?(before: MetadataImage, after: MetadataImage): void;
}

/** Whose line it is, and why it is told. */
export interface About {
  /** Below the node's root: `laser-0/log`; absent: the node. */
  readonly actor?: string;
  readonly rule?: string;
  /** `warn` by default. */
  readonly level?: 'info' | 'warn' | 'error';
}

export type Say = (line: string, about?: About) => void;

/** A way in for clients. */
export interface Door {
  open(clients: ClientHandler): void;
  close(): void;
}

/** How a node is stopped: leaderships moved away first, or all at once because the whole cluster stops (C9). */
export interface StopOptions {
  readonly movesLeaderships: boolean;
}

/** Runs something after the present call, sooner than a timer if the host can. */
export function soonAt({ soon, ports }: Pick<NodeOptions, 'soon' | 'ports'>, callback: () => void): void {
  if (soon === undefined) ports.clock.setTimeout(callback, 0);
  else soon(callback);
}
