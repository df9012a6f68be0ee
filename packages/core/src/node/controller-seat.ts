// The controller at its node: the machine with what it orders, the quorum's log to write to and the network to ask brokers.

import {
  batchOfRecords,
  type Configuration,
  type LeaderEpoch,
  type MetadataImage,
  type MetadataRecord,
  NO_EPOCH,
  type NodeId,
  type Offset,
  type PartitionKey,
  type Peer,
  type PeerAnswer,
  type PeerEvidence,
  type PeerRequest,
  type Ports,
} from '@odradek/model';
import type { ActorRefFrom } from 'xstate';
import type { EndedSession } from '../controller/broker-sessions.ts';
import type { controllerMachine } from '../controller/controller.machine.ts';
import { ControllerDesk } from '../controller/controller-desk.ts';
import type { ControllerHost, LogEndsTold } from '../controller/controller-host.ts';
import type { OfflinePartition } from '../controller/leadership.ts';
import type { ControllerApi } from '../controller/questions.ts';
import type { NodeIdentity } from './identity.ts';
import type { Metadata } from './metadata.ts';
import type { Say } from './node-options.ts';
import type { ControllerService } from './peer-service.ts';
import type { Supervisor } from './supervisor.ts';

const ASK_LOG_ENDS_TIMEOUT_MS = 1000;
/** A quorum that stops as a whole commits nothing more. */
const SETTLE_LIMIT_MS = 500;

export interface ControllerSeatNeeds {
  readonly identity: NodeIdentity;
  readonly machine: typeof controllerMachine;
  readonly configuration: Configuration;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network'>;
  readonly supervisor: Supervisor;
  readonly say: Say;
  /** Undefined while the metadata log is not open. */
  metadata(): Metadata | undefined;
}

/** The controller's machine and its host. */
export class ControllerSeat implements ControllerHost, ControllerService {
  private readonly needs: ControllerSeatNeeds;
  private readonly desk: ControllerDesk;
  private readonly actor: ActorRefFrom<typeof controllerMachine>;

  constructor(needs: ControllerSeatNeeds) {
    this.needs = needs;
    const { identity, configuration, ports, supervisor } = needs;
    const { clock, random } = ports;
    this.desk = new ControllerDesk(this, { clusterId: identity.clusterId, configuration, clock, random });
    this.actor = supervisor.start('controller', needs.machine, { desk: this.desk });
  }

  /** Partitions without a leader, and whom they wait for, as this controller sees them. */
  offline(): readonly OfflinePartition[] {
    return this.desk.offline();
  }

  /** Brokers with something wrong with their disk, as they have told this controller (D6). */
  troubled(): ReturnType<ControllerDesk['troubled']> {
    return this.desk.troubled();
  }

  /** Whether this controller decides now. */
  get isActive(): boolean {
    return this.actor.getSnapshot().matches('active');
  }

  becameLeader(epoch: LeaderEpoch, startOffset: Offset): void {
    this.actor.send({ type: 'leader epoch started', epoch, startOffset });
  }

  lostLeadership(epoch: LeaderEpoch): void {
    this.actor.send({ type: 'leadership lost', epoch });
  }

  committed(image: MetadataImage): void {
    this.actor.send({ type: 'committed', image });
  }

  /** The node stops: nothing is decided any more, so no leadership moves. */
  stopDeciding(): void {
    this.actor.send({ type: 'resign' });
  }

  /** Calls `done` once whoever was promised something has his answer, or after a while (C9). */
  settle(done: () => void): void {
    const { clock } = this.needs.ports;
    let isOpen = true;
    const end = (): void => {
      if (!isOpen) return;
      isOpen = false;
      clock.clearTimeout(limit);
      done();
    };
    const limit = clock.setTimeout(end, SETTLE_LIMIT_MS);
    this.desk.whenSettled(end);
  }

  handle(peer: Peer, request: PeerRequest<ControllerApi>, answer: (response: PeerAnswer) => void): void {
    this.actor.send({ type: 'asked', question: { peer, request, answer } });
  }

  observe(evidence: PeerEvidence): void {
    if (this.desk.isNews(evidence)) this.actor.send({ type: 'evidence', evidence });
  }

  // What the machine orders.

  nextOffset(): Offset {
    return this.needs.metadata()?.logEndOffset ?? 0;
  }

  append(records: readonly MetadataRecord[]): Offset | undefined {
    const batch = batchOfRecords(records, { timestamp: this.needs.ports.clock.wallMs() });
    const appended = this.needs.metadata()?.quorum.appendRecords([batch]);
    return appended?.outcome === 'appended' ? appended.lastOffset : undefined;
  }

  probe(id: NodeId): void {
    this.needs.ports.network.probe(id);
  }

  fencing({ id, isRefusing, silentMs }: EndedSession): void {
    const silence = `it was not heard for ${Math.round(silentMs)} ms`;
    const why = isRefusing ? 'its link is closed, and its address refuses' : silence;
    this.needs.say(`fences broker ${id}: ${why}`, { actor: 'controller', rule: 'C8' });
  }

  relieving(broker: NodeId, count: number): void {
    const text = `broker ${broker} has no room on its disk: others lead ${count} of its partitions from now on`;
    this.needs.say(text, { actor: 'controller', rule: 'D6' });
  }

  askLogEnds(
    broker: NodeId,
    controllerEpoch: LeaderEpoch,
    partitions: readonly PartitionKey[],
    done: (told: LogEndsTold) => void,
  ): void {
    const request = { api: 'describeLogEnds', body: { controllerEpoch, partitions } } as const;
    this.needs.ports.network.request(broker, 'control', request, ASK_LOG_ENDS_TIMEOUT_MS, (reply) => {
      if (reply.outcome !== 'answered' || reply.response.error !== 'NONE') {
        done(undefined);
        return;
      }
      const { brokerEpoch, partitions: told } = reply.response;
      const ends = told.map(({ topicId, partition, error, lastEpoch, logEndOffset }) => {
        const isKnown = error === 'NONE' && lastEpoch >= NO_EPOCH;
        return { topicId, partition, end: isKnown ? { lastEpoch, endOffset: logEndOffset } : undefined };
      });
      done({ brokerEpoch, ends });
    });
  }
}
