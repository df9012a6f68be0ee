// Who looks at messages under way, and what is seen of one. Nobody need: without an observer nothing is kept of a message but itself.

import type { NodeId } from '@odradek/model';

export interface MessageSeen {
  readonly kind: 'request' | 'answer';
  readonly api: string;
  /** A node, or a client of the cluster. */
  readonly from: NodeId | 'client';
  readonly to: NodeId | 'client';
  readonly body: unknown;
  readonly sentMs: number;
  readonly arrivesMs: number;
  /** It does not arrive: its way is cut, nobody takes it, or its connection breaks. */
  readonly isLost: boolean;
}

export interface NetworkObserver {
  /** A message has left; told again when it came to another end than was expected: lost, or later than told. */
  sent(message: MessageSeen): void;
}
