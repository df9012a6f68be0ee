// The columns of the map: the nodes of the cluster, with what each is.

import type { ActorSeen, World } from '@odradek/trace';

export interface Column {
  readonly id: number;
  /** `running`, `fenced`, `in controlled shutdown`, `down`; empty for a node that is a controller only. */
  readonly state: string;
  readonly address: string;
  readonly isController: boolean;
  readonly isVoter: boolean;
  /** The state of its quorum machine: `leader`, `follower` …; undefined where nothing was told of it. */
  readonly quorum: string | undefined;
}

/** Brokers, and controllers that are none, by id. */
export function columnsOf(world: World): Column[] {
  const ids = new Set([...world.brokers.keys(), ...world.voters]);
  const quorum = quorumStates(world);
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
        quorum: quorum.get(id),
      };
    });
}

function quorumStates(world: World): Map<number, string> {
  const states = new Map<number, string>();
  for (const actor of world.actors.values()) {
    if (actor.machine !== 'quorum') continue;
    const node = nodeOfPath(actor.path);
    if (node !== undefined) states.set(node, stateWord(actor.value));
  }
  return states;
}

/** The state without what lies within it: `leader`. */
function stateWord(value: ActorSeen['value']): string {
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}

/** The node whose actor a path names: `broker-1/laser-0/replica` is of node 1. */
export function nodeOfPath(path: string): number | undefined {
  const [, digits] = /^(?:[a-z]+-)?(\d+)(?:\/|$)/.exec(path) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
