// The rows of the map: partitions, and how each is.

import type { PartitionFacts, World } from '@odradek/trace';

/** From worst to best. Each has a word and a sign, so that no colour is needed to tell them apart. */
export const conditions = ['offline', 'alone', 'behind', 'whole'] as const;
export type Condition = (typeof conditions)[number];

export const conditionSigns: Readonly<Record<Condition, string>> = {
  offline: '✕',
  alone: '!',
  behind: '◑',
  whole: '✓',
};

export const conditionWords: Readonly<Record<Condition, string>> = {
  offline: 'offline: nobody leads it',
  alone: 'only its leader is in sync',
  behind: 'a replica is out of sync',
  whole: 'all replicas are in sync',
};

export interface Row extends PartitionFacts {
  readonly topic: string;
  /** `laser-0` */
  readonly name: string;
  readonly condition: Condition;
}

export function rowsOf(world: World): Row[] {
  return [...world.topics.values()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap(({ name: topic, partitions }) => partitions.map((facts) => rowOf(topic, facts)));
}

/** Of ten thousand partitions few are other objects than before. */
const known = new WeakMap<PartitionFacts, Row>();

function rowOf(topic: string, facts: PartitionFacts): Row {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const made = { ...facts, topic, name: `${topic}-${facts.partition}`, condition: conditionOf(facts) };
  known.set(facts, made);
  return made;
}

export function conditionOf({ leader, replicas, inSyncReplicas }: PartitionFacts): Condition {
  if (leader < 0) return 'offline';
  if (inSyncReplicas.length >= replicas.length) return 'whole';
  return inSyncReplicas.length <= 1 ? 'alone' : 'behind';
}

/** Rows whose name has a text in it; all when the text is empty. */
export function rowsWith(rows: readonly Row[], text: string): readonly Row[] {
  const wanted = text.trim().toLowerCase();
  return wanted === '' ? rows : rows.filter(({ name }) => name.toLowerCase().includes(wanted));
}

/** How many rows are in each condition. */
export function conditionCounts(rows: readonly Row[]): Readonly<Record<Condition, number>> {
  const counts = { offline: 0, alone: 0, behind: 0, whole: 0 };
  for (const { condition } of rows) counts[condition] += 1;
  return counts;
}
