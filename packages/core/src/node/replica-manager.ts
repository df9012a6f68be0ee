// All replicas at one broker, under Kafka's name for it: roles are made and ended as partitions order, followers pull from their
// leaders, and what leaders propose or followers cut goes to the controller.

import {
  type Configuration,
  emptyImage,
  type LogListener,
  lastUncleanEpoch,
  type MetadataImage,
  type NodeId,
  type Offset,
  type PartitionKey,
  type PeerRequest,
  type PeerResponse,
  type Ports,
  partitionOf,
  type TopicId,
  uncleanElectionsOf,
} from '@odradek/model';
import {
  Fetcher,
  type FollowerReplica,
  followerReplicaOf,
  LagWatch,
  type LeaderReplica,
  leaderReplicaOf,
  ParkedFetches,
  type PartitionRegistration,
  type ReplicaSettings,
} from '@odradek/replication';
import type { InSyncCounts } from '../measures/decision-counts.ts';
import type { HostedPartition, PartitionName, PartitionNeeds } from '../partition/hosted-partition.ts';
import type { LogFailure } from '../partition/partition-host.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import type { ControllerChannel } from './controller-channel.ts';
import { actorId, HostedPartitions } from './hosted-partitions.ts';
import type { NodeMachines } from './machines.ts';
import { MovedHighWatermarks } from './moved-high-watermarks.ts';
import type { Say } from './node-options.ts';
import type { NodeStorage } from './node-storage.ts';
import { Proposals } from './proposals.ts';
import { fetcherSettings, PROPOSAL_RETRY_MS, replicaSettings } from './replica-settings.ts';
import type { Supervisor } from './supervisor.ts';
import { Troubles } from './troubles.ts';
import { TruncationReports } from './truncation-reports.ts';

/** How long an answer to a broker's own question may take. */
const CONTROLLER_TIMEOUT_MS = 5000;

export interface ReplicaManagerNeeds {
  readonly brokerId: NodeId;
  readonly machines: Pick<NodeMachines, 'partition' | 'leaderReplica' | 'followerReplica'>;
  readonly ports: Pick<Ports, 'clock' | 'network'>;
  readonly configuration: Configuration;
  readonly supervisor: Supervisor;
  readonly storage: NodeStorage;
  readonly controller: ControllerChannel;
  readonly inSyncCounts: InSyncCounts;
  /** Runs something after the present call, sooner than a timer if the host can. */
  soon(callback: () => void): void;
  image(): MetadataImage;
  brokerEpoch(): number;
  /** One line for whoever runs the node. */
  readonly say: Say;
  /** A log has failed in this life: the controller must hear of it (C11). */
  logFailed(partition: HostedPartition, failure: LogFailure): void;
}

/** The replicas of one broker. */
export class ReplicaManager implements PartitionNeeds {
  readonly hosted: HostedPartitions;
  readonly moved = new MovedHighWatermarks();
  readonly brokerId: NodeId;
  private readonly needs: ReplicaManagerNeeds;
  private readonly parked: ParkedFetches;
  private readonly lagWatch: LagWatch;
  private readonly proposals: Proposals;
  private readonly truncations: TruncationReports;
  private readonly fetchers = new Map<NodeId, Fetcher>();
  private readonly failures = new Map<string, PartitionKey>();
  private readonly troubles: Troubles;
  private hasBegun = false;
  private isClosed = false;

  constructor(needs: ReplicaManagerNeeds) {
    this.needs = needs;
    this.brokerId = needs.brokerId;
    const { supervisor, machines, storage, controller, ports } = needs;
    const { clock } = ports;
    const epoch = (): number => needs.brokerEpoch();
    this.hosted = new HostedPartitions({
      supervisor,
      machine: machines.partition,
      partitions: this,
      checkpointOf: (name) => storage.checkpointedHighWatermark(name),
      soon: (callback) => needs.soon(callback),
    });
    const leaderOf = (key: string): LeaderReplica | undefined => this.hosted.byKey.get(key)?.leader;
    const isToLead = (key: string, leaderEpoch: number): boolean =>
      this.hasBegun && !this.failures.has(key) && this.hosted.isToLead(key, leaderEpoch);
    this.parked = new ParkedFetches({ clock, leaderOf, isToLead });
    const lagTimeMaxMs = needs.configuration.values['replica.lag.time.max.ms'];
    this.lagWatch = new LagWatch({ clock, leaderOf, lagTimeMaxMs });
    this.proposals = new Proposals({
      ...{ controller, clock, brokerId: this.brokerId, brokerEpoch: epoch },
      ...{ timeoutMs: CONTROLLER_TIMEOUT_MS, retryMs: PROPOSAL_RETRY_MS },
    });
    this.troubles = new Troubles(clock, needs.say);
    this.truncations = new TruncationReports(
      controller,
      clock,
      this.brokerId,
      epoch,
      CONTROLLER_TIMEOUT_MS,
      (line, about) => needs.say(line, about),
    );
  }

  /** Logs that have failed in this life. */
  get failedLogs(): readonly PartitionKey[] {
    return [...this.failures.values()];
  }

  /**
   * The metadata has told of this life's own registration: from here on places are taken. What was replayed before is history;
   * who took a place in passing would begin epochs that are long over, and cut what is committed (F8, V14).
   */
  begin(image: MetadataImage): void {
    if (this.isClosed || this.hasBegun) return;
    this.hasBegun = true;
    const isPlacedHere = ({ topicId, partition }: PartitionKey): boolean =>
      (partitionOf(image, topicId, partition)?.replicas ?? []).includes(this.brokerId);
    this.hosted.keep(isPlacedHere);
    this.needs.storage.removeOrphans(isPlacedHere);
    this.apply(emptyImage, image);
  }

  /** The image moved on. */
  apply(before: MetadataImage, after: MetadataImage): void {
    if (this.isClosed || !this.hasBegun) return;
    const registered = after.brokers.get(this.brokerId)?.brokerEpoch;
    if (registered !== this.needs.brokerEpoch()) {
      // V10: places under this id are another process's now, until this one is registered again.
      const why = `broker epoch ${registered} is another process's: nothing is led or followed here`;
      this.needs.say(why, { rule: 'V10' });
      this.hasBegun = false;
      this.hosted.suspend(after);
      return;
    }
    this.hosted.apply(before, after);
    if (before.configs !== after.configs) this.settingsChanged();
  }

  /** Whether something is led here that another in-sync replica could lead. */
  get couldBeRelieved(): boolean {
    for (const { leader, place } of this.hosted.byKey.values())
      if (leader !== undefined && place.inSyncReplicas.length > 1) return true;
    return false;
  }

  /** Every high watermark as this broker knows it, to be written down (D10). */
  *highWatermarks(): Iterable<readonly [PartitionName, Offset]> {
    for (const hosted of this.hosted.byKey.values()) yield [hosted.name, hosted.highWatermark];
  }

  fetch(
    peer: NodeId,
    body: PeerRequest<'fetchReplicas'>['body'],
    answer: (response: PeerResponse<'fetchReplicas'>) => void,
  ): void {
    // X6: whatever it asks for, it is given no more than a client would be.
    const maxBytes = Math.min(body.maxBytes, this.needs.configuration.values['fetch.max.bytes']);
    this.parked.fetch(peer, { ...body, maxBytes }, answer);
  }

  reportFlushed(peer: NodeId, body: PeerRequest<'reportFlushed'>['body']): PeerResponse<'reportFlushed'> {
    return this.parked.flushed(peer, body);
  }

  /** Logs that are led here have grown. */
  grown(partitions: readonly HostedPartition[]): void {
    this.parked.wake(partitions.map(({ key }) => key));
  }

  /** Retention was applied: followers follow log starts that have moved. */
  retentionApplied(): void {
    this.parked.tellLogStarts();
  }

  /** Ends all pulling and waiting; the logs are closed by the storage. */
  close(): void {
    this.isClosed = true;
    for (const fetcher of this.fetchers.values()) fetcher.stop();
    this.fetchers.clear();
    this.truncations.close();
    this.proposals.close();
    this.lagWatch.close();
    this.hosted.close();
    this.parked.close();
  }

  // What partitions order.

  openLog(
    hosted: HostedPartition,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void {
    // Until it fails again: it may have been refused before (D11).
    this.failures.delete(hosted.key);
    this.needs.storage.openLog(hosted.name, listener, done);
  }

  closeAndDelete(hosted: HostedPartition): void {
    this.troubles.forget(hosted.key);
    this.failures.delete(hosted.key);
    this.moved.forget(hosted);
    this.needs.storage.deleteLog(hosted.name);
  }

  giveUpLog(hosted: HostedPartition, failure: LogFailure): void {
    this.needs.storage.giveUpLog(hosted.name, failure);
  }

  tellRefusal(hosted: HostedPartition, { error }: LogFailure): void {
    this.troubles.say(hosted, `its log cannot be opened for now: ${error}`, 'D11');
  }

  nameDamage(hosted: HostedPartition, { error }: LogFailure): void {
    this.troubles.say(
      hosted,
      `no other replica is in sync, so all but what is damaged is served: ${error}`,
      'D8',
    );
  }

  cutDamage(hosted: HostedPartition): void {
    this.failures.delete(hosted.key);
    this.needs.storage.cutDamage(hosted.name);
  }

  lead(hosted: HostedPartition, registration: PartitionRegistration, highWatermark: Offset): LeaderReplica {
    const { topicId, partition } = hosted.name;
    this.moved.note(hosted);
    const actor = this.needs.supervisor.start(roleId(hosted), this.needs.machines.leaderReplica, {
      brokerId: this.brokerId,
      log: logOf(hosted),
      registration,
      settings: this.settingsOf(hosted.name.topic),
      highWatermark,
      host: {
        nowMs: () => this.needs.ports.clock.nowMs(),
        isEligible: (broker) => this.isEligible(broker),
        brokerEpochOf: (broker) => this.needs.image().brokers.get(broker)?.brokerEpoch ?? -1,
        highWatermarkMoved: (offset) => {
          hosted.highWatermarkMoved(offset);
          this.moved.note(hosted);
          this.parked.tell(hosted.key);
        },
        followersMayLag: () => this.lagWatch.watch(hosted.key),
        listenToFollowers: () => this.parked.listen(hosted.key),
        proposeInSync: (proposal, token) =>
          this.proposals.propose({ topicId, partition }, proposal, (result) => {
            this.needs.inSyncCounts.answered(proposal, result);
            // An answer that comes after this leadership is its own role's no more (KAFKA-12686).
            if (hosted.leader === leader) leader.proposalAnswered(token, result);
          }),
      },
    });
    const leader = leaderReplicaOf(actor);
    const elections = uncleanElectionsOf(this.needs.image(), topicId, partition);
    this.truncations.reportStart(hosted, elections.at(-1), leader.log);
    this.parked.begun(hosted.key);
    return leader;
  }

  follow(
    hosted: HostedPartition,
    registration: PartitionRegistration,
    highWatermark: Offset,
  ): FollowerReplica {
    const { topicId, partition } = hosted.name;
    this.moved.note(hosted);
    const actor = this.needs.supervisor.start(roleId(hosted), this.needs.machines.followerReplica, {
      brokerId: this.brokerId,
      log: logOf(hosted),
      registration,
      highWatermark,
      host: {
        nowMs: () => this.needs.ports.clock.nowMs(),
        recordsCorrupt: (message) => this.troubles.say(hosted, message, 'X4'),
        reportTruncation: (report) =>
          this.truncations.report(hosted, report, () => follower.reportCommitted(report)),
        fetchAgain: () => this.fetchers.get(registration.leader)?.resume(topicId, partition),
      },
    });
    const follower = followerReplicaOf(actor);
    // A log may be opened after this broker began to close.
    if (!this.isClosed) this.fetcherOf(registration.leader).follow(topicId, partition, follower);
    return follower;
  }

  endRole(hosted: HostedPartition, followed: NodeId | undefined): void {
    if (followed !== undefined) this.unfollow(hosted, followed);
    this.truncations.withdraw(hosted);
    this.needs.supervisor.stop(roleId(hosted));
    this.parked.wake([hosted.key]);
  }

  flushed(hosted: HostedPartition): void {
    const leader = hosted.follower?.leader;
    if (leader !== undefined) this.fetchers.get(leader)?.flushed([hosted.key]);
  }

  failed(hosted: HostedPartition, failure: LogFailure): void {
    const { topicId, partition } = hosted.name;
    this.failures.set(hosted.key, { topicId, partition });
    if (failure.kind === 'refusal') this.tellRefusal(hosted, failure);
    this.needs.logFailed(hosted, failure);
  }

  soon(callback: () => void): void {
    this.needs.soon(callback);
  }

  uncleanLeaderEpoch(topicId: TopicId, partition: number): number {
    return lastUncleanEpoch(this.needs.image(), topicId, partition);
  }

  private unfollow(hosted: HostedPartition, leader: NodeId): void {
    const { topicId, partition } = hosted.name;
    const fetcher = this.fetchers.get(leader);
    fetcher?.unfollow(topicId, partition);
    if (fetcher === undefined || fetcher.size > 0) return;
    fetcher.stop();
    this.fetchers.delete(leader);
  }

  private isEligible(broker: NodeId): boolean {
    const image = this.needs.image().brokers.get(broker);
    return image !== undefined && !image.isFenced && !image.isShuttingDown;
  }

  private settingsOf(topic: string): ReplicaSettings {
    return replicaSettings(this.needs.image(), this.needs.configuration, topic);
  }

  private settingsChanged(): void {
    this.needs.storage.settingsChanged();
    for (const hosted of this.hosted.byKey.values())
      hosted.leader?.settingsChanged(this.settingsOf(hosted.name.topic));
  }

  private fetcherOf(leader: NodeId): Fetcher {
    const known = this.fetchers.get(leader);
    if (known !== undefined) return known;
    const { ports, brokerId } = this.needs;
    const fetcher = new Fetcher({
      leader,
      brokerId,
      brokerEpoch: () => this.needs.brokerEpoch(),
      settings: () => fetcherSettings(this.needs.configuration),
      clock: ports.clock,
      network: ports.network,
      isCrowdComing: () => this.hosted.isTakingPlaces,
      taken: (key) => this.moved.note(this.hosted.byKey.get(key)),
    });
    this.fetchers.set(leader, fetcher);
    return fetcher;
  }
}

function roleId(hosted: HostedPartition): string {
  return `${actorId(hosted.name)}/replica`;
}

function logOf(hosted: HostedPartition): PartitionLog {
  if (hosted.log === undefined)
    throw new Error(`${actorId(hosted.name)} was given a role before its log is open`);
  return hosted.log;
}
