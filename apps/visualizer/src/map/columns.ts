// The columns of the map: the nodes of the cluster, with what each is.

import type { ActorSeen, World } from '@odradek/trace';

export interface Column {
  readonly id: number;
  /** `running`, `fenced`, `in controlled shutdown`, `down`; empty for a node that is a controller only. */
  readonly state: string;
  readonly address: string;
  readonly isController: boolean;
  readonly isVoter: boolean;
  /** The state of its quorum machine: `leader`, `follower` …; undefined where nothing was told of it, or the node does not run. */
  readonly quorum: string | undefined;
}

/** Brokers, and controllers that are none, by id. */
export function columnsOf(world: World): Column[] {
  const ids = new Set([...world.brokers.keys(), ...world.voters]);
  return [...ids]
    .sort((one, other) => one - other)
    .map((id) => {
      const broker = world.brokers.get(id);
      return {
        id,
        state: broker?.state ?? '',
        address: broker === undefined ? '' : `${broker.host}:${broker.port}`,
        isController: world.controller.id === id,
        isVoter: world.voters.includes(id),
        // What a node that is down said last is not so any more.
        quorum: broker?.state === 'down' ? undefined : quorumState(world, id),
      };
    });
}

/** By its path: a cluster of ten thousand partitions has many other actors. */
function quorumState(world: World, id: number): string | undefined {
  const actor = world.actors.get(`broker-${id}/quorum`) ?? world.actors.get(`controller-${id}/quorum`);
  return actor === undefined ? undefined : stateWord(actor.value);
}

/** The state without what lies within it: `leader`. */
function stateWord(value: ActorSeen['value']): string {
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}
