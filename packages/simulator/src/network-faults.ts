// What the network between nodes does wrong: cuts, one message held or lost, connections that break by chance.

import type { Channel, NodeId, PeerApi } from '@odradek/model';

/** A message under way, as faults see it. */
export interface MessageUnderWay {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly channel: Channel;
  readonly api: PeerApi;
  readonly kind: 'request' | 'answer';
}

/** Which messages a fault is about; what is not named may be anything. */
export type MessageMatch = Partial<MessageUnderWay>;

export function matches(match: MessageMatch, message: MessageUnderWay): boolean {
  return (
    (match.from === undefined || match.from === message.from) &&
    (match.to === undefined || match.to === message.to) &&
    (match.channel === undefined || match.channel === message.channel) &&
    (match.api === undefined || match.api === message.api) &&
    (match.kind === undefined || match.kind === message.kind)
  );
}

/** Messages held by a fault until somebody releases them. */
export interface Hold {
  readonly match: MessageMatch;
  readonly held: (() => void)[];
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
    return this.#cut.has(`${from}>${to}`);
  }
}
