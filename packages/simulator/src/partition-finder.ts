// Who leads a partition, as clients find it out: from any node that answers, and anew after every error.

import type { ClientResponse, LeaderEpoch, NodeId, TopicId } from '@odradek/model';
import type { ClientDoors } from './client-doors.ts';

export interface FoundPartition {
  readonly topicId: TopicId;
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
}

const TIMEOUT_MS = 1000;
const RETRY_MS = 50;

export class PartitionFinder {
  readonly #doors: ClientDoors;

  constructor(doors: ClientDoors) {
    this.#doors = doors;
  }

  /** Asks until somebody knows a leader; `stillWanted` ends it. */
  find(
    topic: string,
    partition: number,
    stillWanted: () => boolean,
    done: (found: FoundPartition) => void,
  ): void {
    if (!stillWanted()) return;
    const again = (): void => {
      this.#doors.time.after(RETRY_MS, () => this.find(topic, partition, stillWanted, done));
    };
    const to = this.#doors.random.pick(this.#doors.nodeIds);
    this.#doors.ask(to, { api: 'metadata', body: { topics: [topic] } }, TIMEOUT_MS, (reply) => {
      const found = reply.outcome === 'answered' ? foundIn(reply.response, topic, partition) : undefined;
      if (found === undefined) again();
      else if (stillWanted()) done(found);
    });
  }
}

function foundIn(
  metadata: ClientResponse<'metadata'>,
  topic: string,
  partition: number,
): FoundPartition | undefined {
  const found = metadata.topics.find(({ name }) => name === topic);
  const state = found?.partitions.find((candidate) => candidate.partition === partition);
  if (found === undefined || state === undefined || state.leader < 0) return undefined;
  return { topicId: found.topicId, leader: state.leader, leaderEpoch: state.leaderEpoch };
}
