// A node's part in the metadata: its member of the quorum, the image it replays, and the snapshots that keep the log short.

import {
  createQuorum,
  type Quorum,
  type QuorumOptions,
  type QuorumTimeouts,
  type quorumMachine,
  type SnapshotId,
} from '@odradek/election';
import type {
  Configuration,
  LeaderEpoch,
  LogView,
  MetadataImage,
  NodeId,
  Offset,
  Ports,
  ReplicatedLog,
  Voter,
} from '@odradek/model';
import type { AnyActorRef } from 'xstate';
import type { NodeIdentity } from './identity.ts';
import { type MetadataListener, MetadataReplay } from './metadata-replay.ts';
import { snapshotOf } from './metadata-snapshot.ts';
import { QuorumDirectory } from './quorum-directory.ts';

/** Whom the metadata tells. */
export interface MetadataObserver {
  becameLeader(epoch: LeaderEpoch, startOffset: Offset): void;
  lostLeadership(epoch: LeaderEpoch): void;
  leaderChanged(leaderId: NodeId | undefined, epoch: LeaderEpoch): void;
  replayed: MetadataListener;
  /** A peer said what cannot be; it was not believed. */
  complained(text: string): void;
  /** The own disk has no room (D6). */
  warned(text: string): void;
  failed(error: string): void;
}

export interface MetadataOptions {
  readonly identity: NodeIdentity;
  readonly machine: typeof quorumMachine;
  readonly voters: readonly Voter[];
  readonly ports: Ports;
  readonly configuration: Configuration;
  readonly log: ReplicatedLog;
  readonly parent: AnyActorRef;
  readonly observer: MetadataObserver;
}

/** Quorum, image and snapshots of one node. */
export class Metadata {
  readonly quorum: Quorum;
  private readonly replay: MetadataReplay;
  private readonly options: MetadataOptions;
  private bytesSinceSnapshot = 0;
  private lastEpoch: LeaderEpoch = 0;

  constructor(options: MetadataOptions) {
    this.options = options;
    const { ports, log, observer, identity, machine, voters, configuration, parent } = options;
    this.replay = new MetadataReplay(
      ports,
      log,
      (before, after, batches) => {
        if (batches !== undefined) this.lastEpoch = batches.lastEpoch;
        observer.replayed(before, after, batches);
        this.snapshotIfDue(after, batches?.sizeInBytes ?? 0);
      },
      (error) => observer.failed(error),
    );
    const directory = new QuorumDirectory(ports.disk);
    const quorum: QuorumOptions = {
      clusterId: identity.clusterId,
      self: { id: identity.nodeId, directoryId: identity.directoryId },
      voters,
      log,
      voteState: directory.readVoteState(),
      storage: directory,
      ports,
      timeouts: timeoutsOf(configuration),
      parent,
      listener: {
        becameLeader: (epoch, startOffset) => observer.becameLeader(epoch, startOffset),
        lostLeadership: (epoch) => observer.lostLeadership(epoch),
        leaderChanged: (leaderId, epoch) => observer.leaderChanged(leaderId, epoch),
        highWatermarkMoved: (offset) => this.replay.commit(offset),
        snapshotLoaded: (id, bytes) => this.loadSnapshot(id, bytes),
        complained: (text) => observer.complained(text),
        warned: (text) => observer.warned(text),
        failed: (error) => observer.failed(error),
      },
    };
    this.quorum = createQuorum(quorum, machine);
  }

  /** What is committed, as far as this node has replayed it. */
  get image(): MetadataImage {
    return this.replay.image;
  }

  /** Since when a broker is fenced, or serves; undefined where it is not known. */
  brokerSinceMs(id: NodeId): number | undefined {
    return this.replay.brokerTimes.sinceMs(id);
  }

  /** Where the next record will stand. */
  get logEndOffset(): Offset {
    return this.options.log.logEndOffset;
  }

  /** The metadata's own log, to be looked at. */
  get log(): LogView {
    return this.options.log;
  }

  /** Everything below is in the image. */
  get replayedEnd(): Offset {
    return this.replay.replayedEnd;
  }

  private loadSnapshot(id: SnapshotId, bytes: Uint8Array): void {
    this.lastEpoch = id.epoch;
    this.bytesSinceSnapshot = 0;
    this.replay.load(id.endOffset, bytes);
  }

  /** Q11: what a snapshot holds is committed, and ends with a batch. */
  private snapshotIfDue(image: MetadataImage, replayedBytes: number): void {
    this.bytesSinceSnapshot += replayedBytes;
    const { configuration, voters, ports } = this.options;
    if (this.bytesSinceSnapshot < configuration.values['metadata.log.max.record.bytes.between.snapshots'])
      return;
    this.bytesSinceSnapshot = 0;
    const id = { endOffset: image.offset + 1, epoch: this.lastEpoch };
    this.quorum.takeSnapshot(id, snapshotOf(image, voters, id.epoch, ports.clock.wallMs()));
  }
}

function timeoutsOf({ values }: Configuration): Partial<QuorumTimeouts> {
  return {
    electionTimeoutMs: values['controller.quorum.election.timeout.ms'],
    fetchTimeoutMs: values['controller.quorum.fetch.timeout.ms'],
    electionBackoffMaxMs: values['controller.quorum.election.backoff.max.ms'],
    requestTimeoutMs: values['controller.quorum.request.timeout.ms'],
    retryBackoffMs: values['controller.quorum.retry.backoff.ms'],
    evidenceGraceMs: values['odradek.refused.grace.ms'],
  };
}
