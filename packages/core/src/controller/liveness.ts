// What decisions ask about brokers, beyond the metadata.

import type { MetadataImage, NodeId, Offset } from '@odradek/model';
import type { BrokerSessions } from './broker-sessions.ts';
import type { Holder } from './registration.ts';

export interface Liveness {
  holderOf(id: NodeId): Holder;
  shutdownOffsetOf(id: NodeId): Offset | undefined;
  /** C9: every active broker but the one that goes has seen the metadata up to `offset`. */
  haveAllSeen(offset: Offset, going: NodeId): boolean;
}

/** As the sessions show it at one moment. */
export function livenessOf(sessions: BrokerSessions, image: MetadataImage, nowMs: number): Liveness {
  return {
    holderOf: (id) => ({
      isAlive: sessions.isAlive(id, nowMs),
      isLinked: sessions.isLinked(id, image.brokers.get(id)?.incarnation ?? ''),
    }),
    shutdownOffsetOf: (id) => sessions.shutdownOffsetOf(id),
    haveAllSeen: (offset, going) => {
      const others = [...image.brokers.values()].filter((one) => one.id !== going);
      const active = others.filter((one) => !one.isFenced && !one.isShuttingDown);
      return sessions.haveSeen(
        active.map((one) => one.id),
        offset,
      );
    },
  };
}
