// What was ever so in an explored quorum, and what must hold of it (V20 to V23): each a few obvious lines.

import { compareLogEnds, type LogEnd } from '@odradek/election';
import { NO_EPOCH, type NodeId } from '@odradek/model';
import type { Entry, LogContent } from './abstract-log.ts';
import type { Member, QuorumMessage } from './quorum-member.ts';

/** What was ever so, whoever remembers it. */
export interface Ghost {
  /** By epoch; -1 while it has no leader. */
  readonly leaders: readonly NodeId[];
  /** `votes[epoch][voter]`: for whom; -1 for nobody yet. */
  readonly votes: readonly (readonly NodeId[])[];
  readonly committed: readonly Entry[];
}

/** What this step adds to the ghost, or the invariant that it breaks. */
export function judge(
  ghost: Ghost,
  before: Member,
  after: Member,
  sent: readonly QuorumMessage[],
  members: readonly Member[],
): Ghost | string {
  const context = after.snapshot?.context;
  let { leaders, votes, committed } = ghost;
  if (context?.office !== undefined && before.snapshot?.context.office === undefined) {
    const other = leaders[context.epoch] ?? -1;
    if (other >= 0) return `V20: epoch ${context.epoch} is led by ${other + 1} and again by ${after.id + 1}`;
    if (!hasPrefix(after.log, committed))
      return `V22: ${after.id + 1} leads epoch ${context.epoch} without the ${committed.length} records that are committed`;
    leaders = leaders.with(context.epoch, after.id);
  }
  for (const { voter, epoch, candidate } of votesIn(sent)) {
    const given = votes[epoch]?.[voter] ?? -1;
    if (given >= 0 && given !== candidate)
      return `V21: ${voter + 1} votes in epoch ${epoch} for ${given + 1} and again for ${candidate + 1}`;
    votes = votes.with(epoch, (votes[epoch] ?? []).with(voter, candidate));
  }
  const highWatermark = context?.highWatermark ?? 0;
  if (highWatermark > (before.snapshot?.context.highWatermark ?? 0)) {
    const told = after.log.entries.slice(0, highWatermark);
    if (!agree(told, committed))
      return `V22: what ${after.id + 1} takes for committed below ${highWatermark} is not what was committed`;
    if (told.length > committed.length) {
      if (!isOnMajority(members, told))
        return `V23: ${told.length} records are committed, but not on the disks of a majority`;
      committed = told;
    }
  }
  const winner = winnerWithout(members, committed);
  if (winner !== undefined)
    return `V22: ${winner + 1} could be elected without the ${committed.length} records that are committed`;
  const isSame = leaders === ghost.leaders && votes === ghost.votes && committed === ghost.committed;
  return isSame ? ghost : { leaders, votes, committed };
}

/** A member that lacks what is committed, and whose log would get the votes of a majority (Q2). */
function winnerWithout(members: readonly Member[], committed: readonly Entry[]): NodeId | undefined {
  const logs = members.map(({ log }) => log);
  const winner = logs.findIndex((log) => {
    if (log.flushedEnd >= committed.length && hasPrefix(log, committed)) return false;
    return (
      logs.filter((other) => compareLogEnds(flushedLog(log), flushedLog(other)) >= 0).length > logs.length / 2
    );
  });
  return winner < 0 ? undefined : winner;
}

function isOnMajority(members: readonly Member[], records: readonly Entry[]): boolean {
  const holders = members.filter(({ log }) => log.flushedEnd >= records.length && hasPrefix(log, records));
  return holders.length > members.length / 2;
}

function flushedLog({ entries, flushedEnd }: LogContent): LogEnd {
  return { lastEpoch: entries[flushedEnd - 1]?.epoch ?? NO_EPOCH, endOffset: flushedEnd };
}

function agree(one: readonly Entry[], other: readonly Entry[]): boolean {
  return one.every((entry, offset) => other[offset] === undefined || isSame(entry, other[offset]));
}

function hasPrefix({ entries }: LogContent, prefix: readonly Entry[]): boolean {
  return prefix.every((entry, offset) => entries[offset] !== undefined && isSame(entry, entries[offset]));
}

function isSame(one: Entry, other: Entry): boolean {
  return one.epoch === other.epoch && one.value === other.value;
}

/** Votes as they leave a voter: granted to others, and a candidate's own with its questions. */
function* votesIn(sent: readonly QuorumMessage[]) {
  for (const message of sent) {
    if (message.api !== 'vote') continue;
    if (message.kind === 'request' && 'preVote' in message.body && !message.body.preVote)
      yield { voter: message.from, epoch: message.body.epoch, candidate: message.from };
    if (
      message.kind === 'answer' &&
      'voteGranted' in message.body &&
      message.body.voteGranted &&
      !message.isPreVote
    )
      yield { voter: message.from, epoch: message.body.leaderEpoch, candidate: message.to };
  }
}
