// A member of the quorum, put together: the machine, its host on the node's ports, and the face towards the node.

import {
  invariant,
  type NodeId,
  type Offset,
  type Peer,
  type PeerAnswer,
  type PeerEvidence,
  type PeerRequest,
  type RecordBytes,
} from '@odradek/model';
import { type Actor, createActor } from 'xstate';
import { NodeHost } from './node-host.ts';
import { isHeard, progressOf, stillHearsMajority } from './office.ts';
import { quorumMachine } from './quorum.machine.ts';
import type {
  MetadataAppend,
  Quorum,
  QuorumApi,
  QuorumDescription,
  QuorumOptions,
  SnapshotId,
} from './quorum.ts';
import { type QuorumState, sameVoter } from './quorum-arithmetic.ts';
import type { QuorumEvent } from './quorum-events.ts';

/** `machine`: in the place of the one that ships. */
export function createQuorum(options: QuorumOptions, machine = quorumMachine): Quorum {
  return new QuorumMember(options, machine);
}

/** An observer that has not fetched for so long is not shown any more, as in Kafka. */
const observerSessionMs = 300_000;

type AnyAnswer = (response: PeerAnswer<QuorumApi>) => void;

class QuorumMember implements Quorum {
  readonly actor: Actor<typeof quorumMachine>;
  readonly #options: QuorumOptions;
  readonly #host: NodeHost;
  #isRunning = false;

  constructor(options: QuorumOptions, machine: typeof quorumMachine) {
    this.#options = options;
    this.#host = new NodeHost(options, (event) => this.#send(event));
    const place = options.parent === undefined ? { clock: xstateClock(options) } : { parent: options.parent };
    this.actor = createActor(machine, { id: 'quorum', input: { host: this.#host }, ...place });
    this.actor.subscribe({
      next: () => this.#deliverNews(),
      error: (error) => this.#fail(error),
      complete: () => this.#deliverNews(),
    });
  }

  get #context() {
    return this.actor.getSnapshot().context;
  }

  get state(): QuorumState {
    const { value } = this.actor.getSnapshot();
    const state = typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
    // `starting` is over before anybody can look; who has failed or stopped leads and votes no more.
    return isQuorumState(state) ? state : 'unattached';
  }

  get leaderId(): NodeId | undefined {
    return this.#context.leaderId;
  }

  get epoch(): number {
    return this.#context.epoch;
  }

  get isStuck(): boolean {
    return this.#host.isStuck;
  }

  get isLeader(): boolean {
    return this.#isRunning && this.#context.office !== undefined;
  }

  get highWatermark(): Offset {
    return this.#context.highWatermark;
  }

  describe(): QuorumDescription {
    const { epoch, highWatermark, office } = this.#context;
    const { self, voters, log, timeouts } = this.#host;
    const nowMs = this.#host.nowMs();
    const mayLead =
      office === undefined || stillHearsMajority(office, self, voters, nowMs, timeouts.fetchTimeoutMs);
    const leaderId = mayLead ? this.leaderId : undefined;
    const described = voters.map((voter) => {
      const { id, directoryId, host, port } = voter;
      const progress = office === undefined ? undefined : progressOf(office, voter);
      const isSelf = id === self.id;
      const logEndOffset = isSelf ? log.logEndOffset : (progress?.endOffset ?? -1);
      const isThere =
        office === undefined
          ? !this.#host.isLost(id)
          : isHeard(office, voter, nowMs, timeouts.fetchTimeoutMs);
      const reachable = isSelf || isThere;
      return { id, directoryId, logEndOffset, reachable, host, port };
    });
    const observers = [...(office?.replicas ?? [])]
      .map(([id, { directoryId, endOffset, heardMs }]) => ({ id, directoryId, endOffset, heardMs }))
      .filter((replica) => !voters.some((voter) => sameVoter(voter, replica)))
      .filter(({ heardMs }) => nowMs - heardMs < observerSessionMs)
      .map(({ id, directoryId, endOffset }) => ({ id, directoryId, logEndOffset: endOffset }));
    return { state: this.state, leaderId, epoch, highWatermark, voters: described, observers };
  }

  start(): void {
    invariant(!this.#isRunning, 'the quorum runs already');
    const { network } = this.#options.ports;
    for (const { id, host, port } of this.#host.voters)
      if (id !== this.#host.self.id) network.address(id, host, port);
    const { snapshot } = this.#host;
    if (snapshot !== undefined) this.#host.tellSnapshot(snapshot);
    this.#isRunning = true;
    this.actor.start();
    this.#deliverNews();
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#host.stop();
    this.#send({ type: 'stop' });
    this.#isRunning = false;
  }

  resign(done: () => void): void {
    this.#send({ type: 'resign' });
    this.#host.whenEndIsTold(done);
  }

  handle(from: Peer, request: PeerRequest<QuorumApi>, answer: AnyAnswer): void {
    this.#send(eventOf(from, request, answer));
  }

  observe(evidence: PeerEvidence): void {
    this.#host.noteEvidence(evidence);
    if (evidence.type === 'refused') this.#send({ type: 'peer refused', id: evidence.id });
    if (evidence.type === 'reached' && this.#isDoubting)
      this.#send({ type: 'peer reached', id: evidence.id });
    if (evidence.type === 'unlinked') this.#send({ type: 'peer unlinked', id: evidence.peer.id });
  }

  /** Each heartbeat of each link says that a peer was reached; only who doubts its leader wants to hear it. */
  get #isDoubting(): boolean {
    return this.actor.getSnapshot().matches({ follower: 'doubting' });
  }

  appendRecords(batches: RecordBytes): MetadataAppend {
    if (!this.isLeader) return { outcome: 'not leader' };
    const { log } = this.#host;
    const wallMs = this.#options.ports.clock.wallMs();
    const firstOffset = log.logEndOffset;
    for (const batch of batches) {
      const append = log.appendAsLeader(batch, { leaderEpoch: this.epoch, wallMs, origin: 'coordinator' });
      if (append.outcome === 'appended') continue;
      if (append.outcome === 'refused' && append.mayPass === true && log.logEndOffset === firstOffset) {
        this.#send({ type: 'no room', error: append.message });
        return { outcome: 'no room', error: append.message };
      }
      const error = append.outcome === 'refused' ? append.message : 'a metadata batch was taken for another';
      this.#send({ type: 'log failed', error });
      return { outcome: 'failed', error };
    }
    this.#host.parked.wake();
    return { outcome: 'appended', firstOffset, lastOffset: log.logEndOffset - 1 };
  }

  takeSnapshot(id: SnapshotId, bytes: Uint8Array): void {
    this.#send({ type: 'snapshot taken', id, bytes });
  }

  logFlushed(flushedEndOffset: Offset): void {
    this.#send({ type: 'log flushed', flushedEndOffset });
  }

  logFailed(error: string): void {
    this.#send({ type: 'log failed', error });
  }

  /** Whoever hears the news may find an invariant broken. xstate would throw that into the void: the node must hear of it. */
  #deliverNews(): void {
    try {
      this.#host.deliverNews();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#host.tellFailure(error instanceof Error ? error.message : String(error));
    this.#host.deliverNews();
  }

  #send(event: QuorumEvent): void {
    if (this.#isRunning && this.actor.getSnapshot().status === 'active') this.actor.send(event);
  }
}

function eventOf(from: Peer, request: PeerRequest<QuorumApi>, answer: AnyAnswer): QuorumEvent {
  const { api } = request;
  switch (api) {
    case 'vote': {
      const type = request.body.preVote ? 'pre-vote requested' : 'vote requested';
      return { type, from, body: request.body, answer: (body) => answer({ api, body }) };
    }
    case 'beginQuorumEpoch':
      return { type: 'epoch begun', from, body: request.body, answer: (body) => answer({ api, body }) };
    case 'endQuorumEpoch':
      return { type: 'epoch ended', from, body: request.body, answer: (body) => answer({ api, body }) };
    case 'fetchMetadata':
      return { type: 'fetch requested', from, body: request.body, answer: (body) => answer({ api, body }) };
    case 'fetchSnapshot': {
      const type = 'snapshot chunk requested';
      return { type, from, body: request.body, answer: (body) => answer({ api, body }) };
    }
  }
}

const states = ['observer', 'unattached', 'prospective', 'candidate', 'follower', 'leader', 'resigned'];

function isQuorumState(state: string): state is QuorumState {
  return states.includes(state);
}

/** xstate asks a root actor's clock for two methods; its handles are opaque. */
function xstateClock({ ports: { clock } }: QuorumOptions) {
  return {
    setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, delayMs),
    clearTimeout: (handle: number | object) => clock.clearTimeout(handle),
  };
}
