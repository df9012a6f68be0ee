// What replicas and the controller do, asked of the real machines and decisions once for each state and each thing that happens, and
// looked up from then on.

import { isKafkaErrorName, type MetadataImage, type PartitionImage, partitionOf } from '@odradek/model';
import type { InSyncProposal, ProposalResult } from '@odradek/replication';
import type { Mutant } from '../mutant.ts';
import type { Entry } from './abstract-log.ts';
import { Interner } from './interner.ts';
import { altered, TOPIC_ID } from './partition-controller.ts';
import type { Happening, Outcome, Replica } from './partition-replica.ts';
import { ReplicaSteps } from './partition-steps.ts';
import { describeImage, describeMessage, describeReplica } from './partition-words.ts';
import { NONE, type PartitionBounds, type PartitionMessage } from './partition-world.ts';

/** What came of something that happened to a replica, in numbers. */
export interface KnownOutcome {
  readonly replica: number;
  readonly sent: readonly number[];
  readonly broken?: string;
}

/** Values by number, and what comes of them. */
export class PartitionReactions {
  readonly replicas = new Interner<Replica>((replica) => JSON.stringify(describeReplica(replica)));
  readonly images = new Interner<MetadataImage>((image) => JSON.stringify(describeImage(image)));
  readonly messages = new Interner<PartitionMessage>((message) => JSON.stringify(describeMessage(message)));
  readonly ledgers = new Interner<readonly Entry[]>((ledger) => JSON.stringify(ledger));
  private readonly bounds: PartitionBounds;
  private readonly mutant: Mutant | undefined;
  private readonly machines: ReplicaSteps;
  private readonly outcomes = new Map<string, KnownOutcome>();
  private readonly fetches = new Map<number, number>();
  private readonly decisions = new Map<string, number>();
  private readonly alterations = new Map<string, { readonly image: number; readonly answer: number }>();

  constructor(bounds: PartitionBounds, mutant: Mutant | undefined) {
    this.bounds = bounds;
    this.mutant = mutant;
    const { minInSyncReplicas, hasFastDisks } = bounds;
    const machines = mutant?.machines ?? {};
    this.machines = new ReplicaSteps({ topicId: TOPIC_ID, minInSyncReplicas, hasFastDisks, machines });
  }

  timersOf(replica: Replica): readonly string[] {
    return this.machines.timersOf(replica);
  }

  decided(worldImage: number, name: string, decision: (image: MetadataImage) => MetadataImage): number {
    const key = `${worldImage} ${name}`;
    const known = this.decisions.get(key);
    if (known !== undefined) return known;
    const number = this.images.numberOf(decision(this.images.valueOf(worldImage)));
    this.decisions.set(key, number);
    return number;
  }

  altered(
    worldImage: number,
    number: number,
    message: Extract<PartitionMessage, { type: 'proposal' }>,
  ): { readonly image: number; readonly answer: number } {
    const key = `${worldImage} ${number}`;
    const known = this.alterations.get(key);
    if (known !== undefined) return known;
    const before = this.images.valueOf(worldImage);
    const { from, brokerEpoch, proposal, token } = message;
    const { leaderEpoch, partitionEpoch, inSyncReplicas, isRecovering } = proposal;
    const part = {
      topicId: TOPIC_ID,
      partition: 0,
      leaderEpoch,
      partitionEpoch,
      inSyncReplicas,
      isRecovering,
    };
    const asked = { brokerId: from, brokerEpoch, partitions: [part] };
    const body = this.mutant?.proposals?.(asked, before) ?? asked;
    const { image, answer } = altered(before, body, this.bounds.minInSyncReplicas);
    const result = resultOf(answer, proposal);
    const settled = { type: 'proposal answer', to: from, leaderEpoch, token, result } as const;
    const numbers = { image: this.images.numberOf(image), answer: this.messages.numberOf(settled) };
    this.alterations.set(key, numbers);
    return numbers;
  }

  outcomeOf(before: number, happening: Happening): KnownOutcome {
    const key = `${before} ${this.keyOf(happening)}`;
    const known = this.outcomes.get(key);
    if (known !== undefined) return known;
    const replica = this.replicas.valueOf(before);
    const outcome = this.numbered(replica, this.machines.step(replica, happening));
    this.outcomes.set(key, outcome);
    return outcome;
  }

  private numbered({ id, brokerEpoch }: Replica, { replica, sent, broken }: Outcome): KnownOutcome {
    const messages = sent.map(
      (one): PartitionMessage =>
        one.type === 'answer' ? { ...one, from: id } : { ...one, from: id, brokerEpoch },
    );
    const numbers = messages.map((message) => this.messages.numberOf(message));
    const known = { replica: this.replicas.numberOf(replica), sent: numbers };
    return broken === undefined ? known : { ...known, broken };
  }

  private keyOf(happening: Happening): string {
    switch (happening.type) {
      case 'hears':
        return `h${this.images.numberOf(happening.image)}`;
      case 'asked':
        return `f${JSON.stringify(happening.fetch)}`;
      case 'answered': {
        const { from, answer, asked } = happening;
        return `a${this.messages.numberOf({ type: 'answer', from, to: NONE, answer, asked })}`;
      }
      case 'proposal answered':
        return `p${happening.token} ${JSON.stringify(happening.result)}`;
      default:
        return JSON.stringify(happening);
    }
  }

  fetchOf(number: number): number {
    const known = this.fetches.get(number);
    if (known !== undefined) return known;
    const replica = this.replicas.valueOf(number);
    const fetch = this.machines.fetchOf(replica);
    const to = replica.role?.kind === 'follower' ? replica.role.snapshot.context.registration.leader : NONE;
    const message = fetch === undefined ? NONE : this.messages.numberOf({ type: 'fetch', fetch, to });
    this.fetches.set(number, message);
    return message;
  }

  partitionIn(image: number): PartitionImage {
    const state = partitionOf(this.images.valueOf(image), TOPIC_ID, 0);
    if (state === undefined) throw new Error('the explored partition is gone');
    return state;
  }
}

/** As the broker reads the controller's answer. */
function resultOf(answer: ReturnType<typeof altered>['answer'], proposal: InSyncProposal): ProposalResult {
  const [part] = answer.partitions;
  const { error, leaderEpoch, partitionEpoch, inSyncReplicas } = part ?? {
    error: answer.error,
    leaderEpoch: proposal.leaderEpoch,
    partitionEpoch: proposal.partitionEpoch,
    inSyncReplicas: [],
  };
  return {
    outcome: 'answered',
    error: isKafkaErrorName(error) ? error : 'UNKNOWN_SERVER_ERROR',
    leaderEpoch,
    partitionEpoch,
    inSyncReplicas,
  };
}
