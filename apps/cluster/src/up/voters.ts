// Which voters' processes cannot take part in the quorum, as far as their supervisor sees it.

import type { NodeState } from './orders.ts';

interface VoterState {
  readonly id: number;
  readonly state: NodeState;
}

export interface MissingVoters {
  readonly missing: readonly VoterState[];
  /** Of those: so many more would be a majority. */
  readonly needed: number;
}

/** Undefined while a quorum can form. */
export function missingVoters(voters: readonly VoterState[]): MissingVoters | undefined {
  const missing = voters.filter(({ state }) => state !== 'starting' && state !== 'running');
  const majority = Math.floor(voters.length / 2) + 1;
  const needed = majority - (voters.length - missing.length);
  return needed > 0 ? { missing, needed } : undefined;
}

/** `voters 2 and 3 are down, and without one of them no quorum can form: odradek chaos start 2 3` */
export function noQuorumText({ missing, needed }: MissingVoters): string {
  const paused = missing.filter(({ state }) => state === 'paused').map(({ id }) => id);
  const down = missing.filter(({ state }) => state !== 'paused').map(({ id }) => id);
  const facts = [
    ...(down.length === 0 ? [] : [`${votersText(down)} down`]),
    ...(paused.length === 0 ? [] : [`${votersText(paused)} paused`]),
  ];
  const help = [
    ...(down.length === 0 ? [] : [`odradek chaos start ${down.join(' ')}`]),
    ...(paused.length === 0 ? [] : [`odradek chaos resume ${paused.join(' ')}`]),
  ];
  const whom =
    needed < missing.length ? `${needed === 1 ? 'one' : needed} of them` : needed === 1 ? 'it' : 'them';
  return `${facts.join(', ')}, and without ${whom} no quorum can form (${help.join('; ')})`;
}

function votersText(ids: readonly number[]): string {
  const [first] = ids;
  if (ids.length === 1) return `voter ${first} is`;
  return `voters ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)} are`;
}
