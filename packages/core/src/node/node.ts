// A node, composed: the machines of election, replication, storage and core under one root, and the wires between them. What
// differs between a process, a tab, a test and the simulator is in the ports that are handed in.

import type { Quorum } from '@odradek/election';
import {
  type ClientHandler,
  emptyImage,
  LiveConfiguration,
  type LogView,
  type MetadataImage,
  type ReplicatedLog,
} from '@odradek/model';
import { NodeCounters, type NodeMeasures } from '../measures/node-measures.ts';
import type { HostedPartition } from '../partition/hosted-partition.ts';
import { Deadlines } from '../waiting/deadlines.ts';
import { Rounds } from '../waiting/rounds.ts';
import { Wakers } from '../waiting/wakers.ts';
import { BrokerLife } from './broker-life.ts';
import { clientDoor } from './client-door.ts';
import { ControllerChannel } from './controller-channel.ts';
import { ControllerSeat } from './controller-seat.ts';
import type { DirectoryStorage } from './directory-storage.ts';
import { actorId } from './hosted-partitions.ts';
import { type NodeMachines, nodeMachines } from './machines.ts';
import { Metadata } from './metadata.ts';
import { type About, type NodeOptions, type StopOptions, soonAt } from './node-options.ts';
import { orBroken } from './or-broken.ts';
import { OwnPeer } from './own-peer.ts';
import { PeerService } from './peer-service.ts';
import { tellAddresses } from './registered-addresses.ts';
import { ReplicaManager } from './replica-manager.ts';
import { directoryStorage } from './storage-of-node.ts';
import { Supervisor } from './supervisor.ts';

/** One node of a cluster: broker, controller or both. */
export class OdradekNode {
  /** The root of its actors, to be watched. */
  readonly root: Supervisor['root'];
  /** The broker API, for its doors. */
  readonly clients: ClientHandler;
  /** As it is now, with what was set in the metadata. */
  readonly configuration: LiveConfiguration;
  private readonly options: NodeOptions;
  private readonly machines: NodeMachines;
  private readonly storage: DirectoryStorage;
  private readonly supervisor: Supervisor;
  private readonly network: OwnPeer;
  private readonly life: BrokerLife;
  private readonly replicas: ReplicaManager;
  private readonly controller: ControllerSeat;
  private readonly deadlines: Deadlines;
  private readonly counters: NodeCounters;
  private readonly imageChanges = new Wakers();
  private readonly channel: ControllerChannel;
  private metadata: Metadata | undefined;
  private readonly rounds: Rounds;
  private hasEnded = false;
  private onEnded: () => void = () => {};

  constructor(given: NodeOptions) {
    const { identity, ports } = given;
    this.configuration = new LiveConfiguration(given.configuration, identity.nodeId);
    const { configuration } = this;
    const options = { ...given, configuration };
    this.options = options;
    this.machines = { ...nodeMachines, ...options.machines };
    this.storage = directoryStorage(options, this.machines.log);
    this.counters = new NodeCounters(() => ports.clock.nowMs());
    const isBroker = configuration.values['process.roles'].includes('broker');
    const rootId = `${isBroker ? 'broker' : 'controller'}-${identity.nodeId}`;
    this.supervisor = new Supervisor(rootId, ports.clock, (error) => this.broken(error));
    this.root = this.supervisor.root;
    this.storage.settleIn({
      supervisor: this.supervisor,
      image: () => this.image,
      say: (line, about) => this.say(line, about),
    });
    this.deadlines = new Deadlines(ports.clock);
    this.rounds = new Rounds(ports.clock);
    const self = {
      id: identity.nodeId,
      directoryId: identity.directoryId,
      incarnation: identity.incarnation,
    };
    this.network = new OwnPeer(ports.network, ports.clock, self);
    this.channel = new ControllerChannel(this.network, () => this.metadata?.quorum.leaderId);
    this.life = this.brokerLife();
    this.replicas = new ReplicaManager({
      brokerId: identity.nodeId,
      machines: this.machines,
      ports: { clock: ports.clock, network: this.network },
      configuration,
      supervisor: this.supervisor,
      storage: this.storage,
      controller: this.channel,
      inSyncCounts: this.counters.inSync,
      soon: (callback) => soonAt(options, callback),
      image: () => this.image,
      brokerEpoch: () => this.life.epoch,
      say: (line, about) => this.say(line, about),
      logFailed: (partition, failure) => {
        const about = { actor: actorId(partition.name), rule: failure.kind === 'damage' ? 'D8' : 'D3' };
        if (failure.kind !== 'refusal')
          this.say(`${about.actor}: its log failed: ${failure.error}`, { ...about, level: 'error' });
        this.life.actor?.send({ type: 'log failed' });
      },
    });
    this.controller = new ControllerSeat({
      identity,
      machine: this.machines.controller,
      configuration,
      ports: { clock: ports.clock, random: ports.random, network: this.network },
      supervisor: this.supervisor,
      say: (line, about) => this.say(line, about),
      metadata: () => this.metadata,
    });
    this.clients = clientDoor({
      options,
      configuration,
      network: this.network,
      channel: this.channel,
      deadlines: this.deadlines,
      counters: this.counters,
      replicas: this.replicas,
      imageChanges: this.imageChanges,
      metadata: () => this.metadata,
      brokerEpoch: () => this.life.epoch,
    });
  }

  /** What this node knows of the cluster. */
  get image(): MetadataImage {
    return this.metadata?.image ?? emptyImage;
  }

  /** The state of the broker's machine. */
  get state(): string {
    const value = this.hasEnded ? 'stopped' : this.life.actor?.getSnapshot().value;
    return typeof value === 'string' ? value : (Object.keys(value ?? { stopped: '' })[0] ?? 'stopped');
  }

  /** The replicas at this node, by the key of their partition. */
  get hosted(): ReadonlyMap<string, HostedPartition> {
    return this.replicas.hosted.byKey;
  }

  /** Whether places in the metadata are still to be taken, in later turns of the event loop. */
  get isTakingPlaces(): boolean {
    return this.replicas.hosted.isTakingPlaces;
  }

  /** Its part in the metadata quorum, and the metadata's log: to be looked at. Undefined before the log is open. */
  get metadataQuorum(): { readonly quorum: Quorum; readonly log: LogView } | undefined {
    return this.metadata;
  }

  /** Whether this node's controller decides now. */
  get isActiveController(): boolean {
    return this.controller.isActive;
  }

  /** What it counts, and what it can tell of itself: a query. */
  measures(): NodeMeasures {
    const { partitions: flushes, metadata: metadataFlushes } = this.storage.flushLatencies;
    return {
      counters: this.counters,
      flushes,
      metadataFlushes,
      image: this.image,
      hosted: this.hosted,
      isActiveController: this.isActiveController,
      quorum: this.metadata?.quorum.describe(),
      isMetadataStuck: this.metadata?.quorum.isStuck === true,
      noRoom: this.storage.noRoom,
      metadataEnd: this.metadata?.replayedEnd ?? 0,
      waiting: this.deadlines.size,
      state: this.state,
      brokerEpoch: this.life.epoch,
    };
  }

  start(): void {
    for (const { id, host, port } of this.options.voters) this.network.address(id, host, port);
    this.network.serve(
      new PeerService({
        // A node that has ended, or whose invariants are broken, answers nobody.
        metadata: () => (this.hasEnded ? undefined : this.metadata),
        controller: this.controller,
        replicas: this.replicas,
        counters: this.counters,
        brokerEpoch: () => this.life.epoch,
        noRoom: () => this.storage.noRoom,
      }),
    );
    const actor = this.supervisor.make('broker', this.machines.broker, { host: this.life });
    this.life.actor = actor;
    actor.start();
    for (const door of this.options.doors ?? []) door.open(this.clients);
    const { values } = this.options.configuration;
    this.rounds.every(values['replica.high.watermark.checkpoint.interval.ms'], () => this.checkpoint());
    this.rounds.every(values['log.retention.check.interval.ms'], () => {
      this.storage.applyRetention(this.replicas.highWatermarks());
      this.replicas.retentionApplied();
    });
  }

  /** Before a whole cluster stops: this controller decides nothing more, so that no leadership moves. */
  stopDeciding(): void {
    this.controller.stopDeciding();
  }

  /** Ends in order; `done` once logs are flushed and the marker is written. */
  stop({ movesLeaderships }: StopOptions, done: () => void): void {
    if (this.hasEnded) {
      done();
      return;
    }
    const before = this.onEnded;
    this.onEnded = () => {
      before();
      done();
    };
    this.life.actor?.send({ type: 'stop', movesLeaderships });
  }

  private brokerLife(): BrokerLife {
    const { identity, configuration, ports } = this.options;
    return new BrokerLife({
      identity,
      configuration,
      ports,
      controller: this.channel,
      image: () => this.image,
      metadataEnd: () => this.metadata?.replayedEnd ?? 0,
      openMetadataLog: (done) => this.openMetadata(done),
      recoverLogs: (done) => this.storage.recoverLogs(done),
      registrationSeen: () => {
        this.storage.lifeIsKnown();
        this.replicas.begin(this.image);
      },
      failedLogs: () => this.replicas.failedLogs,
      flushUnderWayMs: () => this.storage.flushUnderWayMs(),
      couldBeRelieved: () => this.replicas.couldBeRelieved,
      diskTrouble: () => ({
        isMetadataStuck: this.metadata?.quorum.isStuck === true,
        noRoom: this.storage.noRoom ?? '',
      }),
      close: (brokerEpoch, done) => this.close(brokerEpoch, done),
      say: (line, about) => this.say(line, about),
      ended: () => this.ended(),
    });
  }

  private openMetadata(done: () => void): void {
    const { ports } = this.options;
    const listener = {
      flushed: (end: number): void => this.metadata?.quorum.logFlushed(end),
      failed: (error: string): void => this.metadata?.quorum.logFailed(error),
      // Whoever needs what is damaged here, and this node itself, gets it from a sound log: another leads, as far as it may.
      readFoundDamage: (error: string): void => {
        const text = `the metadata log is damaged: ${error}`;
        this.say(text, { actor: 'quorum', rule: 'D9', level: 'error' });
        this.metadata?.quorum.resign(() => {});
      },
    };
    this.storage.openMetadataLog(listener, (log) => {
      if ('error' in log) this.broken(new Error(`the metadata log cannot be opened: ${log.error}`));
      // Not within the transition of the log's own machine.
      else
        ports.clock.setTimeout(() => orBroken(() => this.joinQuorum(log, done), this.broken.bind(this)), 0);
    });
  }

  private joinQuorum(log: ReplicatedLog, done: () => void): void {
    const { identity, voters, ports, configuration } = this.options;
    this.metadata = new Metadata({
      identity,
      machine: this.machines.quorum,
      voters,
      ports: { ...ports, network: this.network },
      configuration,
      log,
      parent: this.root,
      observer: {
        becameLeader: (epoch, startOffset) => this.controller.becameLeader(epoch, startOffset),
        lostLeadership: (epoch) => this.controller.lostLeadership(epoch),
        leaderChanged: (leaderId) => {
          if (leaderId === undefined) return;
          this.channel.controllerChanged();
          this.life.actor?.send({ type: 'controller changed' });
        },
        replayed: (before, after) => {
          this.configuration.follow(after);
          tellAddresses(this.network, before, after);
          this.controller.committed(after);
          this.replicas.apply(before, after);
          this.life.look();
          this.imageChanges.wake();
          if (this.isActiveController) this.counters.decisions.replayed(before, after);
          this.options.replayed?.(before, after);
        },
        warned: (text) => this.say(text, { actor: 'quorum', rule: 'D6' }),
        complained: (text) => {
          this.say(text);
          this.options.complained?.(text);
        },
        failed: (error) => this.broken(new Error(error)),
      },
    });
    if (!this.life.isBroker) this.storage.lifeWithoutRegistration();
    this.supervisor.adopt(this.metadata.quorum.actor);
    this.metadata.quorum.start();
    done();
  }

  private close(brokerEpoch: number | undefined, done: () => void): void {
    this.controller.stopDeciding();
    // Who asked for what is decided already hears how it ends, before another node decides.
    this.controller.settle(() => {
      if (!this.hasEnded) this.leave(brokerEpoch, done);
    });
  }

  private leave(brokerEpoch: number | undefined, done: () => void): void {
    this.replicas.close();
    const highWatermarks = [...this.replicas.highWatermarks()];
    const closeLogs = (): void => {
      this.checkpoint();
      this.metadata?.quorum.stop();
      this.storage.close(highWatermarks, brokerEpoch, done);
    };
    if (this.metadata === undefined) closeLogs();
    else this.metadata.quorum.resign(closeLogs);
  }

  private checkpoint(): void {
    this.storage.checkpointMetadata(this.metadata?.quorum.highWatermark ?? 0);
    this.storage.checkpoint(this.replicas.moved.take());
  }

  private ended(): void {
    this.hasEnded = true;
    this.deadlines.close();
    this.rounds.close();
    for (const door of this.options.doors ?? []) door.close();
    // Not within the last transition of the broker's machine.
    this.options.ports.clock.setTimeout(() => {
      this.supervisor.close();
      this.onEnded();
    }, 0);
  }

  private broken(error: unknown): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.options.onBroken(error);
  }

  private say(line: string, about?: About): void {
    this.options.say?.(line, about);
  }
}

/** A node over these ports; it does nothing before `start`. */
export function createNode(options: NodeOptions): OdradekNode {
  return new OdradekNode(options);
}
