// Members and messages in plain words, with their ids renamed: what has the same words goes on alike.

import type { NodeId, PeerRequest } from '@odradek/model';
import { Interner } from './interner.ts';
import type { Ghost } from './quorum-ghost.ts';
import type { Member, QuorumMessage } from './quorum-member.ts';

/** Another name for each voter. */
export interface Rename {
  readonly to: (id: NodeId) => NodeId;
  readonly from: (id: NodeId) => NodeId;
}

/** Every way to rename. */
export function permutations(ids: readonly NodeId[]): readonly Rename[] {
  return orders(ids).map((order) => {
    const back = ids.map((id) => order.indexOf(id));
    return { to: (id) => order[id] ?? id, from: (id) => back[id] ?? id };
  });
}

function orders(ids: readonly NodeId[]): NodeId[][] {
  if (ids.length === 0) return [[]];
  return ids.flatMap((id) => orders(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]));
}

/** Everything of a member that can make a difference. */
export function describeMember(member: Member, rename: Rename): unknown {
  const { id, snapshot, log, voteState, storing, waiting, parked } = member;
  const name = (one: NodeId | undefined): number => (one === undefined || one < 0 ? -1 : rename.to(one));
  const votes = (state: typeof voteState | undefined): unknown =>
    state === undefined ? 0 : [state.epoch, name(state.votedFor?.id), name(state.leaderId)];
  const disk = [
    log.entries.map(({ epoch, value }) => [epoch, value]),
    log.epochs.map(Object.values),
    log.flushedEnd,
  ];
  if (snapshot === undefined) return [rename.to(id), disk, votes(voteState)];
  const { epoch, votedFor, leaderId, highWatermark, ballot, hasFetched, office } = snapshot.context;
  const replicas = [...(office?.replicas ?? [])].map(([one, { endOffset }]) => [rename.to(one), endOffset]);
  return [
    rename.to(id),
    disk,
    votes(voteState),
    votes(storing),
    waiting.map((message) => describeMessage(message, rename)),
    parked.map((message) => describeMessage(message, rename)),
    snapshot.value,
    snapshot.status,
    [epoch, name(votedFor?.id), name(leaderId), highWatermark, hasFetched],
    sorted(ballot.granted.map(name)),
    sorted(ballot.refused.map(name)),
    office === undefined ? 0 : [office.epochStart, replicas.sort(byFirst)],
  ];
}

export function describeMessage(message: QuorumMessage, rename: Rename): unknown {
  const { kind, from, to, api, body, isStale } = message;
  const isPreVote = message.kind === 'answer' && message.isPreVote;
  return [kind, rename.to(from), rename.to(to), api, isStale, isPreVote, renamedBody(body, rename)];
}

/** The fields that hold a voter's id; the directory's names say the same once more. */
const idFields = new Set(['leaderId', 'candidateId', 'voterId', 'replicaId']);
const leftOut = new Set(['clusterId', 'candidateDirectoryId', 'voterDirectoryId', 'replicaDirectoryId']);

function renamedBody(body: object, rename: Rename): unknown {
  return Object.entries(body).map(([field, value]) => {
    if (leftOut.has(field)) return 0;
    if (idFields.has(field)) return typeof value === 'number' && value >= 0 ? rename.to(value) : -1;
    if (field === 'preferredSuccessors')
      return (value as PeerRequest<'endQuorumEpoch'>['body']['preferredSuccessors']).map(rename.to);
    if (field === 'records') return (value as readonly Uint8Array[]).map((record) => [...record]);
    return value;
  });
}

export function describeGhost({ leaders, votes, committed }: Ghost, rename: Rename): unknown {
  const name = (id: NodeId): number => (id < 0 ? -1 : rename.to(id));
  return [
    leaders.map(name),
    votes.map((ofEpoch) => ofEpoch.map((_, place) => name(ofEpoch[rename.from(place)] ?? -1))),
    committed.map(({ epoch, value }) => [epoch, value]),
  ];
}

function sorted(ids: number[]): number[] {
  return ids.sort((one, other) => one - other);
}

function byFirst([one = 0]: readonly number[], [other = 0]: readonly number[]): number {
  return one - other;
}

export const sameNames: Rename = { to: (id) => id, from: (id) => id };

/** The numbers of renamed values, by renaming and by number. */
export class RenamedWords<Value> {
  private readonly values: Interner<Value>;
  private readonly renames: readonly Rename[];
  private readonly describe: (value: Value, rename: Rename) => unknown;
  private readonly words = new Interner<string>((word) => word);
  private readonly tables: number[][];

  constructor(
    values: Interner<Value>,
    renames: readonly Rename[],
    describe: (value: Value, rename: Rename) => unknown,
  ) {
    this.values = values;
    this.renames = renames;
    this.describe = describe;
    this.tables = renames.map(() => []);
  }

  of(index: number, number: number): number {
    const table = this.tables[index] ?? [];
    const known = table[number];
    if (known !== undefined) return known;
    const word = JSON.stringify(this.describe(this.values.valueOf(number), this.renames[index] ?? sameNames));
    table[number] = this.words.numberOf(word);
    return this.words.numberOf(word);
  }
}
