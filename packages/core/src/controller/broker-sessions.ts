// Which brokers are alive, by evidence and by timeout. It belongs to one controller and is no metadata: a new controller gives
// everybody a fresh session, but counts the evidence from before it became active.

import type { MetadataImage, NodeId, Offset, PeerEvidence } from '@odradek/model';

/** D6: what is wrong with a broker's disk, as its heartbeats say. */
export interface DiskTrouble {
  readonly isMetadataStuck: boolean;
  readonly noRoom: string;
}

const noTrouble: DiskTrouble = { isMetadataStuck: false, noRoom: '' };
/** X6: a sentence of a node is kept up to here. */
const MOST_TROUBLE_LENGTH = 300;

interface Session {
  lastHeardMs: number;
  /** What the broker said to have of the metadata. */
  metadataOffset: Offset;
  /** Until then a broker that came back keeps its place in in-sync sets though it is fenced. */
  seatUntilMs: number | undefined;
  /** Its end was noticed and dealt with. */
  isOver: boolean;
  /** Where the changes of its controlled shutdown end in the metadata (C9). */
  shutdownOffset: Offset | undefined;
  trouble: DiskTrouble;
  /** Since when its disk has room, as far as it said; never, while it has none. */
  roomSinceMs: number;
}

/** How the session of a broker ended. */
export interface EndedSession {
  readonly id: NodeId;
  /** No link of it is open, and its address refuses. */
  readonly isRefusing: boolean;
  /** For how long it was not heard. */
  readonly silentMs: number;
}

/** The times of `configuration`, in ms. */
export interface SessionTimes {
  readonly sessionTimeoutMs: number;
  /** After a refused connection. */
  readonly graceMs: number;
  /** After this time there is not only room for a moment. */
  readonly lastingRoomMs: number;
}

/** Sessions and links by broker. Times are of the monotonic clock. */
export class BrokerSessions {
  private readonly times: SessionTimes;
  private readonly sessions = new Map<NodeId, Session>();
  private readonly links = new Map<NodeId, Set<string>>();
  private readonly refusedSinceMs = new Map<NodeId, number>();

  constructor(times: SessionTimes) {
    this.times = times;
  }

  /** Everybody anew: this controller has just become active, or has just woken from a pause (E6). */
  refresh(image: MetadataImage, nowMs: number): void {
    this.sessions.clear();
    // Older evidence may be of a process before the present one.
    for (const [id, sinceMs] of this.refusedSinceMs)
      if (sinceMs < nowMs - this.times.sessionTimeoutMs) this.refusedSinceMs.delete(id);
    for (const { id } of image.brokers.values()) this.begin(id, nowMs);
  }

  /** A broker came with a new registration. */
  registered(id: NodeId, nowMs: number): void {
    this.refusedSinceMs.delete(id);
    this.begin(id, nowMs);
  }

  private begin(id: NodeId, nowMs: number): void {
    const seatUntilMs = nowMs + this.times.sessionTimeoutMs;
    const nothing = {
      ...{ metadataOffset: -1, isOver: false, shutdownOffset: undefined },
      trouble: noTrouble,
    };
    const roomSinceMs = roomSince(this.sessions.get(id), noTrouble, nowMs);
    this.sessions.set(id, { lastHeardMs: nowMs, seatUntilMs, roomSinceMs, ...nothing });
  }

  /** It has just spoken under its present registration. `isFenced`: as it is afterwards. */
  heard(
    id: NodeId,
    { metadataOffset, isMetadataStuck, noRoom }: DiskTrouble & { readonly metadataOffset: Offset },
    isFenced: boolean,
    nowMs: number,
  ): void {
    this.refusedSinceMs.delete(id);
    const before = this.sessions.get(id);
    const seatUntilMs = isFenced ? before?.seatUntilMs : undefined;
    // A seat that was given up does not come back by heartbeats, only by catching up.
    const isOver = isFenced && (before?.isOver ?? false);
    const shutdownOffset = before?.shutdownOffset;
    const isWell = !isMetadataStuck && noRoom === '';
    const trouble = isWell ? noTrouble : { isMetadataStuck, noRoom: noRoom.slice(0, MOST_TROUBLE_LENGTH) };
    this.sessions.set(id, {
      lastHeardMs: nowMs,
      metadataOffset,
      seatUntilMs,
      isOver,
      shutdownOffset,
      trouble,
      roomSinceMs: roomSince(before, trouble, nowMs),
    });
  }

  /** What the links showed. True: wants a probe, for a link was lost. */
  observe(evidence: PeerEvidence, nowMs: number): boolean {
    switch (evidence.type) {
      case 'linked':
        this.linksOf(evidence.peer.id).add(evidence.peer.incarnation);
        this.refusedSinceMs.delete(evidence.peer.id);
        return false;
      case 'unlinked':
        this.linksOf(evidence.peer.id).delete(evidence.peer.incarnation);
        return true;
      case 'refused':
        // With an open link somebody of that name lives, who does not listen yet, or any more.
        if (!this.hasLink(evidence.id) && !this.refusedSinceMs.has(evidence.id))
          this.refusedSinceMs.set(evidence.id, nowMs);
        return false;
      case 'reached':
        this.refusedSinceMs.delete(evidence.id);
        return false;
    }
  }

  /** Whether its address was seen to refuse, and not to answer since. */
  isRefusing(id: NodeId): boolean {
    return this.refusedSinceMs.has(id);
  }

  /** Whether a control link of this process is open here: it lives. */
  isLinked(id: NodeId, incarnation: string): boolean {
    return this.links.get(id)?.has(incarnation) ?? false;
  }

  /** Whether this process has spoken to this controller: by a link, or by a heartbeat. */
  isHeard(id: NodeId, incarnation: string): boolean {
    return this.isLinked(id, incarnation) || (this.sessions.get(id)?.metadataOffset ?? -1) >= 0;
  }

  isAlive(id: NodeId, nowMs: number): boolean {
    const session = this.sessions.get(id);
    return session !== undefined && !session.isOver && nowMs < this.endMs(id, session);
  }

  /** When a session ends next. Undefined: none will. */
  nextEndMs(): number | undefined {
    let next: number | undefined;
    for (const [id, session] of this.sessions) {
      if (session.isOver) continue;
      const endMs = this.endMs(id, session);
      if (next === undefined || endMs < next) next = endMs;
    }
    return next;
  }

  /** Those whose session has ended; each is told once, until it is heard again. */
  takeEnded(nowMs: number): readonly EndedSession[] {
    const ended: EndedSession[] = [];
    for (const [id, session] of this.sessions) {
      if (session.isOver || nowMs < this.endMs(id, session)) continue;
      session.isOver = true;
      ended.push({ id, isRefusing: this.isRefusing(id), silentMs: nowMs - session.lastHeardMs });
    }
    return ended;
  }

  /** C9: it goes, and what that changes ends at `offset`; said again, the first offset stays. */
  leaving(id: NodeId, offset: Offset): void {
    const session = this.sessions.get(id);
    if (session !== undefined) session.shutdownOffset ??= offset;
  }

  /** Those who live, and whose last word was that something is wrong with their disk. */
  troubled(): readonly (DiskTrouble & { readonly broker: NodeId })[] {
    return [...this.sessions].flatMap(([broker, { trouble, isOver }]) =>
      trouble === noTrouble || isOver ? [] : [{ broker, ...trouble }],
    );
  }

  /** D6: whether it takes no records of clients, and may not even hear of what it is given. */
  lacksRoom(id: NodeId): boolean {
    return (this.sessions.get(id)?.trouble ?? noTrouble) !== noTrouble;
  }

  /** Whether anybody who lives does. */
  get someLackRoom(): boolean {
    return this.troubled().length > 0;
  }

  /** D6, W5: whether it has had room for so long that it may be given what another has no room for. */
  hasLastingRoom(id: NodeId, nowMs: number): boolean {
    const since = this.sessions.get(id)?.roomSinceMs ?? Number.NEGATIVE_INFINITY;
    return nowMs >= since + this.times.lastingRoomMs;
  }

  /** When the next of those that have room again has had it for long enough. Undefined: all have, or none. */
  nextLastingRoomMs(nowMs: number): number | undefined {
    const due = [...this.sessions.values()].map(({ roomSinceMs }) => roomSinceMs + this.times.lastingRoomMs);
    const next = Math.min(...due.filter((dueMs) => dueMs > nowMs));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  shutdownOffsetOf(id: NodeId): Offset | undefined {
    return this.sessions.get(id)?.shutdownOffset;
  }

  /** C9: whether all of these brokers have seen the metadata up to `offset`. */
  haveSeen(ids: readonly NodeId[], offset: Offset): boolean {
    return ids.every((id) => (this.sessions.get(id)?.metadataOffset ?? -1) >= offset);
  }

  private linksOf(id: NodeId): Set<string> {
    const links = this.links.get(id) ?? new Set();
    this.links.set(id, links);
    return links;
  }

  private endMs(id: NodeId, session: Session): number {
    const silentMs = session.lastHeardMs + this.times.sessionTimeoutMs;
    const refusedMs = this.refusedEndMs(id);
    return Math.min(silentMs, refusedMs, session.seatUntilMs ?? Number.POSITIVE_INFINITY);
  }

  private hasLink(id: NodeId): boolean {
    return (this.links.get(id)?.size ?? 0) > 0;
  }

  private refusedEndMs(id: NodeId): number {
    const refusedMs = this.refusedSinceMs.get(id);
    return refusedMs === undefined ? Number.POSITIVE_INFINITY : refusedMs + this.times.graceMs;
  }
}

function roomSince(before: Session | undefined, trouble: DiskTrouble, nowMs: number): number {
  if (trouble !== noTrouble) return Number.POSITIVE_INFINITY;
  const since = before?.roomSinceMs ?? Number.NEGATIVE_INFINITY;
  return since === Number.POSITIVE_INFINITY ? nowMs : since;
}
