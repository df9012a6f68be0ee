// The columns of the map: the nodes of the cluster, with what each is.

import type { ActorSeen, World } from '@odradek/trace';

export interface Column {
  readonly id: number;
  /** `running`, `fenced`, `in controlled shutdown`, `down`, `not heard`; empty for a node that is a controller only. */
  readonly state: string;
  readonly address: string;
  readonly isController: boolean;
  readonly isVoter: boolean;
  /** The state of its quorum machine: `leader`, `follower` …; `voter` where nothing was told of it; or why there is none. */
  readonly quorum: string;
  readonly isHeard: boolean;
}

/** Brokers, and controllers that are none, by id. `isConnected`: whether anybody tells now; if not, all is as it was when somebody last did. */
export function columnsOf(world: World, isConnected = true): Column[] {
  const ids = new Set([...world.brokers.keys(), ...world.voters]);
  const isWithout = !isConnected || hasNoController(world);
  return [...ids]
    .sort((one, other) => one - other)
    .map((id) => {
      const broker = world.brokers.get(id);
      const isHeardNow = isConnected && isHeard(world, id);
      return {
        id,
        state: stateWord(broker?.state ?? '', isHeardNow),
        address: broker === undefined ? '' : `${broker.host}:${broker.port}`,
        isController: world.controller.id === id && !isWithout,
        isVoter: world.voters.includes(id),
        quorum: quorumWord(world, id, isHeardNow),
        isHeard: isHeardNow,
      };
    });
}

/** The metadata calls a broker running until a controller says otherwise, and with all of them dead there is none. */
function stateWord(state: string, isHeardNow: boolean): string {
  return isHeardNow || (state !== 'running' && state !== 'in controlled shutdown') ? state : 'not heard';
}

/** Nodes that live tell more often, if only of their heartbeats. One that is paused closes no connection. */
const silentMs = 5000;

/** Whether what was told of a node last may still be so. That it is fenced does not say: it may live, and be cut off from the controller alone. */
export function isHeard(world: World, id: number): boolean {
  const state = world.brokers.get(id)?.state;
  if (state === 'down') return false;
  const tellers = [...world.hellos].filter(([, { nodeId }]) => nodeId !== undefined);
  if (tellers.length === 0) return !isGone(world, id);
  // While a page opens, nodes tell one after another, and a large one of its actors later than of itself.
  if (world.arriving.some(({ nodeId }) => nodeId === id)) return true;
  if (quorumState(world, id) === undefined)
    return state === 'running' && !tellers.some(([, { nodeId }]) => nodeId === id);
  return silenceMs(world, id) < silentMs;
}

/** A controller that is no broker has no state in the metadata: where one stream tells of all actors, one without its machine does not run. */
function isGone(world: World, id: number): boolean {
  const isOneStream = [...world.hellos.values()].every(({ nodeId }) => nodeId === undefined);
  return (
    isOneStream &&
    !world.brokers.has(id) &&
    world.charts.has('quorum') &&
    quorumState(world, id) === undefined
  );
}

/** Whether nobody is there who could decide who leads: the quorum has elected none, or who it has elected is heard no more. */
export function hasNoController(world: World): boolean {
  const { id } = world.controller;
  if (world.voters.length === 0 || world.arriving.length > 0) return false;
  if (id < 0) return true;
  const tellers = [...world.hellos.values()].filter(({ nodeId }) => nodeId !== undefined);
  // While a page opens, it may not have told yet.
  if (tellers.length > 0 && !tellers.some(({ nodeId }) => nodeId === id)) return false;
  return !isHeard(world, id);
}

/** For how long a node has told nothing, while others did. */
function silenceMs(world: World, id: number): number {
  const [teller] = [...world.hellos].find(([, { nodeId }]) => nodeId === id) ?? [];
  return teller === undefined ? 0 : world.timeMs - (world.heardMs.get(teller) ?? world.timeMs);
}

function quorumWord(world: World, id: number, isHeardNow: boolean): string {
  const broker = world.brokers.get(id)?.state;
  if (broker === 'down' || isGone(world, id)) return 'not running';
  const state = quorumState(world, id);
  // It may think that it leads, and others know better.
  if (broker === 'paused' && state !== undefined) return `${state} when it was paused`;
  if (isHeardNow) return state ?? 'voter';
  if (state === undefined) return 'not heard';
  const silentForMs = silenceMs(world, id);
  if (silentForMs < silentMs) return `was ${state}`;
  return `not heard for ${Math.floor(silentForMs / 1000)} s`;
}

/** By its path: a cluster of ten thousand partitions has many other actors. */
function quorumState(world: World, id: number): string | undefined {
  const actor = world.actors.get(`broker-${id}/quorum`) ?? world.actors.get(`controller-${id}/quorum`);
  return actor === undefined ? undefined : outermost(actor.value);
}

/** The state without what lies within it: `leader`. */
function outermost(value: ActorSeen['value']): string {
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}
