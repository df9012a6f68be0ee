import { buildBatch } from '@odradek/format';
import {
  type MemoryLog,
  memoryLog,
  type NodeId,
  type Peer,
  type PeerRequest,
  type PeerResponse,
  type Voter,
} from '@odradek/model';
import {
  createQuorum,
  type DurableVoteState,
  noVoteState,
  type Quorum,
  type QuorumApi,
  type QuorumListener,
  type QuorumTimeouts,
  type SnapshotId,
  type Stored,
} from '../../src/index.ts';
import { TestNetwork } from './test-network.ts';
import { SeededRandom, Timeline } from './timeline.ts';

const diskMs = 1;
const NO_ROOM = 'append failed: ENOSPC';

export const timeouts: Partial<QuorumTimeouts> = {
  electionTimeoutMs: 150,
  fetchTimeoutMs: 600,
  electionBackoffMaxMs: 300,
  requestTimeoutMs: 300,
};

export function directoryOf(id: NodeId): string {
  return `${'A'.repeat(20)}${String.fromCharCode(65 + id)}Q`;
}

interface Durable {
  voteState: DurableVoteState;
  readonly snapshots: Map<number, { readonly id: SnapshotId; readonly bytes: Uint8Array }>;
}

/** One member with its disk, which outlives its process. */
export class Member {
  readonly peer: Peer;
  readonly durable: Durable = { voteState: noVoteState, snapshots: new Map() };
  readonly #world: World;
  /** What the log is now; between two lives what the next one finds. */
  log: MemoryLog;
  quorum: Quorum | undefined;
  holdsFlushes = false;
  holdsVoteStates = false;
  /** Its disk has no room for anything new. */
  isFull = false;
  #storing: (() => void)[] = [];
  #life = 0;

  constructor(world: World, id: NodeId) {
    this.#world = world;
    this.peer = { id, directoryId: directoryOf(id), incarnation: `life of ${id}` };
    this.log = memoryLog({ later: () => {} });
  }

  get id(): NodeId {
    return this.peer.id;
  }

  get running(): Quorum {
    if (this.quorum === undefined) throw new Error(`member ${this.id} is not running`);
    return this.quorum;
  }

  start(): void {
    this.#life += 1;
    const life = this.#life;
    const later = (callback: () => void): void => {
      this.#world.timeline.setTimeout(() => {
        if (this.#life === life) callback();
      }, diskMs);
    };
    // What was in the log stays; only who is told of its flushes is another.
    const listener = {
      flushed: (end: number) => quorum.logFlushed(end),
      failed: (error: string) => quorum.logFailed(error),
    };
    const holds = (): boolean => this.holdsFlushes;
    this.log = this.log.afterPowerLoss({
      later,
      listener,
      get holdsFlushes() {
        return holds();
      },
    });
    this.#letFill(this.log);
    const network = this.#world.network.attach(this.peer, {
      handle: (from, request, answer) => {
        if (this.#life === life) quorum.handle(from, request as PeerRequest<QuorumApi>, answer);
      },
      observe: (evidence) => {
        if (this.#life === life) quorum.observe(evidence);
      },
    });
    const quorum = createQuorum({
      clusterId: 'cluster',
      self: { id: this.id, directoryId: this.peer.directoryId },
      voters: this.#world.voters,
      log: this.log,
      voteState: this.durable.voteState,
      storage: this.#storage(later),
      ports: { clock: this.#world.timeline, random: this.#world.random, network },
      listener: this.#listener(),
      timeouts,
    });
    this.quorum = quorum;
    let state = '';
    quorum.actor.subscribe({
      next: () => {
        if (this.#life !== life || quorum.state === state) return;
        state = quorum.state;
        this.#world.say(`${this.id} is ${state} in epoch ${quorum.epoch}`);
      },
      // Its listener is told.
      error: () => {},
    });
    quorum.start();
  }

  #letFill(log: MemoryLog): void {
    const [asLeader, asFollower] = [log.appendAsLeader.bind(log), log.appendAsFollower.bind(log)];
    const full = {
      outcome: 'refused',
      error: 'KAFKA_STORAGE_ERROR',
      message: NO_ROOM,
      mayPass: true,
    } as const;
    const appendAsLeader: typeof asLeader = (batch, options) =>
      this.isFull ? full : asLeader(batch, options);
    const appendAsFollower: typeof asFollower = (records) =>
      this.isFull ? { outcome: 'corrupt', message: NO_ROOM } : asFollower(records);
    Object.assign(log, { appendAsLeader, appendAsFollower });
  }

  /** The process ends without a word; `keepsUnflushed`: the machine lives on, and the page cache with it. */
  end(keepsUnflushed: boolean): void {
    const quorum = this.running;
    this.#life += 1;
    this.#world.network.detach(this.peer);
    this.quorum = undefined;
    this.#storing = [];
    quorum.stop();
    if (keepsUnflushed) this.log.flushNow();
  }

  /** The epoch of the last record below an offset. */
  epochAt(endOffset: number): number {
    return this.log.epochs.findLast(({ startOffset }) => startOffset < endOffset)?.epoch ?? -1;
  }

  letVoteStatesThrough(): void {
    this.holdsVoteStates = false;
    for (const store of this.#storing.splice(0)) store();
  }

  #storage(later: (callback: () => void) => void) {
    const { durable } = this;
    const latest = () => [...durable.snapshots.values()].at(-1);
    return {
      storeVoteState: (state: DurableVoteState, done: Stored) => {
        const store = (): void =>
          later(() => {
            if (this.isFull) return done(NO_ROOM, true);
            durable.voteState = state;
            done();
          });
        if (this.holdsVoteStates) this.#storing.push(store);
        else store();
      },
      latestSnapshot: () => latest()?.id,
      readSnapshot: (id: SnapshotId) => durable.snapshots.get(id.endOffset)?.bytes,
      storeSnapshot: (id: SnapshotId, bytes: Uint8Array, done: Stored) =>
        later(() => {
          if (this.isFull) return done(NO_ROOM, true);
          durable.snapshots.clear();
          durable.snapshots.set(id.endOffset, { id, bytes });
          done();
        }),
    };
  }

  #listener(): QuorumListener {
    const { id } = this;
    const say = (text: string): void => this.#world.say(`${id} ${text}`);
    return {
      becameLeader: (epoch, startOffset) => {
        this.#world.noteLeader(id, epoch);
        say(`leads epoch ${epoch} from offset ${startOffset}`);
      },
      lostLeadership: (epoch) => say(`no longer leads epoch ${epoch}`),
      leaderChanged: (leaderId, epoch) => {
        if (leaderId !== undefined && leaderId !== id) say(`follows ${leaderId} in epoch ${epoch}`);
      },
      highWatermarkMoved: (offset) => {
        this.#world.noteCommitted(this, offset);
        say(`knows offsets below ${offset} as committed`);
      },
      snapshotLoaded: (snapshot, bytes) =>
        say(
          `replays the snapshot up to ${snapshot.endOffset} of epoch ${snapshot.epoch} (${bytes.length} bytes)`,
        ),
      complained: (text) => say(`complains: ${text}`),
      warned: (text) => say(`warns: ${text}`),
      failed: (error) => say(`FAILED: ${error}`),
    };
  }
}

/** Members on one virtual timeline. What happens is told in words; what must never happen throws. */
export class World {
  readonly timeline = new Timeline();
  readonly random: SeededRandom;
  readonly network = new TestNetwork(this.timeline);
  readonly members = new Map<NodeId, Member>();
  readonly voters: readonly Voter[];
  /** What happened since it was last looked at. */
  lines: string[] = [];
  /** The highest high watermark that anybody ever knew. */
  committedEnd = 0;
  readonly #leaders = new Map<number, NodeId>();
  /** The oracle: committed batches by base offset, as text. */
  readonly #committed = new Map<number, string>();

  constructor(voters: readonly NodeId[], observers: readonly NodeId[] = [], seed = 1) {
    this.random = new SeededRandom(seed);
    this.voters = voters.map((id) => ({
      id,
      directoryId: directoryOf(id),
      host: 'localhost',
      port: 9000 + id,
    }));
    for (const id of [...voters, ...observers]) this.members.set(id, new Member(this, id));
  }

  member(id: NodeId): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }

  start(...ids: readonly NodeId[]): this {
    for (const id of ids.length === 0 ? this.members.keys() : ids) this.member(id).start();
    return this;
  }

  say(line: string): void {
    this.lines.push(line);
  }

  run(ms: number): this {
    this.timeline.run(ms);
    return this;
  }

  until(what: string, isDone: () => boolean, limitMs = 20_000): void {
    if (!this.timeline.run(limitMs, isDone))
      throw new Error(`${what}: not within ${limitMs} ms\n${this.lines.join('\n')}`);
  }

  /** Whoever leads the highest epoch. */
  get leader(): Member | undefined {
    return [...this.members.values()]
      .filter((member) => member.quorum?.isLeader)
      .toSorted((one, other) => other.running.epoch - one.running.epoch)[0];
  }

  /** Waits for a leader that has committed in its epoch. */
  settle(limitMs = 20_000): Member {
    const settled = (): Member | undefined =>
      this.leader?.running.highWatermark === this.leader?.log.logEndOffset ? this.leader : undefined;
    this.until('a leader that has committed', () => settled() !== undefined, limitMs);
    const { leader } = this;
    if (leader === undefined) throw new Error('no leader');
    return leader;
  }

  isolate(id: NodeId): void {
    for (const other of this.members.keys()) {
      this.network.cut(id, other);
      this.network.cut(other, id);
    }
  }

  /** Asks a member as if a peer did; returns a look at the answer, when there is one. */
  ask<Api extends QuorumApi>(
    from: NodeId,
    to: NodeId,
    request: PeerRequest<Api>,
  ): () => PeerResponse<Api> | undefined {
    let answer: PeerResponse<Api> | undefined;
    const peer = { id: from, directoryId: directoryOf(from), incarnation: 'asked by the test' };
    this.member(to).running.handle(peer, request as PeerRequest<QuorumApi>, ({ body }) => {
      answer = body as PeerResponse<Api>;
    });
    return () => answer;
  }

  /** V20: one leader in an epoch. */

  noteLeader(id: NodeId, epoch: number): void {
    const other = this.#leaders.get(epoch);
    if (other !== undefined) throw new Error(`epoch ${epoch} is led by ${other} and again by ${id}`);
    this.#leaders.set(epoch, id);
  }

  /** V1: nothing that anybody ever knew as committed is missing. */
  expectCommittedIn({ id, running, log }: Member): void {
    if (running.highWatermark < this.committedEnd)
      throw new Error(`${id} knows ${running.highWatermark} as committed, but it was ${this.committedEnd}`);
    const { logStartOffset } = log;
    const read = log.read(logStartOffset, {
      upToOffset: log.logEndOffset,
      maxBytes: Number.MAX_SAFE_INTEGER,
    });
    const there = new Set(read.outcome === 'records' ? read.records.map((batch) => batch.join()) : []);
    for (const [offset, text] of this.#committed)
      if (offset >= logStartOffset && !there.has(text))
        throw new Error(`${id} lacks the committed batch at ${offset}`);
  }

  /** V1: what is committed never changes, wherever it is read. */
  noteCommitted({ id, log }: Member, end: number): void {
    const read = log.read(log.logStartOffset, { upToOffset: end, maxBytes: Number.MAX_SAFE_INTEGER });
    if (read.outcome !== 'records') return;
    for (const batch of read.records) {
      this.committedEnd = Math.max(this.committedEnd, end);
      const text = batch.join();
      const offset = new DataView(batch.buffer, batch.byteOffset).getUint32(4);
      const known = this.#committed.get(offset);
      if (known !== undefined && known !== text)
        throw new Error(`${id} has another committed batch at ${offset}`);
      this.#committed.set(offset, text);
    }
  }
}

export function batchOf(text: string): Uint8Array {
  return buildBatch({ records: [{ timestamp: 0, key: null, value: new TextEncoder().encode(text) }] });
}
