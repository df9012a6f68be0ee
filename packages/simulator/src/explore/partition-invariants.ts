// What must hold of a partition in every state (V2 to V6, V15), each in a few obvious lines.

import { NO_LEADER, type PartitionImage } from '@odradek/model';
import type { Entry, LogContent } from './abstract-log.ts';
import type { Replica } from './partition-replica.ts';

/** V15, V16: of the record in the metadata, and of its change. */
export function brokenImage(before: PartitionImage, after: PartitionImage): string | undefined {
  const { replicas, inSyncReplicas, eligibleLeaderReplicas, leader } = after;
  if ([...inSyncReplicas, ...eligibleLeaderReplicas].some((id) => !replicas.includes(id)))
    return `V15: in sync or eligible are some that have no replica`;
  if (inSyncReplicas.some((id) => eligibleLeaderReplicas.includes(id)))
    return `V15: some are in sync and eligible beside`;
  if (leader !== NO_LEADER && !inSyncReplicas.includes(leader))
    return `V15: leader ${leader + 1} is not in sync`;
  if (after.leaderEpoch < before.leaderEpoch || after.partitionEpoch < before.partitionEpoch)
    return `V16: an epoch went back`;
  return undefined;
}

/** V5, V6: where two logs have the same offset in the same epoch, they are the same up to there. */
export function brokenLogs(replicas: readonly Replica[]): string | undefined {
  for (const one of replicas)
    for (const other of replicas) {
      if (one.id >= other.id) continue;
      const last = lastCommonEpoch(one.log, other.log);
      for (let offset = 0; offset <= last; offset++)
        if (!isSame(one.log.entries[offset], other.log.entries[offset]))
          return `V5: ${one.id + 1} and ${other.id + 1} differ at ${offset}, and have the same epoch at ${last}`;
    }
  return undefined;
}

/** V2 to V5: of the replicas, against the metadata and all that was ever committed. */
export function brokenReplicas(
  replicas: readonly Replica[],
  { inSyncReplicas, eligibleLeaderReplicas, leader, leaderEpoch }: PartitionImage,
  ledger: readonly Entry[],
): string | undefined {
  for (const { id, isWiped, log, role } of replicas) {
    const holds = ledger.every((entry, offset) => isSame(entry, log.entries[offset]));
    const what = `lacks what is committed: ${ledger.length} records`;
    if (id === leader && !isWiped && !holds) return `V2: leader ${id + 1} of epoch ${leaderEpoch} ${what}`;
    const counts = inSyncReplicas.includes(id) || eligibleLeaderReplicas.includes(id);
    if (counts && !isWiped && !holds) return `V3: ${id + 1}, in sync or eligible, ${what}`;
    const highWatermark = role?.snapshot.context.highWatermark.offset ?? 0;
    for (let offset = 0; offset < highWatermark; offset++)
      if (!isSame(log.entries[offset], ledger[offset]))
        return `V8: ${id + 1} takes offset ${offset} for committed, and has not what was committed there`;
    if (role?.kind !== 'leader') continue;
    const { registration, pending } = role.snapshot.context;
    if (registration.leaderEpoch !== leaderEpoch || id !== leader) continue;
    const joining = pending?.proposal.kind === 'expand' ? pending.proposal.changed : [];
    const gating = [...registration.inSyncReplicas, ...joining];
    const missed = inSyncReplicas.find((member) => !gating.includes(member));
    if (missed !== undefined) return `V4: leader ${id + 1} commits without ${missed + 1}, which is in sync`;
  }
  return undefined;
}

/** The highest offset at which both have a record of the same epoch; -1 for none. */
function lastCommonEpoch(one: LogContent, other: LogContent): number {
  return one.entries.findLastIndex((entry, offset) => other.entries[offset]?.epoch === entry.epoch);
}

function isSame(one: Entry | undefined, other: Entry | undefined): boolean {
  return one !== undefined && other !== undefined && one.epoch === other.epoch && one.value === other.value;
}
