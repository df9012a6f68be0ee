// For whom a reading waits, when it is not for new records: partitions that nobody can be asked for now.

import type { PartitionFacts } from '@odradek/trace';
import type { Column } from '../map/columns.ts';

/** Of more partitions with one reason these are named. */
const mostNamed = 3;

/** `wanted`: those that are read. Undefined: each has a leader that can be asked. */
export function waitsFor(
  topic: string,
  wanted: readonly PartitionFacts[],
  columns: readonly Column[],
): string | undefined {
  const reasons = new Map<string, string[]>();
  for (const facts of wanted) {
    const reason = reasonOf(facts, columns);
    if (reason !== undefined)
      reasons.set(reason, [...(reasons.get(reason) ?? []), `${topic}-${facts.partition}`]);
  }
  const waiting = [...reasons.values()].flat().length;
  if (waiting === 0) return undefined;
  const whom = [...reasons].map(
    ([reason, names]) => `${namesText(names)} ${names.length === 1 ? 'waits' : 'wait'} for ${reason}`,
  );
  const head =
    waiting === wanted.length
      ? 'nobody can be read from'
      : `${waiting} of ${wanted.length} partitions cannot be read`;
  return `${head}: ${whom.join('; ')}`;
}

function reasonOf(
  { leader, inSyncReplicas, eligibleLeaderReplicas }: PartitionFacts,
  columns: readonly Column[],
): string | undefined {
  if (leader < 0) {
    const whole = [...new Set([...inSyncReplicas, ...eligibleLeaderReplicas])];
    if (whole.length === 0) return 'a leader, and no replica is known to have all that was committed';
    return `a leader: broker ${whole.join(' or ')}, which ${whole.length === 1 ? 'has' : 'have'} all that was committed`;
  }
  const column = columns.find(({ id }) => id === leader);
  if (column?.isHeard === false) return `broker ${leader}, which leads and is not heard`;
  return column?.state === 'paused' ? `broker ${leader}, which leads and is paused` : undefined;
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).join(', ');
  return names.length <= mostNamed ? shown : `${shown} and ${names.length - mostNamed} more`;
}
