// Where the replicas of new partitions go: leaders and replicas spread evenly over brokers, replicas over racks.

import { type MetadataImage, type NodeId, partitionsOf } from '@odradek/model';

/** A broker that may get replicas, and what it has. */
export interface PlacementBroker {
  readonly id: NodeId;
  readonly rack: string | null;
  /** It gets replicas only when there are too few others. */
  readonly isFenced: boolean;
  readonly replicas: number;
  /** The partitions whose preferred leader it is. */
  readonly preferred: number;
}

/**
 * The brokers of the image that may get replicas, in order of their ids: as in Kafka all that are registered, but for one that is about to
 * stop. Once it has stopped it is fenced, and will come back as any that died.
 */
export function placementBrokers(image: MetadataImage): readonly PlacementBroker[] {
  const replicas = new Map<NodeId, number>();
  const preferred = new Map<NodeId, number>();
  const count = (counts: Map<NodeId, number>, id: NodeId): void => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  for (const { state } of partitionsOf(image)) {
    for (const [place, id] of state.replicas.entries()) {
      count(replicas, id);
      if (place === 0) count(preferred, id);
    }
  }
  return [...image.brokers.values()]
    .filter((broker) => broker.isFenced || !broker.isShuttingDown)
    .toSorted((one, other) => one.id - other.id)
    .map(({ id, rack, isFenced }) => ({
      id,
      rack,
      isFenced,
      replicas: replicas.get(id) ?? 0,
      preferred: preferred.get(id) ?? 0,
    }));
}

/** The same brokers once these replicas are placed. */
export function withPlaced(
  brokers: readonly PlacementBroker[],
  assignment: readonly (readonly NodeId[])[],
): readonly PlacementBroker[] {
  const placed = new Map(brokers.map((broker) => [broker.id, { ...broker }]));
  for (const replicas of assignment)
    for (const [place, id] of replicas.entries()) {
      const broker = placed.get(id);
      if (broker === undefined) continue;
      broker.replicas += 1;
      if (place === 0) broker.preferred += 1;
    }
  return [...placed.values()];
}

/**
 * Replicas for `count` partitions, numbered from `firstPartition`, the first of each its preferred leader. The leader is the
 * broker that leads least; the followers those with the fewest replicas, in racks not used yet. Among equals the ring of
 * brokers decides, shifted after each round, so that one broker's failure is shared by all.
 */
export function placeReplicas(
  brokers: readonly PlacementBroker[],
  count: number,
  replicationFactor: number,
  firstPartition = 0,
): readonly (readonly NodeId[])[] {
  const ring = brokers.map((broker) => ({ ...broker }));
  const size = ring.length;
  return Array.from({ length: count }, (_, index) => {
    const round = size === 0 ? 0 : Math.floor((firstPartition + index) / size);
    const chosen: (typeof ring)[number][] = [];
    const racks = new Map<string | null, number>();
    while (chosen.length < replicationFactor) {
      const leader = chosen[0];
      const start = leader === undefined ? 0 : ring.indexOf(leader) + 1 + (size > 1 ? round % (size - 1) : 0);
      const least = leastOf(
        Array.from({ length: size }, (__, step) => ring[(start + step) % size]).filter(
          (broker) => broker !== undefined && !chosen.includes(broker),
        ),
        (broker) => [
          broker.isFenced ? 1 : 0,
          leader === undefined ? broker.preferred : (racks.get(broker.rack) ?? 0),
          broker.replicas,
        ],
      );
      if (least === undefined) break;
      if (leader === undefined) least.preferred += 1;
      least.replicas += 1;
      if (least.rack !== null) racks.set(least.rack, (racks.get(least.rack) ?? 0) + 1);
      chosen.push(least);
    }
    return chosen.map((broker) => broker.id);
  });
}

/** The first of those whose weights, compared one after another, are the least. */
function leastOf<T>(
  candidates: readonly (T | undefined)[],
  weightsOf: (candidate: T) => readonly number[],
): T | undefined {
  let least: { readonly candidate: T; readonly weights: readonly number[] } | undefined;
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const weights = weightsOf(candidate);
    if (least === undefined || isLess(weights, least.weights)) least = { candidate, weights };
  }
  return least?.candidate;
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((weight, index) => weight !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}
