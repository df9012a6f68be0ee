// The network between the nodes of a simulated world. Connections behave as TCP does: in order, or broken; a dead process refuses,
// a dead host is silent, a cut way is silent both for what waits and for who dials (E1, E2, E3).

import type { Channel, NodeId, PeerApi, Random } from '@odradek/model';
import { EnvelopeTrip } from './envelope-trip.ts';
import {
  type ConnectionNetwork,
  type Endpoint,
  type Exchange,
  NetworkConnection,
} from './network-connection.ts';
import { Cuts, type Hold, type MessageMatch, type MessageUnderWay, matches } from './network-faults.ts';
import type { NetworkObserver } from './network-observer.ts';
import { NetworkPort, type PortNetwork } from './network-port.ts';
import type { TraceHash } from './trace-hash.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** How a network behaves when nothing is wrong. */
export interface NetworkBehaviour {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** A connection whose way is blocked for so long is broken at both ends: what missed heartbeats do to a link. */
  readonly silenceLimitMs: number;
  /** Of a hundred messages so many break their connection when they arrive, before or after their effect (E1). */
  readonly breakPercent: number;
}

export const calmNetwork: NetworkBehaviour = {
  minDelayMs: 1,
  maxDelayMs: 3,
  silenceLimitMs: 3000,
  breakPercent: 0,
};

export class VirtualNetwork implements ConnectionNetwork, PortNetwork {
  readonly cuts = new Cuts();
  readonly time: VirtualTime;
  readonly trace: TraceHash | undefined;
  readonly trip: EnvelopeTrip;
  behaviour: NetworkBehaviour;
  onAnswer: ((exchange: Exchange) => void) | undefined;
  observer: NetworkObserver | undefined;
  readonly #random: Random;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #silentHosts = new Set<string>();
  readonly #connections = new Set<NetworkConnection>();
  readonly #holds: Hold[] = [];
  readonly #slow = new Map<string, Pick<NetworkBehaviour, 'minDelayMs' | 'maxDelayMs'>>();
  readonly #losses: MessageMatch[] = [];
  readonly #doubles: MessageMatch[] = [];

  constructor(
    time: VirtualTime,
    random: Random,
    options: {
      readonly behaviour?: NetworkBehaviour;
      readonly trace?: TraceHash;
      readonly trip?: EnvelopeTrip;
    } = {},
  ) {
    this.time = time;
    this.#random = random;
    this.behaviour = options.behaviour ?? calmNetwork;
    this.trace = options.trace;
    this.trip = options.trip ?? new EnvelopeTrip(0);
  }

  /** The network port of one process that listens at an address. */
  attach(process: VirtualProcess, host: string, port: number): NetworkPort {
    const address = `${host}:${port}`;
    const before = this.#endpoints.get(address);
    if (before !== undefined && !before.process.hasEnded)
      throw new Error(`Node ${before.process.identity.id} already listens at ${address}`);
    const endpoint: Endpoint = { process, address, handler: undefined };
    this.#silentHosts.delete(address);
    this.#endpoints.set(address, endpoint);
    // A host that is up again answers what belonged to its former process with a reset.
    for (const connection of [...this.#connections]) connection.processReplaced(endpoint);
    this.look();
    process.whenEnded(() => {
      for (const connection of [...this.#connections]) connection.processEnded(process);
    });
    return new NetworkPort(this, endpoint);
  }

  /** The host of a node loses its power: nothing comes from it any more, not even a refusal, until a process is attached again. */
  silence(host: string, port: number): void {
    const address = `${host}:${port}`;
    this.#silentHosts.add(address);
    for (const connection of this.#connections) connection.hostSilenced(address);
    this.look();
  }

  /** Blocked ways have changed: what waits tries again, and who is silent for too long is given up. */
  look(): void {
    for (const connection of [...this.#connections]) connection.look();
  }

  cut(from: NodeId, to: NodeId): void {
    this.cuts.cut(from, to);
    this.look();
  }

  heal(from: NodeId, to: NodeId): void {
    this.cuts.heal(from, to);
    this.look();
  }

  healAll(): void {
    this.#slow.clear();
    this.cuts.healAll();
    this.look();
  }

  /** One way is slow from now on, or no more. */
  slow(
    from: NodeId,
    to: NodeId,
    delay: Pick<NetworkBehaviour, 'minDelayMs' | 'maxDelayMs'> | undefined,
  ): void {
    if (delay === undefined) this.#slow.delete(`${from}>${to}`);
    else this.#slow.set(`${from}>${to}`, delay);
  }

  /** Every connection between two nodes breaks, with what is under way on it (E1). */
  break(one: NodeId, other: NodeId): void {
    for (const connection of [...this.#connections])
      if (connection.isBetween(one, other)) connection.breakDown();
  }

  /** Holds every matching message from now on, or only the next few, until they are released. */
  hold(match: MessageMatch, mayTake = Number.POSITIVE_INFINITY): Hold {
    const hold: Hold = { match, held: [], mayTake, isReleased: false };
    this.#holds.push(hold);
    return hold;
  }

  release(hold: Hold): void {
    hold.isReleased = true;
    const index = this.#holds.indexOf(hold);
    if (index >= 0) this.#holds.splice(index, 1);
    for (const { arrive } of hold.held.splice(0)) this.time.after(0, arrive);
  }

  /** Lets what is held go on up to the first message of an API; false, and nothing moves, when there is none. */
  releaseNext(hold: Hold, api: PeerApi): boolean {
    const index = hold.held.findIndex(({ message }) => message.api === api);
    for (const { arrive } of hold.held.splice(0, index + 1)) this.time.after(0, arrive);
    return index >= 0;
  }

  releaseAll(): void {
    for (const hold of [...this.#holds]) this.release(hold);
  }

  /** The next matching message is lost, and its connection with it. Of an answer: lost after the effect (E1). */
  loseNext(match: MessageMatch): void {
    this.#losses.push(match);
  }

  /** The next matching request comes twice; its first answer counts. */
  doubleNext(match: MessageMatch): void {
    this.#doubles.push(match);
  }

  // What follows is for ports and connections.

  connect(dialler: Endpoint, toId: NodeId, address: string, channel: Channel): NetworkConnection {
    const connection = new NetworkConnection(this, dialler, toId, address, channel);
    this.#connections.add(connection);
    connection.dial();
    return connection;
  }

  forget(connection: NetworkConnection): void {
    this.#connections.delete(connection);
  }

  endpointAt(address: string): Endpoint | undefined {
    const endpoint = this.#endpoints.get(address);
    return endpoint === undefined || endpoint.process.hasEnded ? undefined : endpoint;
  }

  isSilent(address: string): boolean {
    return this.#silentHosts.has(address);
  }

  /** Whether another control connection of the same process to this one is open. */
  isLinked(from: VirtualProcess, to: VirtualProcess): boolean {
    for (const connection of this.#connections) if (connection.links(from, to)) return true;
    return false;
  }

  /** The processes whose control connections to this one are open. */
  linkedTo(process: VirtualProcess): VirtualProcess[] {
    return [...this.#connections].flatMap((connection) => connection.linkedTo(process) ?? []);
  }

  delayMs(from: NodeId, to: NodeId): number {
    const slow = this.#slow.size === 0 ? undefined : this.#slow.get(`${from}>${to}`);
    const { minDelayMs, maxDelayMs } = slow ?? this.behaviour;
    return minDelayMs + this.#random.below(maxDelayMs - minDelayMs + 1);
  }

  draws(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  holdOf(message: MessageUnderWay): Hold | undefined {
    if (this.#holds.length === 0) return undefined;
    const found = this.#holds.find((hold) => hold.mayTake > 0 && matches(hold.match, message));
    if (found !== undefined) found.mayTake--;
    return found;
  }

  isTwice(message: MessageUnderWay): boolean {
    if (this.#doubles.length === 0) return false;
    const index = this.#doubles.findIndex((match) => matches(match, message));
    if (index >= 0) this.#doubles.splice(index, 1);
    return index >= 0;
  }

  isLost(message: MessageUnderWay): boolean {
    if (this.#losses.length > 0) {
      const index = this.#losses.findIndex((match) => matches(match, message));
      if (index >= 0) {
        this.#losses.splice(index, 1);
        return true;
      }
    }
    const { breakPercent } = this.behaviour;
    return breakPercent > 0 && this.#random.below(10_000) < breakPercent * 100;
  }
}
