// What the network between nodes does wrong: cuts, one message held or lost, connections that break by chance.

import type { Channel, NodeId, PeerApi } from '@odradek/model';

/** A message under way, as faults see it. */
export interface MessageUnderWay {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly channel: Channel;
  readonly api: PeerApi;
  readonly kind: 'request' | 'answer';
  readonly body: unknown;
}

/** Which messages a fault is about; what is not named may be anything. */
export interface MessageMatch extends Partial<Omit<MessageUnderWay, 'body'>> {
  /** Somewhere in its body each of these fields has this value. */
  readonly where?: readonly { readonly field: string; readonly value: string }[];
}

export function matches(match: MessageMatch, message: MessageUnderWay): boolean {
  return (
    (match.from === undefined || match.from === message.from) &&
    (match.to === undefined || match.to === message.to) &&
    (match.channel === undefined || match.channel === message.channel) &&
    (match.api === undefined || match.api === message.api) &&
    (match.kind === undefined || match.kind === message.kind) &&
    (match.where ?? []).every(({ field, value }) => hasField(message.body, field, value))
  );
}

function hasField(body: unknown, field: string, value: string): boolean {
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return false;
  return Object.entries(body).some(
    ([name, inner]) => (name === field && String(inner) === value) || hasField(inner, field, value),
  );
}

/** A message that waits at the end of its way. */
export interface HeldMessage {
  readonly message: MessageUnderWay;
  readonly arrive: () => void;
}

/** Messages held by a fault until somebody releases them. */
export interface Hold {
  readonly match: MessageMatch;
  readonly held: HeldMessage[];
  /** How many messages more it takes; what is behind a request waits with it. */
  mayTake: number;
  isReleased: boolean;
}

/** Ways that are cut, by direction. */
export class Cuts {
  readonly #cut = new Map<string, number>();
  #cuts = 0;

  cut(from: NodeId, to: NodeId): void {
    if (!this.isCut(from, to)) this.#cut.set(`${from}>${to}`, ++this.#cuts);
  }

  heal(from: NodeId, to: NodeId): void {
    this.#cut.delete(`${from}>${to}`);
  }

  healAll(): void {
    this.#cut.clear();
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.size > 0 && this.#cut.has(`${from}>${to}`);
  }
}
