// What the broker's machine orders, carried out: registration and heartbeats to the active controller, and a clean end.

import type {
  BrokerEpoch,
  Configuration,
  MetadataImage,
  NodeId,
  PartitionKey,
  Ports,
  RestartClass,
} from '@odradek/model';
import { NO_BROKER_EPOCH, SUPPORTED_METADATA_VERSION } from '@odradek/model';
import type { ActorRefFrom } from 'xstate';
import { type BrokerEvent, type brokerMachine, isNews } from '../broker/broker.machine.ts';
import type { BrokerHost, LogsRecovered } from '../broker/broker-host.ts';
import type { DiskTrouble } from '../controller/broker-sessions.ts';
import type { ControllerChannel } from './controller-channel.ts';
import { DiskPatience } from './disk-patience.ts';
import type { NodeIdentity } from './identity.ts';
import type { Say } from './node-options.ts';

/** Leaving takes no longer, whatever the controller says (C9). */
const DRAIN_LIMIT_MS = 5000;
const REGISTRATION_RETRY_MS = 50;
const PATIENCE_MS = 3000;
/** Answers that a cluster gives while it starts or changes its controller. */
const passingRefusals: ReadonlySet<string> = new Set([
  'no controller',
  'controller changed',
  'NOT_CONTROLLER',
  'timed out',
  'refused',
  'disconnected',
]);

export interface BrokerLifeNeeds {
  readonly identity: NodeIdentity;
  readonly configuration: Configuration;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly controller: ControllerChannel;
  image(): MetadataImage;
  metadataEnd(): number;
  openMetadataLog(done: () => void): void;
  recoverLogs(done: (recovered: LogsRecovered) => void): void;
  /** The image holds this life's own registration. */
  registrationSeen(): void;
  /** Logs that failed in this life (C11). */
  failedLogs(): readonly PartitionKey[];
  /** For how long the oldest flush has been going on. */
  flushUnderWayMs(): number;
  /** Whether something is led here that another in-sync replica could lead. */
  couldBeRelieved(): boolean;
  /** D6: what is wrong with the disk. */
  diskTrouble(): DiskTrouble;
  close(brokerEpoch: BrokerEpoch | undefined, done: () => void): void;
  /** One line for whoever runs the node. */
  readonly say: Say;
  ended(): void;
}

/** The broker machine's host. */
export class BrokerLife implements BrokerHost {
  readonly isBroker: boolean;
  readonly heartbeatIntervalMs: number;
  readonly registrationTimeoutMs: number;
  readonly drainLimitMs = DRAIN_LIMIT_MS;
  /** Set by the node that starts it, before the machine orders anything. */
  actor: ActorRefFrom<typeof brokerMachine> | undefined;
  private readonly needs: BrokerLifeNeeds;
  private brokerEpoch: BrokerEpoch | undefined;
  private hasSeenItself = false;
  /** What the last registration said of the logs. */
  private claimed: RestartClass = 'lossy';
  private lastRefusal = '';
  private refusedSinceMs: number | undefined;
  private isOpening = false;
  private wasHeldUp = false;
  private readonly diskPatience = new DiskPatience();
  /** What is being opened is closed once it is open. */
  private closeOnceOpen: (() => void) | undefined;

  constructor(needs: BrokerLifeNeeds) {
    this.needs = needs;
    const { values } = needs.configuration;
    this.isBroker = values['process.roles'].includes('broker');
    this.heartbeatIntervalMs = values['broker.heartbeat.interval.ms'];
    this.registrationTimeoutMs = values['broker.session.timeout.ms'];
  }

  /** The epoch of the registration in force; NO_BROKER_EPOCH when there is none. */
  get epoch(): BrokerEpoch {
    return this.brokerEpoch ?? NO_BROKER_EPOCH;
  }

  registrationRetryMs(): number {
    return REGISTRATION_RETRY_MS + this.needs.ports.random.below(REGISTRATION_RETRY_MS);
  }

  openMetadataLog(): void {
    this.isOpening = true;
    this.needs.openMetadataLog(() => this.opened({ type: 'metadata log opened' }));
  }

  recoverLogs(): void {
    this.isOpening = true;
    this.needs.recoverLogs((recovered) => this.opened({ type: 'logs recovered', ...recovered }));
  }

  private opened(event: BrokerEvent): void {
    this.isOpening = false;
    if (this.closeOnceOpen === undefined) this.actor?.send(event);
    else this.closeOnceOpen();
  }

  register(generation: number, recovered: LogsRecovered): void {
    const { identity, configuration, controller } = this.needs;
    this.brokerEpoch = undefined;
    this.hasSeenItself = false;
    this.claimed = recovered.restartClass;
    const { clusterId, nodeId, directoryId, incarnation, host, port, processId } = identity;
    const rack = configuration.values['broker.rack'];
    const body = {
      ...{ clusterId, brokerId: nodeId, directoryId, incarnation, host, port, processId },
      rack: rack === '' ? null : rack,
      flushPolicy: configuration.values['odradek.flush.policy'],
      restartClass: recovered.restartClass,
      previousBrokerEpoch: recovered.previousBrokerEpoch,
      previousIncarnations: recovered.previousIncarnations,
      failedLogs: [...recovered.failedLogs, ...this.needs.failedLogs()],
      missingLogs: recovered.missingLogs,
      minMetadataVersion: SUPPORTED_METADATA_VERSION.min,
      maxMetadataVersion: SUPPORTED_METADATA_VERSION.max,
    };
    controller.request({ api: 'registerBroker', body }, this.registrationTimeoutMs, (reply) => {
      const error = reply.outcome === 'answered' ? reply.response.error : reply.reason;
      if (reply.outcome === 'answered' && error === 'NONE') {
        const { brokerEpoch } = reply.response;
        this.actor?.send({ type: 'registered', generation, brokerEpoch });
      } else this.actor?.send({ type: 'registration refused', generation, error });
    });
  }

  registered(brokerEpoch: BrokerEpoch): void {
    this.brokerEpoch = brokerEpoch;
    this.lastRefusal = '';
    this.refusedSinceMs = undefined;
    // The metadata may have told of this registration before its answer came.
    this.needs.ports.clock.setTimeout(() => this.look(), 0);
  }

  /** While a quorum forms nobody can register: that is worth a line only once it lasts. */
  registrationRefused(error: string): void {
    const nowMs = this.needs.ports.clock.nowMs();
    this.refusedSinceMs ??= nowMs;
    const isPassing = passingRefusals.has(error) && nowMs - this.refusedSinceMs < PATIENCE_MS;
    if (isPassing || error === this.lastRefusal) return;
    this.lastRefusal = error;
    this.needs.say(`not registered yet: ${error}`, { actor: 'broker', rule: 'C6' });
  }

  sendHeartbeat(brokerEpoch: BrokerEpoch, intent: 'serving' | 'going'): void {
    const { identity, controller } = this.needs;
    const body = {
      brokerId: identity.nodeId,
      brokerEpoch,
      metadataOffset: this.needs.metadataEnd() - 1,
      wantFence: intent === 'serving' && this.isHeldUpByItsDisk(),
      wantShutDown: intent === 'going',
      failedLogs: this.needs.failedLogs(),
      ...this.needs.diskTrouble(),
    };
    controller.request({ api: 'brokerHeartbeat', body }, this.registrationTimeoutMs, (reply) => {
      const error = reply.outcome === 'answered' ? reply.response.error : reply.reason;
      const shouldShutDown = reply.outcome === 'answered' && reply.response.shouldShutDown;
      const answer = { brokerEpoch, error, shouldShutDown };
      if (isNews(answer, this.brokerEpoch)) this.actor?.send({ type: 'heartbeat answered', ...answer });
    });
  }

  /**
   * D11: a disk that does not come back from a flush holds up whatever is led here, and heartbeats do not show it. A leader is held to
   * what a follower is: after `replica.lag.time.max.ms` it asks to be fenced, where there are others that can lead. It is let in again
   * once the flush has ended, or once it has seen that it leads nothing any more.
   */
  private isHeldUpByItsDisk(): boolean {
    const underWayMs = this.needs.flushUnderWayMs();
    const limitMs = this.needs.configuration.values['replica.lag.time.max.ms'];
    const isOver = this.diskPatience.isOver(this.needs.ports.clock.nowMs(), underWayMs, limitMs);
    const isHeldUp = isOver && this.needs.couldBeRelieved();
    const isNews = isHeldUp && !this.wasHeldUp;
    this.wasHeldUp = isHeldUp;
    if (!isNews) return isHeldUp;
    const text = `a flush has been going on for ${Math.round(underWayMs)} ms: others are to lead what is led here`;
    this.needs.say(text, { actor: 'broker', rule: 'D11' });
    return true;
  }

  /** The metadata moved: what does it say of this broker now? */
  look(): void {
    const { identity, image } = this.needs;
    const { brokerEpoch, actor } = this;
    const own = image().brokers.get(identity.nodeId);
    if (brokerEpoch === undefined || own?.brokerEpoch !== brokerEpoch || actor === undefined) return;
    if (!this.hasSeenItself) {
      this.hasSeenItself = true;
      if (own.restartClass !== this.claimed) this.sayDisbelief();
      this.needs.registrationSeen();
      actor.send({ type: 'own registration seen' });
    }
    const isRunning = actor.getSnapshot().matches('running');
    if (own.isFenced && isRunning) actor.send({ type: 'fenced', brokerEpoch });
    else if (!own.isFenced && actor.getSnapshot().matches('fenced'))
      actor.send({ type: 'unfenced', brokerEpoch });
  }

  private sayDisbelief(): void {
    const text =
      'this directory does not know of the process that was registered of it last: it is an old copy, or was not the last to be in use. ' +
      'All of its logs count as lossy until they are fetched again';
    this.needs.say(text, { actor: 'broker', rule: 'D11' });
  }

  close(brokerEpoch: BrokerEpoch | undefined): void {
    const close = (): void => this.needs.close(brokerEpoch, () => this.actor?.send({ type: 'closed' }));
    if (this.isOpening) this.closeOnceOpen = close;
    else close();
  }

  ended(): void {
    this.needs.ended();
  }

  /** The id of the node, as its machines are called. */
  get brokerId(): NodeId {
    return this.needs.identity.nodeId;
  }
}
