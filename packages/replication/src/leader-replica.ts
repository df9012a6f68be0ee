// A leader replica as its partition calls it: queries are answered from what is known, and only what may change a decision
// becomes an event of the machine.

import {
  type EpochEnd,
  endOfEpoch,
  InvariantError,
  invariant,
  type KafkaErrorName,
  type LeaderAppend,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  type ReplicatedLog,
} from '@odradek/model';
import { type Actor, type ActorOptions, createActor } from 'xstate';
import type {
  Acks,
  Commitment,
  ConsumerPosition,
  FetchAcceptance,
  LeaderExplanation,
  LeaderReplica,
  LeaderReplicaInput,
  ProduceOptions,
  ReadBounds,
  ReplicaEnds,
  ReplicaRead,
} from './faces.ts';
import { commitmentOf } from './high-watermark.ts';
import type { ProposalResult } from './hosts.ts';
import { maximalInSync } from './in-sync-set.ts';
import {
  committedEnd,
  isCandidate,
  isWorthWatching,
  type LeaderContext,
  laggards,
  obstacleOf,
} from './leader-context.ts';
import { leaderReplicaMachine } from './leader-replica.machine.ts';
import {
  clientEpochRefusal,
  consumerBoundsOf,
  epochRefusal,
  followerDivergence,
  latestOffsetOf,
} from './read-bounds.ts';
import { effectiveMinInSync, type PartitionRegistration, type ReplicaSettings } from './registration.ts';
import type { FetchPosition, FollowerFetch, FollowerFlush } from './replica-fetch.ts';
import { noteFetch, noteFlush, type ReplicaProgress } from './replica-progress.ts';

export type LeaderReplicaActor = Actor<typeof leaderReplicaMachine>;

/** Makes the role's actor, a child of `options.parent` or a system of its own, and starts it. */
export function startLeaderReplica(
  input: LeaderReplicaInput,
  options: ActorOptions<typeof leaderReplicaMachine> = {},
): LeaderReplica {
  const actor = createActor(leaderReplicaMachine, { ...options, input });
  actor.start();
  return leaderReplicaOf(actor);
}

/** What a role needs of its actor. */
type RoleActor = Pick<LeaderReplicaActor, 'getSnapshot' | 'send' | 'stop'>;

/** The role of an actor that somebody else has made, and will stop. */
export function leaderReplicaOf(actor: RoleActor): LeaderReplica {
  return new ActorLeaderReplica(actor);
}

class ActorLeaderReplica implements LeaderReplica {
  readonly leaderEpoch: LeaderEpoch;
  readonly log: ReplicatedLog;
  readonly #actor: RoleActor;

  constructor(actor: RoleActor) {
    this.#actor = actor;
    const { log, registration } = actor.getSnapshot().context;
    this.log = log;
    this.leaderEpoch = registration.leaderEpoch;
  }

  get #context(): LeaderContext {
    return this.#actor.getSnapshot().context;
  }

  get highWatermark(): Offset {
    return this.#context.highWatermark.offset;
  }

  get leaderEpochStart(): Offset {
    return this.#context.leaderEpochStart;
  }

  get maximalInSync(): readonly NodeId[] {
    return maximalInSync(this.#context.registration, this.#context.pending);
  }

  produce(batch: Uint8Array, acks: Acks, options: ProduceOptions): LeaderAppend {
    const [result] = this.produceTogether([batch], acks, options);
    if (result === undefined) throw this.#notHandled('a batch');
    return result;
  }

  produceTogether(
    batches: readonly Uint8Array[],
    acks: Acks,
    options: ProduceOptions,
  ): readonly LeaderAppend[] {
    let results: readonly LeaderAppend[] | undefined;
    const answer = (given: readonly LeaderAppend[]): void => {
      results = given;
    };
    this.#actor.send({ type: 'produce', request: { batches, acks, options, answer } });
    if (results === undefined) throw this.#notHandled('batches');
    return results;
  }

  commitment(endOffset: Offset): Commitment {
    const { highWatermark, registration, settings } = this.#context;
    const minInSync = effectiveMinInSync(registration, settings);
    return commitmentOf(endOffset, highWatermark.offset, highWatermark.inSyncCount, minInSync);
  }

  followerFetch(fetch: FollowerFetch): FetchAcceptance {
    const context = this.#context;
    const { host, log, followers } = context;
    const progress = followers.get(fetch.brokerId);
    const refused = this.#fetchRefusal(fetch, progress) ?? followerDivergence(log, fetch);
    if (refused?.outcome === 'refused') {
      this.#actor.send({ type: 'fetch refused', brokerId: fetch.brokerId, error: refused.error });
      return refused;
    }
    // F2: nothing of a fetch whose log has parted from ours is noted, or a foreign record would count as ours.
    if (refused !== undefined) return refused;
    if (progress !== undefined) {
      noteFetch(progress, fetch, log.logEndOffset, host.nowMs());
      this.#followerProgressed(context, fetch.brokerId);
    }
    return { outcome: 'accepted' };
  }

  /** I1, L9: of this epoch, from a replica of this partition, in its present life. */
  #fetchRefusal(
    { brokerId, brokerEpoch, currentLeaderEpoch }: FollowerFetch,
    progress: ReplicaProgress | undefined,
  ): Extract<FetchAcceptance, { outcome: 'refused' }> | undefined {
    const ofEpoch = epochRefusal(currentLeaderEpoch, this.leaderEpoch);
    if (ofEpoch !== undefined) return { outcome: 'refused', ...ofEpoch };
    if (progress === undefined) return notAReplica(brokerId);
    const registered = this.#context.host.brokerEpochOf(brokerId);
    if (brokerEpoch >= registered) return undefined;
    const message = `broker ${brokerId} fetches with broker epoch ${brokerEpoch}, it is registered with ${registered}`;
    return { outcome: 'refused', error: 'STALE_BROKER_EPOCH', message };
  }

  /** One event at most, and only if a guard would answer otherwise than before. */
  #followerProgressed(context: LeaderContext, brokerId: NodeId): void {
    const mayJoin = isCandidate(context, brokerId) && this.#actor.getSnapshot().hasTag('may propose');
    if (mayJoin || committedEnd(context) > context.highWatermark.offset)
      this.#actor.send({ type: 'follower progressed', brokerId });
  }

  readForFollower(position: FetchPosition, brokerId: NodeId, maxBytes: number): ReplicaRead {
    const refusal = epochRefusal(position.currentLeaderEpoch, this.leaderEpoch);
    if (refusal !== undefined) return { outcome: 'refused', ...refusal };
    if (!this.#context.followers.has(brokerId)) return notAReplica(brokerId);
    const parted = followerDivergence(this.log, position);
    return parted ?? this.#read(position.fetchOffset, this.log.logEndOffset, maxBytes);
  }

  followerFlushed(flush: FollowerFlush): KafkaErrorName {
    const context = this.#context;
    const refusal = epochRefusal(flush.leaderEpoch, this.leaderEpoch);
    const progress = context.followers.get(flush.brokerId);
    const error =
      refusal?.error ??
      (progress === undefined
        ? 'UNKNOWN_LEADER_EPOCH'
        : noteFlush(progress, flush, context.log.logEndOffset, context.host.nowMs())
          ? 'NONE'
          : 'STALE_BROKER_EPOCH');
    if (error === 'NONE') this.#followerProgressed(context, flush.brokerId);
    else this.#actor.send({ type: 'fetch refused', brokerId: flush.brokerId, error });
    return error;
  }

  consumerBounds(position: ConsumerPosition): ReadBounds {
    return consumerBoundsOf(this.log, this.leaderEpoch, this.highWatermark, position);
  }

  consumerRead(position: ConsumerPosition, maxBytes: number): ReplicaRead {
    const bounds = this.consumerBounds(position);
    if (bounds.outcome !== 'readable') return bounds;
    return this.#read(position.fetchOffset, bounds.upToOffset, maxBytes);
  }

  #read(fromOffset: Offset, upToOffset: Offset, maxBytes: number): ReplicaRead {
    if (fromOffset >= upToOffset) return { outcome: 'records', records: [], nextOffset: fromOffset };
    const read = this.log.read(fromOffset, { upToOffset, maxBytes });
    if (read.outcome === 'cold') return { outcome: 'cold', upToOffset };
    if (read.outcome === 'records') return read;
    const message = `offset ${fromOffset} is outside the log, which holds ${this.log.logStartOffset} up to ${this.log.logEndOffset}`;
    return { outcome: 'refused', error: 'OFFSET_OUT_OF_RANGE', message };
  }

  latestOffset(currentLeaderEpoch: LeaderEpoch): Offset | KafkaErrorName {
    return (
      clientEpochRefusal(currentLeaderEpoch, this.leaderEpoch)?.error ??
      latestOffsetOf(this.highWatermark, this.leaderEpochStart)
    );
  }

  endOfEpoch(epoch: LeaderEpoch, currentLeaderEpoch: LeaderEpoch): EpochEnd | KafkaErrorName | undefined {
    return (
      clientEpochRefusal(currentLeaderEpoch, this.leaderEpoch)?.error ??
      endOfEpoch(this.log.epochs, epoch, this.log.logEndOffset)
    );
  }

  checkLag(): boolean {
    const context = this.#context;
    const mayShrink = laggards(context).length > 0 && this.#actor.getSnapshot().hasTag('may propose');
    if (mayShrink || committedEnd(context) > context.highWatermark.offset)
      this.#actor.send({ type: 'lag check due' });
    return isWorthWatching(this.#context);
  }

  flushed(): void {
    if (committedEnd(this.#context) > this.highWatermark) this.#actor.send({ type: 'log flushed' });
  }

  partitionChanged(registration: PartitionRegistration): void {
    const { brokerId } = this.#context;
    const isOurs = registration.leaderEpoch === this.leaderEpoch && registration.leader === brokerId;
    invariant(
      isOurs || registration.leaderEpoch < this.leaderEpoch,
      () =>
        `leader ${registration.leader} of epoch ${registration.leaderEpoch} was given to the role of leader ` +
        `${brokerId} in epoch ${this.leaderEpoch}; a new epoch needs a new role`,
    );
    this.#actor.send({ type: 'partition changed', registration });
  }

  eligibilityChanged(): void {
    const { registration } = this.#context;
    const isAnybodyOut = registration.inSyncReplicas.length < registration.replicas.length;
    if (isAnybodyOut || committedEnd(this.#context) > this.highWatermark)
      this.#actor.send({ type: 'eligibility changed' });
  }

  settingsChanged(settings: ReplicaSettings): void {
    this.#actor.send({ type: 'settings changed', settings });
  }

  proposalAnswered(token: number, result: ProposalResult): void {
    this.#actor.send({ type: 'proposal answered', token, result });
  }

  explain(): LeaderExplanation {
    const context = this.#context;
    const { followers, host, settings, registration, pending } = context;
    const nowMs = host.nowMs();
    return {
      minInSync: effectiveMinInSync(registration, settings),
      lagTimeMaxMs: settings.lagTimeMaxMs,
      pending: pending?.proposal,
      followers: [...followers].map(([broker, progress]) => ({
        broker,
        logEndOffset: progress.fetchOffset,
        flushedEndOffset: progress.endOffset,
        caughtUpAgoMs: progress.endOffset === this.log.logEndOffset ? 0 : nowMs - progress.lastCaughtUpMs,
        obstacle: obstacleOf(context, broker, progress),
      })),
    };
  }

  describeEnds(): readonly ReplicaEnds[] {
    const { brokerId, followers } = this.#context;
    const { logEndOffset, flushedEndOffset } = this.log;
    const others = [...followers].map(([broker, { fetchOffset, endOffset }]) => ({
      broker,
      logEndOffset: fetchOffset,
      flushedEndOffset: endOffset,
    }));
    return [{ broker: brokerId, logEndOffset, flushedEndOffset }, ...others];
  }

  stop(): void {
    this.#actor.stop();
  }

  #notHandled(what: string): unknown {
    const { status, error } = this.#actor.getSnapshot();
    if (status === 'error') return error;
    return new InvariantError(
      `leader replica of epoch ${this.leaderEpoch} did not handle ${what} at once: it is ${status}, or was called from one of its own orders`,
    );
  }
}

function notAReplica(brokerId: NodeId): Extract<FetchAcceptance, { outcome: 'refused' }> {
  const message = `broker ${brokerId} is not a replica of this partition, as far as its leader knows`;
  return { outcome: 'refused', error: 'UNKNOWN_LEADER_EPOCH', message };
}
