// What is no actor's state but worth seeing: the cluster, logs, messages. Sources give what is; here is found what of it is new.

import {
  type ClusterTold,
  type MessageFacts,
  type MessagesTold,
  type ReplicaFacts,
  type ReplicasTold,
  replicaKey,
  type TopicFacts,
} from './messages.ts';

/** The cluster as a source gives it. */
export interface ClusterFacts
  extends Pick<ClusterTold, 'metadataEnd' | 'controller' | 'voters' | 'brokers' | 'losses'> {
  /** By name. A topic that has not changed is the same object as before. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
}

/** Asked while somebody watches, and not else. */
export interface FactSources {
  /** The same object as before when nothing has changed; undefined while nothing is known. */
  cluster?(): ClusterFacts | undefined;
  /** All replicas. */
  replicas?(): Iterable<ReplicaFacts>;
  /** What was sent since this was asked last. */
  messages?(): readonly MessageFacts[];
}

/** Ten thousand replicas are looked at every eleventh time only: each look costs the node a millisecond or two for every thousand. */
const replicasPerTurn = 1000;

/** What was told so far, by one teller to all its viewers. */
export class FactsTold {
  private cluster: ClusterFacts | undefined;
  private replicas = new Map<string, ReplicaFacts>();
  /** So many times more replicas are not looked at. */
  private rests = 0;

  /** What has changed since the last call. */
  news(sources: FactSources, timeMs: number): (ClusterTold | ReplicasTold | MessagesTold)[] {
    const told: (ClusterTold | ReplicasTold | MessagesTold)[] = [];
    const cluster = sources.cluster?.();
    if (cluster !== undefined && cluster !== this.cluster) {
      told.push(clusterChange(this.cluster, cluster, timeMs));
      this.cluster = cluster;
    }
    const moved = this.rests === 0 ? this.moved(sources.replicas?.() ?? []) : [];
    this.rests = this.rests > 0 ? this.rests - 1 : Math.floor(this.replicas.size / replicasPerTurn);
    if (moved.length > 0) told.push({ kind: 'replicas', timeMs, replicas: moved });
    const sent = sources.messages?.() ?? [];
    if (sent.length > 0) told.push({ kind: 'messages', timeMs, sent });
    return told;
  }

  /** All that was told, for a viewer that comes later. */
  whole(timeMs: number): (ClusterTold | ReplicasTold)[] {
    const told: (ClusterTold | ReplicasTold)[] = [];
    if (this.cluster !== undefined) told.push(clusterChange(undefined, this.cluster, timeMs));
    if (this.replicas.size > 0)
      told.push({ kind: 'replicas', timeMs, replicas: [...this.replicas.values()] });
    return told;
  }

  /** Nobody listens any more: the next viewer is told everything anew. */
  forget(): void {
    this.cluster = undefined;
    this.replicas.clear();
    this.rests = 0;
  }

  private moved(replicas: Iterable<ReplicaFacts>): ReplicaFacts[] {
    const moved: ReplicaFacts[] = [];
    const now = new Map<string, ReplicaFacts>();
    for (const replica of replicas) {
      const key = replicaKey(replica);
      const known = this.replicas.get(key);
      const isSame = known === replica || (known !== undefined && isSameReplica(known, replica));
      now.set(key, isSame ? known : replica);
      if (!isSame) moved.push(replica);
    }
    this.replicas = now;
    return moved;
  }
}

function isSameReplica(one: ReplicaFacts, other: ReplicaFacts): boolean {
  return (
    one.logEndOffset === other.logEndOffset &&
    one.highWatermark === other.highWatermark &&
    one.flushedEndOffset === other.flushedEndOffset &&
    one.role === other.role &&
    one.leaderEpoch === other.leaderEpoch &&
    one.logStartOffset === other.logStartOffset &&
    one.sizeInBytes === other.sizeInBytes
  );
}

function clusterChange(before: ClusterFacts | undefined, now: ClusterFacts, timeMs: number): ClusterTold {
  const { metadataEnd, controller, voters, brokers, losses } = now;
  const { topics, deletedTopics, changed } = topicsChange(before?.topics ?? new Map(), now.topics);
  return {
    ...{ kind: 'cluster', timeMs, metadataEnd, controller, voters, brokers, losses },
    all: before === undefined,
    topics,
    deletedTopics,
    ...(changed.length === 0 ? {} : { changed }),
  };
}

/** What of the topics is to be told: of one that was known, the partitions that are other objects than before. */
export function topicsChange(
  before: ReadonlyMap<string, TopicFacts>,
  now: ReadonlyMap<string, TopicFacts>,
): Pick<ClusterTold, 'topics' | 'deletedTopics'> & { readonly changed: readonly TopicFacts[] } {
  const topics: TopicFacts[] = [];
  const changed: TopicFacts[] = [];
  for (const topic of now.values()) {
    const known = before.get(topic.name);
    if (known === topic) continue;
    if (known?.topicId !== topic.topicId) topics.push(topic);
    else {
      const partitions = topic.partitions.filter((facts, at) => known.partitions[at] !== facts);
      changed.push({ ...topic, partitions });
    }
  }
  return { topics, changed, deletedTopics: [...before.keys()].filter((name) => !now.has(name)) };
}
