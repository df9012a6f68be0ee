// What the controller has decided, counted where its decisions are replayed: elections, and those that could lose records (C4).

import { type MetadataImage, NO_LEADER, uncleanElectionsOf } from '@odradek/model';
import type { InSyncProposal, ProposalResult } from '@odradek/replication';

/** Of this node, while it was the active controller; as in Kafka, the sum over all brokers is the cluster's. */
export class DecisionCounts {
  elections = 0;
  uncleanElections = 0;

  /** What was committed has changed the image. */
  replayed(before: MetadataImage, after: MetadataImage): void {
    if (before.topics === after.topics) return;
    for (const topic of after.topics.values()) {
      const known = before.topics.get(topic.topicId);
      if (known === topic) continue;
      topic.partitions.forEach((state, partition) => {
        const was = known?.partitions[partition];
        if (was === undefined || was.leaderEpoch === state.leaderEpoch || state.leader === NO_LEADER) return;
        this.elections += 1;
        const last = uncleanElectionsOf(after, topic.topicId, partition).at(-1);
        if (last?.leaderEpoch === state.leaderEpoch) this.uncleanElections += 1;
      });
    }
  }
}

/** Changes of in-sync sets, as the leaders at this node asked for them (I5). */
export class InSyncCounts {
  expands = 0;
  shrinks = 0;
  /** Answered with an error, or not at all. */
  failed = 0;

  answered({ kind }: InSyncProposal, result: ProposalResult): void {
    if (result.outcome === 'no answer' || result.error !== 'NONE') this.failed += 1;
    else if (kind === 'expand') this.expands += 1;
    else this.shrinks += 1;
  }
}
