// A node's directory, on the logs of `@odradek/storage`: what recovery found before registration, and the logs of the partitions
// that the metadata places here.

import {
  type BrokerEpoch,
  type Clock,
  type Compute,
  type Configuration,
  type DirectoryId,
  type Disk,
  type DiskError,
  type FlushPolicy,
  type LogListener,
  type MetadataImage,
  NO_BROKER_EPOCH,
  type Offset,
  type PartitionKey,
  partitionKey,
  type ReplicatedLog,
  type TopicId,
  topicConfiguration,
} from '@odradek/model';
import {
  classifyRestart,
  defaultLogConfiguration,
  discardLog,
  FlushGroup,
  findLogs,
  type LogConfiguration,
  LogDirectory,
  type OpenedLog,
  openLog,
} from '@odradek/storage';
import type { LogsRecovered } from '../broker/broker-host.ts';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { LogFailure } from '../partition/partition-host.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import type { NodeStorage } from './node-storage.ts';
import type { Supervisor } from './supervisor.ts';

/** The topic id of the metadata log, as Kafka gives it. */
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const METADATA_LOG: PartitionName = { topic: '__cluster_metadata', topicId: METADATA_TOPIC_ID, partition: 0 };

/** The metadata log is kept short by snapshots, not by age. */
const metadataConfiguration: LogConfiguration = {
  ...defaultLogConfiguration,
  'retention.ms': -1,
  'retention.bytes': -1,
  'max.message.bytes': 2 ** 30,
};

export interface DirectoryStorageOptions {
  readonly disk: Disk;
  /** Where partitions lie: the same disk, or with `odradek.flush.policy=memory` one in memory. */
  readonly partitionDisk: Disk;
  readonly clock: Clock;
  readonly compute: Compute;
  readonly configuration: Configuration;
  readonly directoryId: DirectoryId;
  /** Runs something after the present call, before any timer: appends of one turn share a flush. */
  readonly soon?: (callback: () => void) => void;
}

/** What the node hands to its storage once both are there. */
export interface StorageHome {
  readonly supervisor: Supervisor;
  image(): MetadataImage;
  say(line: string): void;
}

/** A partition's log and who owns it now. */
interface Slot {
  readonly name: PartitionName;
  readonly opened: OpenedLog;
  listener: LogListener | undefined;
  log: PartitionLog | undefined;
  failure: LogFailure | undefined;
  /** Called once, when recovery has ended one way or the other. */
  settled: (() => void) | undefined;
}

/** The storage of one node. */
export class DirectoryStorage implements NodeStorage {
  private readonly options: DirectoryStorageOptions;
  private readonly policy: FlushPolicy;
  private readonly metadataDirectory: LogDirectory;
  private readonly directory: LogDirectory;
  private readonly flushGroup: FlushGroup;
  private readonly metadataGroup: FlushGroup;
  private readonly slots = new Map<string, Slot>();
  private readonly configurations = new Map<string, LogConfiguration>();
  private home: StorageHome | undefined;
  private metadataLog: OpenedLog | undefined;

  constructor(options: DirectoryStorageOptions) {
    this.options = options;
    const { disk, partitionDisk, clock, directoryId, configuration, soon } = options;
    this.policy = configuration.values['odradek.flush.policy'];
    const shared = { clock, directoryId, flushPolicy: this.policy };
    this.metadataDirectory = new LogDirectory({ ...shared, disk });
    this.directory =
      partitionDisk === disk ? this.metadataDirectory : new LogDirectory({ ...shared, disk: partitionDisk });
    const sooner = soon === undefined ? {} : { soon };
    this.flushGroup = new FlushGroup({ policy: this.policy, clock, ...sooner });
    this.metadataGroup = new FlushGroup({ policy: 'commit', clock, ...sooner });
  }

  settleIn(home: StorageHome): void {
    this.home = home;
  }

  openMetadataLog(
    listener: LogListener,
    done: (opened: ReplicatedLog | { readonly error: string }) => void,
  ): void {
    this.metadataDirectory.begin((error) => {
      if (error !== undefined) {
        done({ error: error.message });
        return;
      }
      const { opened, start } = this.open(METADATA_LOG, {
        opened: (log) => done(log),
        damaged: ({ file, position, message }) => done({ error: `${file} at ${position}: ${message}` }),
        flushed: (end) => listener.flushed(end),
        failed: (reason) => listener.failed(reason),
      });
      this.metadataLog = opened;
      start();
    });
  }

  recoverLogs(done: (recovered: LogsRecovered) => void): void {
    // Not within the transition of the broker's machine, which orders it.
    this.options.clock.setTimeout(() => this.recoverFound(done), 0);
  }

  private recoverFound(done: (recovered: LogsRecovered) => void): void {
    const { partitionDisk, directoryId } = this.options;
    const names = findLogs(partitionDisk).flatMap(({ topic, partition, topicId }) =>
      topicId === undefined || topicId === METADATA_TOPIC_ID ? [] : [{ topic, partition, topicId }],
    );
    let missing = names.length;
    const finish = (): void => {
      const failedLogs = [...this.slots.values()]
        .filter((slot) => slot.failure !== undefined)
        .map((slot) => slot.name);
      const { previous } = this.directory;
      const restartClass = classifyRestart(previous, { bootId: partitionDisk.bootId, directoryId });
      const previousBrokerEpoch = previous.cleanBrokerEpoch ?? NO_BROKER_EPOCH;
      done({ restartClass, failedLogs, previousBrokerEpoch });
    };
    if (missing === 0) finish();
    for (const name of names)
      this.openSlot(name, () => {
        missing -= 1;
        if (missing === 0) finish();
      });
  }

  removeOrphans(isPlacedHere: (log: PartitionKey) => boolean): void {
    for (const { name } of [...this.slots.values()]) {
      if (isPlacedHere(name)) continue;
      this.home?.say(`${name.topic}-${name.partition}: removed, its topic is gone or was made anew`);
      this.discard(name);
    }
  }

  openLog(
    name: PartitionName,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void {
    const answer = (slot: Slot): void => {
      slot.listener = listener;
      const opened = slot.failure ?? slot.log;
      if (opened === undefined)
        throw new Error(`${name.topic}-${name.partition} is asked for before it is recovered`);
      done(opened);
    };
    const known = this.slots.get(keyOf(name));
    if (known !== undefined) answer(known);
    else {
      const slot = this.openSlot(name, () => answer(slot));
    }
  }

  cutDamage(name: PartitionName): void {
    this.discard(name);
  }

  deleteLog(name: PartitionName): void {
    this.discard(name);
  }

  settingsChanged(): void {
    this.configurations.clear();
  }

  checkpointedHighWatermark({ topic, partition }: PartitionName): Offset {
    return this.directory.checkpointed(`${topic}-${partition}`).highWatermark ?? 0;
  }

  /** Below it the metadata log is never cut: recovery may trust it, and call damage by its name (D8). */
  checkpointMetadata(highWatermark: Offset): void {
    if (highWatermark > 0) this.metadataLog?.noteHighWatermark(highWatermark);
  }

  checkpoint(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void {
    for (const [name, highWatermark] of highWatermarks)
      this.slots.get(keyOf(name))?.opened.noteHighWatermark(highWatermark);
  }

  applyRetention(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void {
    const wallMs = this.options.clock.wallMs();
    for (const [name, highWatermark] of highWatermarks)
      this.slots.get(keyOf(name))?.opened.log?.applyRetention(wallMs, highWatermark);
  }

  close(
    highWatermarks: Iterable<readonly [PartitionName, Offset]>,
    brokerEpoch: BrokerEpoch | undefined,
    done: () => void,
  ): void {
    this.checkpoint(highWatermarks);
    const open = [...this.slots.values()].filter((slot) => slot.log !== undefined).map((slot) => slot.opened);
    if (this.metadataLog?.log !== undefined) open.push(this.metadataLog);
    let missing = open.length;
    let isSound = true;
    const finish = (): void => this.closeDirectories(isSound ? brokerEpoch : undefined, done);
    if (missing === 0) finish();
    for (const log of open)
      log.close((error) => {
        if (error !== undefined) isSound = false;
        missing -= 1;
        if (missing === 0) finish();
      });
  }

  /** With the marker of a clean end if there is an epoch to write into it. */
  private closeDirectories(brokerEpoch: BrokerEpoch | undefined, done: () => void): void {
    this.flushGroup.close();
    this.metadataGroup.close();
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
      else this.directory.closeCleanly(brokerEpoch, ended);
    };
    if (this.metadataDirectory === this.directory) closeOwn();
    else
      this.metadataDirectory.close((error) => {
        tell(error);
        closeOwn();
      });
  }

  private discard(name: PartitionName): void {
    const slot = this.slots.get(keyOf(name));
    if (slot === undefined) return;
    this.slots.delete(keyOf(name));
    const { topic, partition } = name;
    const actorId = logActorId(name);
    slot.listener = undefined;
    slot.opened.abandon();
    this.supervisor.stop(actorId);
    discardLog({ disk: this.options.partitionDisk, directory: this.directory, topic, partition });
  }

  private openSlot(name: PartitionName, settled: () => void): Slot {
    const settle = (): void => {
      const call = slot.settled;
      slot.settled = undefined;
      // Not within the transition of the log's own machine.
      if (call !== undefined) this.options.clock.setTimeout(call, 0);
    };
    const fail = (failure: LogFailure): void => {
      slot.failure = failure;
      slot.log = undefined;
      settle();
    };
    const { opened, start } = this.open(name, {
      opened: (log, report) => {
        slot.log = log;
        if (report.cut !== undefined) {
          const { file, position, bytes, reason } = report.cut;
          this.home?.say(`${file}: cut ${bytes} bytes of a torn tail at ${position}: ${reason}`);
        }
        settle();
      },
      damaged: ({ file, position, message }) =>
        fail({ kind: 'damage', error: `${file} at ${position}: ${message}` }),
      flushed: (end) => slot.listener?.flushed(end),
      failed: (error) => {
        fail({ kind: 'disk', error });
        slot.listener?.failed(error);
      },
    });
    const slot: Slot = { name, opened, listener: undefined, log: undefined, failure: undefined, settled };
    this.slots.set(keyOf(name), slot);
    start();
    return slot;
  }

  private open(name: PartitionName, listener: Parameters<typeof openLog>[0]['listener']) {
    const { disk, partitionDisk, clock, compute } = this.options;
    const isMetadata = name === METADATA_LOG;
    const opened = openLog({
      ...name,
      disk: isMetadata ? disk : partitionDisk,
      directory: isMetadata ? this.metadataDirectory : this.directory,
      flushGroup: isMetadata ? this.metadataGroup : this.flushGroup,
      configuration: () => (isMetadata ? metadataConfiguration : this.configurationOf(name.topic)),
      listener,
      clock,
      compute,
    });
    const start = (): void => {
      const actor = this.supervisor.make(logActorId(name), opened.logic, opened.input);
      opened.attach(actor);
      actor.start();
    };
    return { opened, start };
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

function keyOf({ topicId, partition }: { readonly topicId: TopicId; readonly partition: number }): string {
  return partitionKey(topicId, partition);
}

function logActorId({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}/log`;
}
