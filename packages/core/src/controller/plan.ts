// A decision in the making: records, and the image that they make. Later steps of one decision see the earlier ones.

import type { ReplicaLogEnd } from '@odradek/election';
import {
  type Configuration,
  type KafkaErrorName,
  type MetadataImage,
  type MetadataRecord,
  type NodeId,
  type Offset,
  type PartitionKey,
  type Refusal,
  replayAll,
} from '@odradek/model';

/** The ends of a partition's logs that were told so far. */
export type LogEnds = ReadonlyMap<NodeId, ReplicaLogEnd | undefined>;

/** What a decision rests on beside the image. */
export interface Facts {
  readonly clusterId: string;
  readonly configuration: Configuration;
  /** Silent or fenced, but not seen to be dead, and its time is not up (`broker-sessions.ts`). */
  readonly isSuspected: (broker: NodeId) => boolean;
  /** It has spoken to this controller in its present life: the metadata alone may take for alive who has gone unnoticed. */
  readonly isHeard: (broker: NodeId) => boolean;
  /** D6: it says that its disk has no room: it takes no records of clients, and may not even hear of what it is given. */
  readonly lacksRoom: (broker: NodeId) => boolean;
  /** D6: it has had room for so long that leaderships may come to it for that. */
  readonly hasLastingRoom: (broker: NodeId) => boolean;
  readonly logEndsOf: (partition: PartitionKey) => LogEnds;
}

/** A partition whose election waits for the ends of these replicas' logs. */
export interface LogEndQuestion extends PartitionKey {
  readonly replicas: readonly NodeId[];
}

/** Records that are appended together, the image after them, and the answer that leaves once they are committed (C1). */
export interface Decision<Response> {
  readonly records: readonly MetadataRecord[];
  readonly image: MetadataImage;
  readonly questions: readonly LogEndQuestion[];
  /** Partitions without a leader were left alone, for somebody better is expected in a moment. */
  readonly awaitsLeaders: boolean;
  readonly response: Response;
}

/** Collects one decision. It belongs to one call and never leaves it. */
export class Plan {
  readonly facts: Facts;
  readonly baseOffset: Offset;
  readonly records: MetadataRecord[] = [];
  readonly questions: LogEndQuestion[] = [];
  #image: MetadataImage;
  #awaitsLeaders = false;

  constructor(facts: Facts, image: MetadataImage, nextOffset: Offset) {
    this.facts = facts;
    this.#image = image;
    this.baseOffset = nextOffset;
  }

  /** The image with all that was added. */
  get image(): MetadataImage {
    return this.#image;
  }

  add(records: readonly MetadataRecord[]): void {
    if (records.length === 0) return;
    this.#image = replayAll(this.#image, records, this.baseOffset + this.records.length);
    this.records.push(...records);
  }

  ask(question: LogEndQuestion): void {
    this.questions.push(question);
  }

  /** What has no leader now is looked at again, in a moment. */
  awaitLeaders(): void {
    this.#awaitsLeaders = true;
  }

  done<Response>(response: Response): Decision<Response> {
    const { records, questions } = this;
    return { records, image: this.#image, questions, awaitsLeaders: this.#awaitsLeaders, response };
  }
}

/** How one part of a command ended, as the messages say it. */
export interface Outcome {
  readonly error: KafkaErrorName;
  readonly errorMessage: string | null;
}

export const success: Outcome = { error: 'NONE', errorMessage: null };

export function refused({ error, message }: Refusal): Outcome {
  return { error, errorMessage: message };
}

export function refusal(error: KafkaErrorName, message: string): Refusal {
  return { error, message };
}
