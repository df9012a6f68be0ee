// Where the replicas of new partitions go: leaders and replicas spread evenly over brokers, replicas over racks.

import { type MetadataImage, type NodeId, partitionsOf } from '@odradek/model';

/** A broker that may get replicas, and what it has. */
export interface PlacementBroker {
  readonly id: NodeId;
  readonly rack: string | null;
  /** It gets replicas only when there are too few others. */
  readonly isFenced: boolean;
  /** D6: it takes no records, and may not hear of them; as if it were fenced. */
  readonly lacksRoom: boolean;
  readonly replicas: number;
  /** The partitions whose preferred leader it is. */
  readonly preferred: number;
}

/**
 * The brokers of the image that may get replicas, in order of their ids: as in Kafka all that are registered, but for one that is about to
 * stop. Once it has stopped it is fenced, and will come back as any that died. Apache Kafka 4.3.1 was seen to do so with one of three
 * brokers killed, and with one stopped in order: three replicas were made, the one that is away the last of each and not in sync, two
 * replicas without it.
 */
export function placementBrokers(
  image: MetadataImage,
  lacksRoom: (broker: NodeId) => boolean,
): readonly PlacementBroker[] {
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
      lacksRoom: lacksRoom(id),
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
  return Array.from({ length: count }, (_, index) =>
    replicasOf(ring, replicationFactor, firstPartition + index).map(({ id }) => id),
  );
}

type Counted = { -readonly [Key in keyof PlacementBroker]: PlacementBroker[Key] };

/** Of one partition; what the ring counts goes up. A command may ask ten thousand times, within one turn of the event loop. */
function replicasOf(ring: readonly Counted[], replicationFactor: number, partition: number): Counted[] {
  const size = ring.length;
  const round = size === 0 ? 0 : Math.floor(partition / size);
  const chosen: Counted[] = [];
  let start = 0;
  while (chosen.length < replicationFactor) {
    let least: Counted | undefined;
    let leastAt = 0;
    for (let step = 0; step < size; step++) {
      const at = (start + step) % size;
      const broker = ring[at];
      if (broker === undefined || chosen.includes(broker)) continue;
      if (least === undefined || isBetter(broker, least, chosen)) [least, leastAt] = [broker, at];
    }
    if (least === undefined) break;
    if (chosen.length === 0) {
      least.preferred += 1;
      start = leastAt + 1 + (size > 1 ? round % (size - 1) : 0);
    }
    least.replicas += 1;
    chosen.push(least);
  }
  return chosen;
}

/** Alive rather than fenced, with room on its disk rather than without; as a leader who leads least, as a follower in the rack that has least of the partition; then who has least. */
function isBetter(one: PlacementBroker, other: PlacementBroker, chosen: readonly PlacementBroker[]): boolean {
  if (one.isFenced !== other.isFenced) return other.isFenced;
  if (one.lacksRoom !== other.lacksRoom) return other.lacksRoom;
  const isLeader = chosen.length === 0;
  const weight = isLeader ? one.preferred : inRackOf(one, chosen);
  const otherWeight = isLeader ? other.preferred : inRackOf(other, chosen);
  return weight === otherWeight ? one.replicas < other.replicas : weight < otherWeight;
}

function inRackOf({ rack }: PlacementBroker, chosen: readonly PlacementBroker[]): number {
  if (rack === null) return 0;
  let count = 0;
  for (const broker of chosen) if (broker.rack === rack) count += 1;
  return count;
}
