// One connection from a dialler to a listener: dialling, up, closed. Requests flow one way and answers the other.

import {
  type Channel,
  Few,
  type NodeId,
  type Peer,
  type PeerAnswer,
  type PeerEvidence,
  type PeerHandler,
  type PeerRequest,
} from '@odradek/model';
import type { AnyRequest, EnvelopeTrip, UnderWay } from './envelope-trip.ts';
import type { Cuts, Hold, MessageUnderWay } from './network-faults.ts';
import { NetworkLane, type WatchedParcel } from './network-lane.ts';
import type { NetworkObserver } from './network-observer.ts';
import type { AnyQuestion } from './network-question.ts';
import type { TraceHash } from './trace-hash.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** A process on the network. */
export interface Endpoint {
  readonly process: VirtualProcess;
  readonly address: string;
  handler: PeerHandler | undefined;
}

/** A request and the answer that was given to it. */
export interface Exchange {
  readonly asker: Peer;
  readonly answerer: Peer;
  readonly request: PeerRequest;
  readonly answer: PeerAnswer;
}

/** What a connection needs of the network it belongs to. */
export interface ConnectionNetwork {
  readonly time: VirtualTime;
  readonly cuts: Cuts;
  readonly behaviour: { readonly silenceLimitMs: number };
  readonly trace: TraceHash | undefined;
  readonly trip: EnvelopeTrip;
  delayMs(from: NodeId, to: NodeId): number;
  /** True so many times in a hundred. */
  draws(percent: number): boolean;
  forget(connection: NetworkConnection): void;
  endpointAt(address: string): Endpoint | undefined;
  isSilent(address: string): boolean;
  /** Whether a control connection of one process to another is open. */
  isLinked(from: VirtualProcess, to: VirtualProcess): boolean;
  /** Sees every answer at the moment when it is given (O5). */
  readonly onAnswer: ((exchange: Exchange) => void) | undefined;
  /** Sees every message when it leaves. */
  readonly observer: NetworkObserver | undefined;
  holdOf(message: MessageUnderWay): Hold | undefined;
  isLost(message: MessageUnderWay): boolean;
  /** Whether a request comes twice: its asker has sent it again on another connection (E1). */
  isTwice(message: MessageUnderWay): boolean;
}

/** A message on its way, as it was sent and as it will arrive, and who looks at it. */
interface Parcel<T> {
  readonly kind: MessageUnderWay['kind'];
  readonly sent: AnyRequest;
  readonly underWay: UnderWay<T>;
  readonly watched: WatchedParcel | undefined;
}

/** As of a link between nodes. */
const HEARTBEAT_MS = 500;

export class NetworkConnection {
  readonly address: string;
  readonly #network: ConnectionNetwork;
  readonly #dialler: Endpoint;
  readonly #toId: NodeId;
  readonly #channel: Channel;
  readonly #there: NetworkLane;
  readonly #back: NetworkLane;
  #state: 'dialling' | 'up' | 'closed' = 'dialling';
  #listener: Endpoint | undefined;
  /** Whether the listener still takes this connection for open. */
  #isOpenAtListener = false;
  /** One end is a process that has ended, on a host where another runs now. */
  #isOrphan = false;
  readonly #questions = new Few<AnyQuestion>();
  #heldRequests: Hold | undefined;
  #cancelSilence: (() => void) | undefined;
  /** When it was last told that the other side answers. */
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(
    network: ConnectionNetwork,
    dialler: Endpoint,
    toId: NodeId,
    address: string,
    channel: Channel,
  ) {
    this.address = address;
    this.#network = network;
    this.#dialler = dialler;
    this.#toId = toId;
    this.#channel = channel;
    const { id } = dialler.process.identity;
    this.#there = new NetworkLane(network.time, () => network.delayMs(id, toId), 1000 * (id + 1) + toId);
    this.#back = new NetworkLane(
      network.time,
      () => network.delayMs(toId, id),
      1_000_000 + 1000 * (toId + 1) + id,
    );
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  dial(): void {
    this.#there.send(this.#mayGo, () => {
      const listener = this.#network.endpointAt(this.address);
      if (listener === undefined) {
        this.#back.send(this.#mayComeBack, () => this.#refused());
        return;
      }
      // Its kernel has taken the connection, also while the process is paused: when that is killed, the dialler hears of it.
      this.#listener = listener;
      this.look();
      listener.process.run(() => this.#accepted());
    });
    this.look();
  }

  ask(question: AnyQuestion): void {
    this.#questions.add(question);
    if (this.#state === 'up') this.#send(question);
  }

  /** Evidence is wanted: a connection that is up shows that the other process answers. */
  probe(): void {
    if (this.#state !== 'up') return;
    this.#there.send(this.#mayGo, () =>
      this.#listener?.process.run(() =>
        this.#back.send(this.#mayComeBack, () => this.#observe({ type: 'reached', id: this.#toId })),
      ),
    );
  }

  /** Tries again what waits, resets what nobody knows any more, and gives up who is silent for too long. */
  look(): void {
    if (this.#isOrphan && !this.#isBlocked()) {
      this.#isOrphan = false;
      this.#network.time.after(this.#network.delayMs(this.#dialler.process.identity.id, this.#toId), () =>
        this.breakDown(),
      );
    }
    this.#there.pump();
    this.#back.pump();
    if (!this.#isBlocked()) {
      this.#cancelSilence?.();
      this.#cancelSilence = undefined;
    } else if (this.#cancelSilence === undefined) {
      this.#cancelSilence = this.#network.time.after(this.#network.behaviour.silenceLimitMs, () =>
        this.breakDown(),
      );
    }
  }

  /** A killed process: its kernel closes its connections behind what was sent. */
  processEnded(process: VirtualProcess): void {
    if (process === this.#dialler.process) {
      this.#there.send(this.#mayGo, () => this.breakDown());
      this.#state = 'closed';
    } else if (process === this.#listener?.process) {
      this.#isOpenAtListener = false;
      this.#back.send(this.#mayComeBack, () => this.breakDown());
    }
  }

  /** What is under way is lost; but who still dials, dials on. */
  hostSilenced(address: string): void {
    if (this.#listener === undefined) return;
    if (address === this.#dialler.address || address === this.address) {
      this.#there.close();
      this.#back.close();
    }
  }

  /** The host runs another process now, which knows nothing of this connection. */
  processReplaced(by: Endpoint): void {
    const ends = [this.#dialler, this.#listener];
    if (ends.some((end) => end?.address === by.address && end.process !== by.process)) this.#isOrphan = true;
    this.look();
  }

  /** Broken at both ends: questions fail, the listener sees its peer go. */
  breakDown(): void {
    this.#there.close();
    this.#back.close();
    this.#cancelSilence?.();
    this.#network.forget(this);
    this.#state = 'closed';
    for (const question of this.#questions.take()) question.fail('disconnected');
    this.#unlink();
  }

  /** Whether it connects these two, whoever dialled. */
  isBetween(one: NodeId, other: NodeId): boolean {
    const { id } = this.#dialler.process.identity;
    return (id === one && this.#toId === other) || (id === other && this.#toId === one);
  }

  links(from: VirtualProcess, to: VirtualProcess): boolean {
    return this.linkedTo(to) === from;
  }

  linkedTo(process: VirtualProcess): VirtualProcess | undefined {
    const isLink = this.#channel === 'control' && this.#isOpenAtListener;
    return isLink && this.#listener?.process === process ? this.#dialler.process : undefined;
  }

  readonly #mayGo = (): boolean => this.#isWayOpen(this.#dialler, this.#toId, this.address);

  readonly #mayComeBack = (): boolean =>
    !this.#network.cuts.isCut(this.#toId, this.#dialler.process.identity.id) &&
    !this.#network.isSilent(this.address) &&
    !this.#network.isSilent(this.#dialler.address);

  #isWayOpen(from: Endpoint, toId: NodeId, to: string): boolean {
    return (
      !this.#network.cuts.isCut(from.process.identity.id, toId) &&
      !this.#network.isSilent(to) &&
      !this.#network.isSilent(from.address)
    );
  }

  #isBlocked(): boolean {
    const isPaused = this.#dialler.process.isPaused || this.#listener?.process.isPaused === true;
    return isPaused || !this.#mayGo() || !this.#mayComeBack();
  }

  #refused(): void {
    this.#dialler.process.run(() => {
      this.#network.trace?.note(this.#network.time.nowMs, `${this.#way()} refused`);
      this.#network.forget(this);
      this.#cancelSilence?.();
      this.#state = 'closed';
      for (const question of this.#questions.take()) question.fail('refused');
      const tell = (): void => this.#observe({ type: 'refused', id: this.#toId });
      // Whether who asked hears first that its question failed or why, is nobody's promise.
      if (this.#network.draws(50)) this.#network.time.after(0, tell);
      else tell();
    });
  }

  #accepted(): void {
    const listener = this.#listener;
    if (this.#state === 'closed' || listener === undefined) return;
    const { identity } = this.#dialler.process;
    const wasLinked = this.#network.isLinked(this.#dialler.process, listener.process);
    this.#isOpenAtListener = true;
    if (this.#channel === 'control' && !wasLinked)
      listener.handler?.observe({ type: 'linked', peer: identity });
    this.#back.send(this.#mayComeBack, () =>
      this.#dialler.process.run(() => {
        if (this.#state !== 'dialling') return;
        this.#state = 'up';
        this.#heard();
        for (const question of this.#questions.all) this.#send(question);
      }),
    );
  }

  #send(question: AnyQuestion): void {
    if (question.isSettled) {
      this.#questions.delete(question);
      return;
    }
    const { request: sent } = question;
    const underWay = this.#network.trip.request(sent);
    const watched = this.#watched('request', sent);
    const arrive = (): void =>
      this.#arrive({ kind: 'request', sent, underWay, watched }, (message, times) => {
        const listener = this.#listener;
        for (let time = 0; time < times; time++)
          listener?.process.run(() => {
            listener.handler?.handle(this.#dialler.process.identity, message, (answer) =>
              this.#answer(question, message, answer),
            );
          });
      });
    this.#there.send(this.#mayGo, arrive, watched);
  }

  #answer(question: AnyQuestion, request: PeerRequest, answer: PeerAnswer): void {
    const answerer = this.#listener?.process;
    if (answerer?.isRunning !== true) return;
    this.#network.onAnswer?.({
      asker: this.#dialler.process.identity,
      answerer: answerer.identity,
      request,
      answer,
    });
    if (this.#state !== 'up') return;
    const underWay = this.#network.trip.answer(answer);
    const watched = this.#watched('answer', answer);
    const arrive = (): void =>
      this.#arrive({ kind: 'answer', sent: answer, underWay, watched }, (message) => {
        if (!this.#questions.delete(question)) return;
        question.answer(message);
        this.#heard();
      });
    this.#back.send(this.#mayComeBack, arrive, watched);
  }

  /** A message at the end of its way, where a fault may still hold or lose it. */
  #arrive<T>(
    { kind, sent, underWay, watched }: Parcel<T>,
    deliver: (message: T, times: number) => void,
  ): void {
    const { api, body } = sent;
    const { from, to } = this.#endsOf(kind);
    const message: MessageUnderWay = { from, to, channel: this.#channel, api, kind, body };
    const { trace, time } = this.#network;
    if (this.#network.isLost(message)) {
      watched?.lost();
      trace?.note(time.nowMs, `${from}>${to} ${api} ${kind} lost`);
      this.breakDown();
      return;
    }
    const arrive = (): void => {
      const { message: arrived, checksum } = underWay.arrive();
      trace?.message(time.nowMs, { from, to, api, kind, checksum });
      deliver(arrived, kind === 'request' && this.#network.isTwice(message) ? 2 : 1);
    };
    const hold = this.#holdOf(message);
    if (hold === undefined) arrive();
    else hold.held.push({ message, arrive });
  }

  /** What the observer is told of a message; nothing is made when there is none. */
  #watched(kind: MessageUnderWay['kind'], { api, body }: AnyRequest): WatchedParcel | undefined {
    const { observer, time } = this.#network;
    if (observer === undefined) return undefined;
    const { nowMs: sentMs } = time;
    const seen = { kind, api, body, ...this.#endsOf(kind), sentMs };
    return {
      left: (arrivesMs, isLost) => observer.sent({ ...seen, arrivesMs, isLost }),
      lost: () => observer.sent({ ...seen, arrivesMs: time.nowMs, isLost: true }),
      late: () => observer.sent({ ...seen, arrivesMs: time.nowMs, isLost: false }),
    };
  }

  #endsOf(kind: MessageUnderWay['kind']): { readonly from: NodeId; readonly to: NodeId } {
    const { id } = this.#dialler.process.identity;
    return kind === 'request' ? { from: id, to: this.#toId } : { from: this.#toId, to: id };
  }

  /** A held request holds what is behind it on its connection; an answer is held alone, as if it were given later. */
  #holdOf(message: MessageUnderWay): Hold | undefined {
    if (message.kind === 'answer') return this.#network.holdOf(message);
    if (this.#heldRequests?.isReleased !== false) this.#heldRequests = this.#network.holdOf(message);
    return this.#heldRequests;
  }

  /** A link tells with its welcome, and then with its heartbeats, that the other side is there. */
  #heard(): void {
    const { nowMs } = this.#network.time;
    if (nowMs - this.#toldMs < HEARTBEAT_MS) return;
    this.#toldMs = nowMs;
    this.#observe({ type: 'reached', id: this.#toId });
  }

  #observe(evidence: PeerEvidence): void {
    const { process, handler } = this.#dialler;
    process.run(() => handler?.observe(evidence));
  }

  #unlink(): void {
    const listener = this.#listener;
    if (listener === undefined || !this.#isOpenAtListener) return;
    this.#isOpenAtListener = false;
    if (this.#channel !== 'control') return;
    const { process: gone } = this.#dialler;
    listener.process.run(() => {
      if (!this.#network.isLinked(gone, listener.process))
        listener.handler?.observe({ type: 'unlinked', peer: gone.identity });
    });
  }

  #way(): string {
    return `${this.#dialler.process.identity.id}>${this.#toId} ${this.#channel}`;
  }
}
