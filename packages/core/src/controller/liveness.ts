// What decisions ask about brokers, beyond the metadata.

import type { MetadataImage, NodeId, Offset } from '@odradek/model';
import type { BrokerSessions } from './broker-sessions.ts';
import type { Facts } from './plan.ts';
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

/** The same, as decisions about partitions ask it. `speaker`: who asks for the decision; `returning`: if it is just registered. */
export function brokerFacts(
  sessions: BrokerSessions,
  image: MetadataImage,
  nowMs: number,
  { speaker, returning }: { readonly speaker?: NodeId | undefined; readonly returning?: NodeId | undefined },
): Pick<Facts, 'isSuspected' | 'isHeard' | 'lacksRoom' | 'hasLastingRoom'> {
  return {
    isSuspected: (id) => id === returning || sessions.isAlive(id, nowMs),
    isHeard: (id) => id === speaker || sessions.isHeard(id, image.brokers.get(id)?.incarnation ?? ''),
    lacksRoom: (id) => sessions.lacksRoom(id),
    hasLastingRoom: (id) => sessions.hasLastingRoom(id, nowMs),
  };
}
