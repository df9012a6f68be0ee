// A metadata quorum, to be explored: members, the messages between them in the order of their connections, and what the faults may still
// do. Beside it a ghost: who led which epoch, who voted for whom, and what was ever committed (V20 to V23).

import type { NodeId } from '@odradek/model';
import type { Mutant } from '../mutant.ts';
import type { Model, Step } from './explorer.ts';
import { Interner } from './interner.ts';
import type { QuorumBounds, QuorumWorld } from './quorum-bounds.ts';
import { type Ghost, judge } from './quorum-ghost.ts';
import {
  aged,
  type Happening,
  isCounted,
  type Member,
  newMember,
  type Outcome,
  type QuorumMessage,
} from './quorum-member.ts';
import { expiryName, isRetry, QuorumSteps } from './quorum-steps.ts';
import {
  describeGhost,
  describeMember,
  describeMessage,
  permutations,
  type Rename,
  RenamedWords,
  sameNames,
} from './quorum-words.ts';

export class QuorumModel implements Model<QuorumWorld> {
  readonly start: QuorumWorld;
  private readonly bounds: QuorumBounds;
  private readonly steps_: QuorumSteps;
  private readonly members = new Interner<Member>((member) =>
    JSON.stringify(describeMember(member, sameNames)),
  );
  private readonly messages = new Interner<QuorumMessage>((message) =>
    JSON.stringify(describeMessage(message, sameNames)),
  );
  private readonly ghosts = new Interner<Ghost>((ghost) => JSON.stringify(ghost));
  private readonly outcomes = new Map<string, KnownOutcome>();
  private readonly renames: readonly Rename[];
  private readonly memberWords: RenamedWords<Member>;
  private readonly messageWords: RenamedWords<QuorumMessage>;
  private readonly ghostWords: RenamedWords<Ghost>;

  constructor(bounds: QuorumBounds, mutant?: Mutant) {
    this.bounds = bounds;
    const ids = [...Array(bounds.voters).keys()];
    this.steps_ = new QuorumSteps(
      ids,
      { hasFastDisks: bounds.grain === 'exchange', recordsPerFetch: bounds.recordsPerFetch },
      mutant?.machines?.quorum,
    );
    this.renames = permutations(ids);
    this.memberWords = new RenamedWords(this.members, this.renames, describeMember);
    this.messageWords = new RenamedWords(this.messages, this.renames, describeMessage);
    this.ghostWords = new RenamedWords(this.ghosts, this.renames, describeGhost);
    const pairs = ids.flatMap(() => ids.map(() => []));
    const nobody = ids.map(() => -1);
    const epochs = [...Array(bounds.maxEpoch + 1).keys()];
    const ghost = { leaders: epochs.map(() => -1), votes: epochs.map(() => nobody), committed: [] };
    this.start = {
      members: ids.map((id) =>
        this.members.numberOf(this.steps_.step(newMember(id), { type: 'start' }).member),
      ),
      requests: pairs,
      answers: pairs,
      ghost: this.ghosts.numberOf(ghost),
      timeoutsLeft: bounds.timeouts,
      crashesLeft: bounds.crashes,
      lossesLeft: bounds.lostConnections,
      recordsLeft: bounds.records,
    };
  }

  violation(): undefined {
    return undefined;
  }

  *steps(world: QuorumWorld): Iterable<Step<QuorumWorld>> {
    for (const [id, number] of world.members.entries()) {
      const member = this.members.valueOf(number);
      if (member.snapshot === undefined) {
        yield* this.happens(world, id, { type: 'start' }, `start ${id + 1}`);
        continue;
      }
      if (member.snapshot.status !== 'active') continue;
      yield* this.ownSteps(world, member);
    }
    yield* this.deliveries(world);
    if (world.lossesLeft > 0) yield* this.brokenConnections(world);
  }

  private *ownSteps(world: QuorumWorld, member: Member): Iterable<Step<QuorumWorld>> {
    const { id, snapshot, log, storing } = member;
    for (const expiry of this.steps_.expiriesOf(member)) {
      const isFree = isRetry(expiry);
      if (!isFree && world.timeoutsLeft === 0) continue;
      const after = isFree ? world : { ...world, timeoutsLeft: world.timeoutsLeft - 1 };
      yield* this.happens(after, id, expiry, `expire ${id + 1} ${expiryName(expiry)}`);
    }
    if (storing !== undefined)
      yield* this.happens(world, id, { type: 'stored' }, `sync ${id + 1} vote state`);
    if (log.flushedEnd < log.entries.length)
      yield* this.happens(world, id, { type: 'flushed' }, `sync ${id + 1} log`);
    if (world.recordsLeft > 0 && snapshot?.context.office !== undefined) {
      const value = this.bounds.records - world.recordsLeft + 1;
      const after = { ...world, recordsLeft: world.recordsLeft - 1 };
      yield* this.happens(after, id, { type: 'append', value }, `append ${id + 1} r${value}`);
    }
    if (world.crashesLeft > 0) {
      const { losesPower } = this.bounds;
      const after = { ...world, crashesLeft: world.crashesLeft - 1 };
      yield* this.happens(
        after,
        id,
        { type: 'crash', losesPower },
        `${losesPower ? 'power' : 'crash'} ${id + 1}`,
      );
    }
  }

  /** The oldest message of each direction of each connection arrives. */
  private *deliveries(world: QuorumWorld): Iterable<Step<QuorumWorld>> {
    for (const [pair, requests] of world.requests.entries()) {
      const [first, ...rest] = requests;
      if (first === undefined) continue;
      const request = this.messages.valueOf(first);
      if (request.kind !== 'request') continue;
      const after = { ...world, requests: world.requests.with(pair, rest) };
      const words = `${request.api} ${request.from + 1}>${request.to + 1}`;
      if (this.memberAt(world, request.to).snapshot === undefined)
        yield* this.happens(
          after,
          request.from,
          { type: 'unanswered', request, reason: 'refused' },
          `refuse ${words}`,
        );
      else
        yield* this.happens(after, request.to, { type: 'message', message: request }, `deliver ${words}.req`);
    }
    for (const [pair, answers] of world.answers.entries()) {
      const [first, ...rest] = answers;
      if (first === undefined) continue;
      const message = this.messages.valueOf(first);
      const after = { ...world, answers: world.answers.with(pair, rest) };
      const words = `${message.api} ${message.to + 1}>${message.from + 1}`;
      yield* this.happens(after, message.to, { type: 'message', message }, `deliver ${words}.resp`);
    }
  }

  /** A connection breaks with all that is on it: the asker knows, and does not know what became of its requests. */
  private *brokenConnections(world: QuorumWorld): Iterable<Step<QuorumWorld>> {
    for (const [pair, requests] of world.requests.entries()) {
      const answers = world.answers[pair] ?? [];
      const [first] = [...answers, ...requests];
      if (first === undefined) continue;
      const lost = this.messages.valueOf(first);
      const [asker, peer] = lost.kind === 'request' ? [lost.from, lost.to] : [lost.to, lost.from];
      if (this.memberAt(world, asker).snapshot === undefined) continue;
      const after = {
        ...world,
        requests: world.requests.with(pair, []),
        answers: world.answers.with(pair, []),
        lossesLeft: world.lossesLeft - 1,
      };
      const request =
        lost.kind === 'request'
          ? lost
          : { ...lost, kind: 'request' as const, from: asker, to: peer, body: emptyBody };
      const label = `drop ${asker + 1}>${peer + 1}`;
      yield* this.happens(after, asker, { type: 'unanswered', request, reason: 'disconnected' }, label);
    }
  }

  private *happens(
    world: QuorumWorld,
    id: NodeId,
    happening: Happening,
    label: string,
  ): Iterable<Step<QuorumWorld>> {
    let next = this.after(world, id, happening);
    while (this.bounds.grain === 'exchange' && typeof next === 'object') {
      const pair = next.answers.findIndex((queue) => queue.length > 0);
      const [first, ...rest] = next.answers[pair] ?? [];
      if (first === undefined) break;
      const message = this.messages.valueOf(first);
      const delivered = { ...next, answers: next.answers.with(pair, rest) };
      next = this.after(delivered, message.to, { type: 'message', message });
    }
    if (typeof next === 'string') yield { label, next: world, violation: next };
    else if (next !== undefined) yield { label, next };
  }

  /** The world after something has happened to a member; undefined beyond the bounds, in words what is broken. */
  private after(world: QuorumWorld, id: NodeId, happening: Happening): QuorumWorld | string | undefined {
    const before = world.members[id] ?? 0;
    const outcome = this.outcomeOf(before, happening);
    if (outcome.broken !== undefined) return outcome.broken;
    const member = this.members.valueOf(outcome.member);
    if ((member.snapshot?.context.epoch ?? 0) > this.bounds.maxEpoch) return undefined;
    let next: QuorumWorld = { ...world, members: world.members.with(id, outcome.member) };
    if (outcome.hasAskedAnew) next = this.aged(next, id);
    next = this.withoutVain(next, id, member);
    const sent = outcome.sent.map((number) => this.messages.valueOf(number));
    next = this.withSent(next, sent, outcome.sent);
    const members = next.members.map((number) => this.members.valueOf(number));
    const judgement = judge(
      this.ghosts.valueOf(next.ghost),
      this.members.valueOf(before),
      member,
      sent,
      members,
    );
    return typeof judgement === 'string' ? judgement : this.withGhost(next, judgement);
  }

  private withGhost(world: QuorumWorld, ghost: Ghost): QuorumWorld {
    if (ghost === this.ghosts.valueOf(world.ghost)) return world;
    return { ...world, ghost: this.ghosts.numberOf(ghost) };
  }

  /** The machine runs once for each member and each thing that happens to it. */
  private outcomeOf(before: number, happening: Happening): KnownOutcome {
    const key = `${before} ${this.keyOf(happening)}`;
    const known = this.outcomes.get(key);
    if (known !== undefined) return known;
    const outcome = this.steps_.step(this.members.valueOf(before), happening);
    const numbered = this.numbered(outcome);
    this.outcomes.set(key, numbered);
    return numbered;
  }

  private numbered({ member, sent, hasAskedAnew, broken }: Outcome): KnownOutcome {
    const numbers = sent.map((message) => this.messages.numberOf(message));
    const known = { member: this.members.numberOf(member), sent: numbers, hasAskedAnew };
    return broken === undefined ? known : { ...known, broken };
  }

  private keyOf(happening: Happening): string {
    switch (happening.type) {
      case 'message':
        return `m${this.messages.numberOf(happening.message)}`;
      case 'unanswered':
        return `u${happening.reason}${happening.request.api}${happening.request.to}${happening.request.isStale}`;
      case 'timer':
        return `${happening.silence} ${happening.timer}`;
      case 'append':
        return `a${happening.value}`;
      default:
        return happening.type;
    }
  }

  private withSent(
    world: QuorumWorld,
    sent: readonly QuorumMessage[],
    numbers: readonly number[],
  ): QuorumWorld {
    if (sent.length === 0) return world;
    const requests = [...world.requests];
    const answers = [...world.answers];
    for (const [index, message] of sent.entries()) {
      const [queues, pair] =
        message.kind === 'request'
          ? [requests, this.pairOf(message.from, message.to)]
          : [answers, this.pairOf(message.to, message.from)];
      if (message.kind === 'answer' && this.isInVain(this.memberAt(world, message.to), message)) continue;
      queues[pair] = [...(queues[pair] ?? []), numbers[index] ?? 0].slice(-this.bounds.inFlight);
    }
    return { ...world, requests, answers };
  }

  /** An answer that can change nothing any more need not arrive: its asker has died, has asked anew (S71), or is in another state. */
  private isInVain(asker: Member, { api, isStale }: QuorumMessage): boolean {
    return isStale || !isAwaited(asker, api);
  }

  /** The answers to one asker that it still waits for. */
  private withoutVain(world: QuorumWorld, id: NodeId, asker: Member): QuorumWorld {
    let { answers } = world;
    for (let peer = 0; peer < this.bounds.voters; peer++) {
      const pair = this.pairOf(id, peer);
      const queue = answers[pair] ?? [];
      if (queue.some((number) => this.isInVain(asker, this.messages.valueOf(number))))
        answers = answers.with(
          pair,
          queue.filter((number) => !this.isInVain(asker, this.messages.valueOf(number))),
        );
    }
    return answers === world.answers ? world : { ...world, answers };
  }

  private memberAt(world: QuorumWorld, id: NodeId): Member {
    return this.members.valueOf(world.members[id] ?? 0);
  }

  private pairOf(asker: NodeId, peer: NodeId): number {
    return asker * this.bounds.voters + peer;
  }

  /** What was asked before is stale, wherever it or its answer is now. */
  private aged(world: QuorumWorld, asker: NodeId): QuorumWorld {
    const age = (number: number): number => {
      const message = this.messages.valueOf(number);
      return message.isStale || !isCounted(message) ? number : this.messages.numberOf(aged(message));
    };
    const ofAsker = (_: unknown, pair: number): boolean => Math.floor(pair / this.bounds.voters) === asker;
    const requests = world.requests.map((queue, pair) =>
      queue.length > 0 && ofAsker(queue, pair) ? queue.map(age) : queue,
    );
    const answers = world.answers.map((queue, pair) => (ofAsker(queue, pair) ? [] : queue));
    const members = world.members.map((number, id) => {
      if (id === asker) return number;
      const member = this.members.valueOf(number);
      const touches = (message: QuorumMessage): boolean =>
        message.kind === 'request' ? message.from === asker : message.to === asker;
      if (![...member.parked, ...member.waiting].some(touches)) return number;
      // A fetch that is parked was noted when it came; what is said to it now, nobody waits for.
      const parked = member.parked.filter((message) => !touches(message));
      const waiting = member.waiting.filter((message) => !touches(message));
      return this.members.numberOf({ ...member, parked, waiting });
    });
    return { ...world, members, requests, answers };
  }

  /** The least of the ways to name the voters: worlds that differ in names only have the same. */
  fingerprint(world: QuorumWorld): readonly number[] {
    let least: number[] | undefined;
    for (const index of this.renames.keys()) least = this.renamedWorld(world, index, least);
    return least ?? [];
  }

  /** The world's numbers under one renaming, or `least` as soon as that is smaller. */
  private renamedWorld(world: QuorumWorld, index: number, least: number[] | undefined): number[] {
    const { voters } = this.bounds;
    const rename = this.renames[index] ?? sameNames;
    const numbers: number[] = [];
    let isLess = least === undefined;
    for (let place = 0; place < voters; place++) {
      const number = this.memberWords.of(index, world.members[rename.from(place)] ?? 0);
      const against = least?.[place] ?? 0;
      if (!isLess && number > against) return least ?? [];
      isLess ||= number < against;
      numbers.push(number);
    }
    const { timeoutsLeft, crashesLeft, lossesLeft, recordsLeft } = world;
    numbers.push(timeoutsLeft, crashesLeft, lossesLeft, recordsLeft, this.ghostWords.of(index, world.ghost));
    for (const queues of [world.requests, world.answers])
      for (let asker = 0; asker < voters; asker++)
        for (let peer = 0; peer < voters; peer++) {
          const queue = queues[this.pairOf(rename.from(asker), rename.from(peer))] ?? [];
          numbers.push(-queue.length);
          for (const number of queue) numbers.push(this.messageWords.of(index, number));
        }
    return isLess || isBelow(numbers, least ?? []) ? numbers : (least ?? numbers);
  }
}

interface KnownOutcome {
  readonly member: number;
  readonly sent: readonly number[];
  readonly hasAskedAnew: boolean;
  readonly broken?: string;
}

/** Of a request whose answer was lost nothing is left to tell but that it failed. */
const emptyBody = { clusterId: '', leaderId: -1, leaderEpoch: -1, voterDirectoryId: '' };

/** Whether an answer of this kind can change anything at whoever asked: elsewhere the machine drops it. */
function isAwaited({ snapshot }: Member, api: QuorumMessage['api']): boolean {
  if (snapshot === undefined) return false;
  switch (api) {
    case 'vote':
      return snapshot.matches('prospective') || snapshot.matches('candidate');
    case 'fetchMetadata':
      return snapshot.matches('follower');
    case 'beginQuorumEpoch':
      return snapshot.matches('leader');
    case 'endQuorumEpoch':
      return false;
  }
}

function isBelow(one: readonly number[], other: readonly number[]): boolean {
  for (const [index, number] of one.entries()) {
    const against = other[index] ?? 0;
    if (number !== against) return number < against;
  }
  return false;
}
