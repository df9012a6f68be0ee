// A node's directory, on the logs of `@odradek/storage`: the metadata log, the logs of the partitions, and what the last life has left
// behind.

import {
  type BrokerEpoch,
  type Clock,
  type Compute,
  type Configuration,
  type DirectoryId,
  type Disk,
  type DiskError,
  type FlushPolicy,
  type Histogram,
  type Incarnation,
  type LogListener,
  type MetadataImage,
  NO_BROKER_EPOCH,
  type Offset,
  type PartitionKey,
  type ReplicatedLog,
  topicConfiguration,
} from '@odradek/model';
import {
  CommitJournal,
  classifyRestart,
  defaultLogConfiguration,
  FlushGroup,
  type FlushGroupOptions,
  FreeSpace,
  type LogConfiguration,
  LogDirectory,
  type logMachine,
  type RecoveryReport,
  type RestingLogs,
  TailBudget,
} from '@odradek/storage';
import type { LogsRecovered } from '../broker/broker-host.ts';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { LogFailure } from '../partition/partition-host.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import type { LogHome } from './log-home.ts';
import { MetadataLog } from './metadata-log.ts';
import type { Say } from './node-options.ts';
import type { NodeStorage } from './node-storage.ts';
import { PartitionLogs, type UnsoundLogs } from './partition-logs.ts';
import type { Supervisor } from './supervisor.ts';

export interface DirectoryStorageOptions {
  readonly disk: Disk;
  /** Where partitions lie: the same disk, or with `odradek.flush.policy=memory` one in memory. */
  readonly partitionDisk: Disk;
  readonly clock: Clock;
  readonly compute: Compute;
  readonly configuration: Configuration;
  readonly directoryId: DirectoryId;
  readonly incarnation: Incarnation;
  /** Lives each log's life. */
  readonly machine: typeof logMachine;
  /** Runs something after the present call, before any timer: appends of one turn share a flush. */
  readonly soon?: (callback: () => void) => void;
}

/** What the node hands to its storage once both are there. */
export interface StorageHome {
  readonly supervisor: Supervisor;
  image(): MetadataImage;
  readonly say: Say;
}

/** The storage of one node. */
export class DirectoryStorage implements NodeStorage {
  private readonly options: DirectoryStorageOptions;
  private readonly metadataDirectory: LogDirectory;
  private readonly directory: LogDirectory;
  private readonly flushGroups: { readonly metadata: FlushGroup; readonly partitions: FlushGroup };
  private readonly freeSpace: FreeSpace;
  private readonly metadata: MetadataLog;
  private readonly partitions: PartitionLogs;
  private readonly configurations = new Map<string, LogConfiguration>();
  private home: StorageHome | undefined;

  constructor(options: DirectoryStorageOptions) {
    this.options = options;
    const { disk, partitionDisk, clock, compute, machine, configuration, soon } = options;
    const { directoryId, incarnation } = options;
    const flushPolicy = configuration.values['odradek.flush.policy'];
    const shared = { clock, directoryId, incarnation, flushPolicy };
    this.metadataDirectory = new LogDirectory({ ...shared, disk });
    this.directory =
      partitionDisk === disk ? this.metadataDirectory : new LogDirectory({ ...shared, disk: partitionDisk });
    const group = (policy: FlushPolicy, actor: string, journal?: CommitJournal): FlushGroup =>
      new FlushGroup({
        policy,
        ...(journal === undefined ? {} : { journal }),
        clock,
        slow: this.slowFlushes(actor),
        ...(soon === undefined ? {} : { soon }),
      });
    const ofMetadata = group('commit', '__cluster_metadata-0/log');
    const ofPartitions = group(flushPolicy, 'logs', this.commitJournal());
    this.flushGroups = { metadata: ofMetadata, partitions: ofPartitions };
    const supervisor = (): Supervisor => this.supervisor;
    const tails = new TailBudget();
    const homeOf = (at: Pick<LogHome, 'disk' | 'directory' | 'flushGroup' | 'freeSpace'>): LogHome => ({
      ...at,
      ...{ clock, compute, machine, supervisor, tails },
    });
    this.freeSpace = new FreeSpace({
      disk: partitionDisk,
      clock,
      minBytes: configuration.values['odradek.disk.free.min.bytes'],
      say: (line) => this.home?.say(line, { rule: 'D6' }),
    });
    this.metadata = new MetadataLog(
      homeOf({ disk, directory: this.metadataDirectory, flushGroup: ofMetadata }),
    );
    this.partitions = new PartitionLogs(
      homeOf({
        disk: partitionDisk,
        directory: this.directory,
        flushGroup: ofPartitions,
        freeSpace: this.freeSpace,
      }),
      {
        configurationOf: (topic) => this.configurationOf(topic),
        recovered: (report) => this.sayCut(report),
      },
    );
  }

  /** How long syncs of the partitions' logs took, in milliseconds; and those of the metadata log. */
  get flushLatencies(): { readonly partitions: Histogram; readonly metadata: Histogram } {
    const { partitions, metadata } = this.flushGroups;
    return { partitions: partitions.latencies, metadata: metadata.latencies };
  }

  settleIn(home: StorageHome): void {
    this.home = home;
  }

  openMetadataLog(
    listener: LogListener,
    done: (opened: ReplicatedLog | { readonly error: string }) => void,
  ): void {
    this.metadataDirectory.begin((error) => {
      if (error !== undefined) done({ error: error.message });
      else this.metadata.open(listener, (report) => this.sayCut(report), done);
    });
  }

  recoverLogs(done: (recovered: LogsRecovered) => void): void {
    const { clock, partitionDisk, directoryId } = this.options;
    const { previous } = this.directory;
    const restartClass = classifyRestart(previous, { bootId: partitionDisk.bootId, directoryId });
    const previousBrokerEpoch = previous.cleanBrokerEpoch ?? NO_BROKER_EPOCH;
    const previousIncarnations = previous.run?.incarnations ?? [];
    const finish = (unsound: UnsoundLogs): void => {
      for (const { topic, partition } of unsound.missingLogs)
        this.home?.say(`${topic}-${partition}: its log was flushed once, and is gone`, { rule: 'D8' });
      done({ restartClass, ...unsound, previousBrokerEpoch, previousIncarnations });
    };
    // Not within the transition of the broker's machine, which orders it.
    clock.setTimeout(() => this.partitions.recover(finish), 0);
  }

  lifeIsKnown(): void {
    this.metadataDirectory.settle((error) => {
      if (error !== undefined)
        this.home?.say(`${error.message}: after a crash the next start may have to call its logs lossy`);
    });
  }

  /** A node without partitions tells nobody what became of them: while some lie here, the next broker must still tell. */
  lifeWithoutRegistration(): void {
    if (!this.partitions.areThere) this.lifeIsKnown();
  }

  removeOrphans(isPlacedHere: (log: PartitionKey) => boolean): void {
    for (const name of this.partitions.orphans(isPlacedHere)) {
      const text = `${name.topic}-${name.partition}: removed, its topic is gone or was made anew`;
      this.home?.say(text, { rule: 'C10', level: 'info' });
      this.partitions.discard(name);
    }
  }

  openLog(
    name: PartitionName,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void {
    this.partitions.handOut(name, listener, done);
  }

  giveUpLog(name: PartitionName, failure: LogFailure): void {
    this.partitions.giveUp(name, failure);
  }

  cutDamage(name: PartitionName): void {
    this.partitions.discard(name);
  }

  deleteLog(name: PartitionName): void {
    this.partitions.discard(name);
  }

  flushUnderWayMs(): number {
    const { metadata, partitions } = this.flushGroups;
    return Math.max(metadata.underWayMs, partitions.underWayMs);
  }

  get noRoom(): string | undefined {
    return this.freeSpace.problem;
  }

  settingsChanged(): void {
    this.configurations.clear();
  }

  checkpointedHighWatermark({ topic, partition }: PartitionName): Offset {
    return this.directory.checkpointed(`${topic}-${partition}`).highWatermark ?? 0;
  }

  checkpointMetadata(highWatermark: Offset): void {
    this.metadata.checkpoint(highWatermark);
  }

  checkpoint(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void {
    this.partitions.checkpoint(highWatermarks);
  }

  applyRetention(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void {
    this.partitions.applyRetention(highWatermarks, this.options.clock.wallMs());
  }

  close(
    highWatermarks: Iterable<readonly [PartitionName, Offset]>,
    brokerEpoch: BrokerEpoch | undefined,
    done: () => void,
  ): void {
    this.checkpoint(highWatermarks);
    let isSound = true;
    const ended = (error?: string): void => {
      if (error !== undefined) isSound = false;
    };
    const closeMetadata = (resting: RestingLogs): void => {
      const finish = (error?: string): void => {
        ended(error);
        this.closeDirectories(isSound ? brokerEpoch : undefined, resting, done);
      };
      const { closable } = this.metadata;
      if (closable === undefined) finish();
      else closable.close(finish);
    };
    this.partitions.close(ended, closeMetadata);
  }

  /** With the marker of a clean end if there is an epoch to write into it. */
  private closeDirectories(
    brokerEpoch: BrokerEpoch | undefined,
    resting: RestingLogs,
    done: () => void,
  ): void {
    for (const group of Object.values(this.flushGroups)) group.close();
    // The next start recovers then, as after a crash.
    const tell = (error: DiskError | undefined): void => {
      if (error !== undefined) this.home?.say(`the end of the run could not be written: ${error.message}`);
    };
    const ended = (error?: DiskError): void => {
      tell(error);
      done();
    };
    const closeOwn = (): void => {
      if (brokerEpoch === undefined) this.directory.close(ended);
      else this.directory.closeCleanly(brokerEpoch, resting, ended);
    };
    if (this.metadataDirectory === this.directory) closeOwn();
    else
      this.metadataDirectory.close((error) => {
        tell(error);
        closeOwn();
      });
  }

  /** Many logs are flushed at once by it, where a flush is a sync. */
  private commitJournal(): CommitJournal | undefined {
    const { partitionDisk: disk, compute, configuration } = this.options;
    const fewestLogs = configuration.values['odradek.commit.journal.min.logs'];
    if (configuration.values['odradek.flush.policy'] !== 'commit' || fewestLogs === 0) return undefined;
    const checksum = (bytes: Uint8Array, start: number, end: number): number =>
      compute.crc32c(bytes, start, end);
    return new CommitJournal({ disk, checksum, fewestLogs });
  }

  private slowFlushes(actor: string): NonNullable<FlushGroupOptions['slow']> {
    const { configuration } = this.options;
    return {
      fromMs: () => configuration.values['odradek.slow.flush.ms'],
      tell: (latencyMs) =>
        this.home?.say(
          `a flush took ${Math.round(latencyMs)} ms: the disk is slow, or this process is busy`,
          { actor, rule: 'D3' },
        ),
    };
  }

  /** D7: what recovery cuts, it tells. */
  private sayCut({ cut }: RecoveryReport): void {
    if (cut === undefined) return;
    const { file, position, bytes, reason } = cut;
    const text = `${file}: cut ${bytes} bytes of a torn tail at ${position}: ${reason}`;
    this.home?.say(text, { rule: 'D7' });
  }

  /** Asked at every append, so made once and kept until settings change. */
  private configurationOf(topic: string): LogConfiguration {
    const known = this.configurations.get(topic);
    if (known !== undefined || this.home === undefined) return known ?? defaultLogConfiguration;
    const made = topicConfiguration(this.home.image(), this.options.configuration, topic);
    this.configurations.set(topic, made);
    return made;
  }

  private get supervisor(): Supervisor {
    if (this.home === undefined) throw new Error('the storage has no node yet');
    return this.home.supervisor;
  }
}
