// What must hold of the committed metadata itself, as each node has replayed it (V15, V16).

import {
  type ClientResponse,
  imageHash,
  type KnownParts,
  type MetadataImage,
  NO_LEADER,
  type NodeId,
  type Offset,
  type PartitionImage,
  partitionsOf,
} from '@odradek/model';

/** Looks at images as nodes come to have them. */
export class ImageOracle {
  readonly #hashes = new Map<Offset, number>();
  readonly #knownParts: KnownParts = new WeakMap();
  readonly #last = new Map<string, MetadataImage>();
  /** Who was elected for each epoch of each partition. */
  readonly #elected = new Map<string, NodeId>();

  /** The latest image that anybody has. */
  latest: MetadataImage | undefined;

  /** `life` names one life of one node. `minInSync` is asked for partitions, since the image's defaults are each node's own. */
  look(
    life: string,
    image: MetadataImage,
    minInSync: (topicId: string, state: PartitionImage) => number,
  ): string | undefined {
    const before = this.#last.get(life);
    if (before === image) return undefined;
    this.#last.set(life, image);
    if (before !== undefined && image.offset < before.offset)
      return `V16: the metadata of ${life} fell from ${before.offset} to ${image.offset}`;
    // Nobody may change an image in place; every eighth is encoded as a whole, so that it would be seen if somebody did.
    const hash = imageHash(image, image.offset % 8 === 0 ? undefined : this.#knownParts);
    const known = this.#hashes.get(image.offset);
    if (known !== undefined && known !== hash)
      return `V16: ${life} has another image at offset ${image.offset} than others had`;
    this.#hashes.set(image.offset, hash);
    if (this.latest === undefined || image.offset > this.latest.offset) this.latest = image;
    for (const { topic, partition, state } of partitionsOf(image)) {
      this.#elected.set(`${topic.topicId} ${partition} ${state.leaderEpoch}`, state.leader);
      const broken =
        membership(state, image, minInSync(topic.topicId, state)) ??
        epochs(before?.topics.get(topic.topicId)?.partitions[partition], state) ??
        restarts(before, image, before?.topics.get(topic.topicId)?.partitions[partition], state);
      if (broken !== undefined) return `${broken}, of ${topic.name}-${partition} at ${image.offset}`;
    }
    return undefined;
  }

  /** V26: a client is shown nothing that is not committed: no epoch above the latest, and nobody else as its leader. */
  shown(metadata: ClientResponse<'metadata'>): string | undefined {
    for (const { topicId, partition, leader, leaderEpoch } of shownPartitions(metadata)) {
      const latest = this.latest?.topics.get(topicId)?.partitions[partition];
      const elected = this.#elected.get(`${topicId} ${partition} ${leaderEpoch}`);
      const isUnknown = latest !== undefined && leaderEpoch > latest.leaderEpoch;
      const isAnother = elected !== undefined && leader !== NO_LEADER && leader !== elected;
      if (isUnknown || isAnother)
        return `V26: ${metadata.answeredBy} shows ${leader} as leader of epoch ${leaderEpoch} of partition ${partition}; committed is ${elected ?? 'no such epoch'}`;
    }
    return undefined;
  }
}

/** The partitions of an answer, one after the other. */
function* shownPartitions({ topics }: ClientResponse<'metadata'>) {
  for (const { topicId, partitions } of topics) for (const shown of partitions) yield { topicId, ...shown };
}

/** V15, as the design amends it: one that came back clean or intact keeps its place for a while, though fenced. */
function membership(state: PartitionImage, image: MetadataImage, minInSync: number): string | undefined {
  const { replicas, inSyncReplicas, eligibleLeaderReplicas, leader } = state;
  const strangers = [...inSyncReplicas, ...eligibleLeaderReplicas].filter((id) => !replicas.includes(id));
  if (strangers.length > 0) return `V15: [${strangers}] are no replicas`;
  if (inSyncReplicas.some((id) => eligibleLeaderReplicas.includes(id)))
    return `V15: [${inSyncReplicas}] in sync and [${eligibleLeaderReplicas}] eligible have one in common`;
  if (leader !== NO_LEADER && !inSyncReplicas.includes(leader))
    return `V15: leader ${leader} is not in sync: [${inSyncReplicas}]`;
  if (leader !== NO_LEADER && isFenced(image, leader)) return `V15: leader ${leader} is fenced`;
  if (inSyncReplicas.length >= Math.min(minInSync, replicas.length) && eligibleLeaderReplicas.length > 0)
    return `V15: enough are in sync, [${inSyncReplicas}], and [${eligibleLeaderReplicas}] still eligible`;
  return undefined;
}

function isFenced(image: MetadataImage, id: NodeId): boolean {
  return image.brokers.get(id)?.isFenced !== false;
}

/** V15, C6: a registration that says `lossy` takes its broker out of every set in the same breath. */
function restarts(
  before: MetadataImage | undefined,
  after: MetadataImage,
  stateBefore: PartitionImage | undefined,
  state: PartitionImage,
): string | undefined {
  if (before === undefined || stateBefore?.partitionEpoch !== state.partitionEpoch) return undefined;
  const lossy = [...state.inSyncReplicas, ...state.eligibleLeaderReplicas].filter((id) => {
    const registered = after.brokers.get(id);
    const isNew = registered?.brokerEpoch !== before.brokers.get(id)?.brokerEpoch;
    return isNew && registered?.restartClass === 'lossy';
  });
  // The last one in sync stays, or nobody would ever lead again with unclean election off.
  const isLast = state.inSyncReplicas.length + state.eligibleLeaderReplicas.length === 1;
  return lossy.length === 0 || isLast ? undefined : `V15: [${lossy}] came back lossy, and did not leave`;
}

/** V16: epochs never fall; every change counts. */
function epochs(before: PartitionImage | undefined, after: PartitionImage): string | undefined {
  if (before === undefined || before === after) return undefined;
  if (after.leaderEpoch < before.leaderEpoch)
    return `V16: the leader epoch fell from ${before.leaderEpoch} to ${after.leaderEpoch}`;
  if (after.partitionEpoch < before.partitionEpoch)
    return `V16: the partition epoch fell from ${before.partitionEpoch} to ${after.partitionEpoch}`;
  if (after.leader !== before.leader && after.leaderEpoch === before.leaderEpoch)
    return `V16: epoch ${after.leaderEpoch} had leader ${before.leader} and has ${after.leader}`;
  return undefined;
}
