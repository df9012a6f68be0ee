// A partition, to be explored: replicas, a controller, the fetches and proposals between them, and what the faults may still do. Beside it
// the ledger: all that was ever committed, whoever still remembers it.

import { type MetadataImage, type NodeId, partitionOf } from '@odradek/model';
import type { ProposalResult } from '@odradek/replication';
import type { Mutant } from '../mutant.ts';
import type { Model, Step } from './explorer.ts';
import { fenced, firstImage, heard, moved, registered, TOPIC_ID } from './partition-controller.ts';
import { PartitionEffects } from './partition-effects.ts';
import { brokenImage } from './partition-invariants.ts';
import { PartitionReactions } from './partition-reactions.ts';
import { type Happening, newReplica, type Replica } from './partition-replica.ts';
import {
  less,
  NONE,
  type PartitionBounds,
  type PartitionMessage,
  type PartitionWorld,
} from './partition-world.ts';

/** Lives begin at broker epochs that do not depend on how much happened before. */
const EPOCHS_APART = 1000;

export class PartitionModel implements Model<PartitionWorld> {
  readonly start: PartitionWorld;
  private readonly bounds: PartitionBounds;
  private readonly reactions: PartitionReactions;
  private readonly effects: PartitionEffects;

  constructor(bounds: PartitionBounds, mutant?: Mutant) {
    this.bounds = bounds;
    this.reactions = new PartitionReactions(bounds, mutant);
    this.effects = new PartitionEffects(bounds, this.reactions);
    const ids = [...Array(bounds.replicas).keys()];
    const image = firstImage(ids, bounds.minInSyncReplicas);
    this.start = this.begun(ids, image);
  }

  private begun(ids: readonly NodeId[], image: MetadataImage): PartitionWorld {
    const {
      records,
      crashes,
      lostConnections: losses,
      leaderMoves: moves,
      falseSuspicions: suspicions,
      lags,
    } = this.bounds;
    const empty: PartitionWorld = {
      replicas: ids.map((id) => this.reactions.replicas.numberOf(newReplica(id))),
      image: this.reactions.images.numberOf(image),
      unheard: ids.map(() => []),
      fetches: ids.flatMap(() => ids.map(() => NONE)),
      proposals: ids.map(() => NONE),
      nextProposals: ids.map(() => NONE),
      orphans: [],
      ledger: this.reactions.ledgers.numberOf([]),
      restarts: 0,
      left: { records, crashes, losses, moves, suspicions, lags },
    };
    let world = empty;
    for (const id of ids) {
      const brokerEpoch = image.brokers.get(id)?.brokerEpoch ?? NONE;
      for (const happening of [
        { type: 'starts', brokerEpoch },
        { type: 'hears', image },
      ] as const) {
        const after = this.effects.after(world, id, happening);
        if (typeof after === 'string') throw new Error(after);
        world = after;
      }
    }
    return world;
  }

  violation(): undefined {
    return undefined;
  }

  fingerprint(world: PartitionWorld): readonly number[] {
    const { replicas, image, unheard, fetches, proposals, nextProposals, orphans, ledger, restarts, left } =
      world;
    const queues = unheard.flatMap((queue) => [-queue.length - 1, ...queue]);
    const { records, crashes, losses, moves, suspicions, lags } = left;
    const rest = [image, ledger, restarts, records, crashes, losses, moves, suspicions, lags];
    return [...replicas, ...rest, ...fetches, ...proposals, ...nextProposals, ...queues, ...orphans];
  }

  *steps(world: PartitionWorld): Iterable<Step<PartitionWorld>> {
    for (const number of world.replicas) {
      const replica = this.reactions.replicas.valueOf(number);
      yield* replica.isUp ? this.stepsOfLiving(world, replica) : this.stepsOfDead(world, replica);
    }
    yield* this.fetchSteps(world);
    yield* this.proposalSteps(world);
    yield* this.controllerSteps(world);
  }

  private *stepsOfLiving(world: PartitionWorld, replica: Replica): Iterable<Step<PartitionWorld>> {
    const { id, role, log } = replica;
    const name = id + 1;
    yield* this.hearings(world, id);
    for (const timer of this.reactions.timersOf(replica))
      yield* this.happens(world, id, { type: 'timer', timer }, `expire ${name} ${timerName(timer)}`);
    if (log.flushedEnd < log.entries.length)
      yield* this.happens(world, id, { type: 'flushed' }, `sync ${name}`);
    if (role?.kind === 'leader') {
      const value = this.bounds.records - world.left.records + 1;
      const produced = less(world, 'records');
      if (produced !== undefined)
        yield* this.happens(produced, id, { type: 'produce', value }, `produce ${name} r${value}`);
      yield* this.happens(world, id, { type: 'lag check' }, `expire ${name} lag check`);
      const late = less(world, 'lags');
      if (late !== undefined)
        yield* this.happens(late, id, { type: 'lag time passes' }, `tick lag time at ${name}`);
    }
    const crashed = less(world, 'crashes');
    if (crashed === undefined) return;
    const { crashedDisk: disk } = this.bounds;
    const word = { stays: 'crash', 'loses power': 'power', 'is wiped': 'wipe' }[disk];
    yield* this.happens(
      this.effects.withoutItsMessages(crashed, id),
      id,
      { type: 'crash', disk },
      `${word} ${name}`,
    );
  }

  private *stepsOfDead(world: PartitionWorld, { id, isWiped }: Replica): Iterable<Step<PartitionWorld>> {
    const brokerEpoch = (world.restarts + 1) * EPOCHS_APART;
    const restart = isWiped ? 'lossy' : 'intact';
    const image = this.reactions.decided(world.image, `register ${id} ${restart} ${brokerEpoch}`, (before) =>
      registered(before, id, restart, brokerEpoch, this.bounds.minInSyncReplicas),
    );
    const known = this.effects.withImage({ ...world, restarts: world.restarts + 1 }, image);
    const begun = { ...known, unheard: known.unheard.with(id, [image]) };
    yield* this.happens(begun, id, { type: 'starts', brokerEpoch }, `start ${id + 1}`);
  }

  /** The next batch of the metadata is heard, or all that there are in one answer. */
  private *hearings(world: PartitionWorld, id: NodeId): Iterable<Step<PartitionWorld>> {
    const [next, ...later] = world.unheard[id] ?? [];
    if (next === undefined) return;
    const heardOne = { ...world, unheard: world.unheard.with(id, later) };
    yield* this.happens(
      heardOne,
      id,
      { type: 'hears', image: this.reactions.images.valueOf(next) },
      `hear ${id + 1}`,
    );
    const last = later.at(-1);
    if (last === undefined) return;
    const heardAll = { ...world, unheard: world.unheard.with(id, []) };
    yield* this.happens(
      heardAll,
      id,
      { type: 'hears', image: this.reactions.images.valueOf(last) },
      `hear ${id + 1} all`,
    );
  }

  private *fetchSteps(world: PartitionWorld): Iterable<Step<PartitionWorld>> {
    if (this.bounds.fetches === 'whole') yield* this.wholeFetches(world);
    for (const [slot, number] of world.fetches.entries()) {
      if (number === NONE) continue;
      const message = this.reactions.messages.valueOf(number);
      const empty = { ...world, fetches: world.fetches.with(slot, NONE) };
      if (message.type === 'fetch') {
        const { fetch, to } = message;
        const label = `fetch ${fetch.brokerId + 1}>${to + 1}`;
        // A dead leader does not answer; its followers ask again, or hear of another one.
        if (this.effects.replicaAt(world, to).isUp)
          yield* this.happens(empty, to, { type: 'asked', fetch }, `${label}.req`);
        yield* this.lost(empty, `drop ${label}.req`);
      } else if (message.type === 'answer') {
        const { from, to, answer, asked } = message;
        const label = `fetch ${to + 1}>${from + 1}.resp`;
        yield* this.happens(empty, to, { type: 'answered', from, answer, asked }, label);
        yield* this.lost(empty, `drop ${label}`);
      }
    }
  }

  private *wholeFetches(world: PartitionWorld): Iterable<Step<PartitionWorld>> {
    for (const [id, number] of world.replicas.entries()) {
      const fetch = this.reactions.fetchOf(number);
      const message = fetch === NONE ? undefined : this.reactions.messages.valueOf(fetch);
      if (message?.type !== 'fetch' || !this.effects.replicaAt(world, message.to).isUp) continue;
      const label = `fetch ${id + 1}>${message.to + 1}`;
      const asked = this.effects.after(world, message.to, { type: 'asked', fetch: message.fetch });
      if (typeof asked === 'string') {
        yield { label, next: world, violation: asked };
        continue;
      }
      const slot = this.effects.slot(id, message.to);
      const answer = this.reactions.messages.valueOf(asked.fetches[slot] ?? NONE);
      if (answer.type !== 'answer') continue;
      const arrived = { ...asked, fetches: asked.fetches.with(slot, NONE) };
      yield* this.happens(arrived, id, { ...answer, type: 'answered' }, label);
    }
  }

  private *lost(world: PartitionWorld, label: string): Iterable<Step<PartitionWorld>> {
    const after = less(world, 'losses');
    if (after !== undefined) yield { label, next: this.effects.withFetches(after) };
  }

  private *proposalSteps(world: PartitionWorld): Iterable<Step<PartitionWorld>> {
    for (const [id, number] of world.proposals.entries()) {
      if (number === NONE) continue;
      const message = this.reactions.messages.valueOf(number);
      if (message.type === 'proposal') {
        const { image, answer } = this.reactions.altered(world.image, number, message);
        const label = `alter ${id + 1}.req`;
        const answered = { ...world, proposals: world.proposals.with(id, answer) };
        yield* this.changed(answered, image, label);
        yield* this.proposalLost(world, id, message, `drop ${label}`);
      } else if (message.type === 'proposal answer') {
        const label = `alter ${id + 1}.resp`;
        yield* this.settled(world, id, message, label);
        yield* this.proposalLost(world, id, message, `drop ${label}`);
      }
    }
    for (const number of world.orphans) {
      const message = this.reactions.messages.valueOf(number);
      if (message.type !== 'proposal') continue;
      const { image } = this.reactions.altered(world.image, number, message);
      const orphans = world.orphans.filter((other) => other !== number);
      yield* this.changed({ ...world, orphans }, image, `alter ${message.from + 1}.req of its last life`);
    }
  }

  private *proposalLost(
    world: PartitionWorld,
    id: NodeId,
    message: Extract<PartitionMessage, { type: 'proposal' | 'proposal answer' }>,
    label: string,
  ): Iterable<Step<PartitionWorld>> {
    const after = less(world, 'losses');
    if (after === undefined) return;
    const leaderEpoch = message.type === 'proposal' ? message.proposal.leaderEpoch : message.leaderEpoch;
    const { token } = message;
    yield* this.settled(after, id, { leaderEpoch, token, result: { outcome: 'no answer' } }, label);
  }

  /** An answer reaches its role, if that still is the same; then what waited is sent. */
  private *settled(
    world: PartitionWorld,
    id: NodeId,
    answer: { readonly leaderEpoch: number; readonly token: number; readonly result: ProposalResult },
    label: string,
  ): Iterable<Step<PartitionWorld>> {
    const after = {
      ...world,
      proposals: world.proposals.with(id, world.nextProposals[id] ?? NONE),
      nextProposals: world.nextProposals.with(id, NONE),
    };
    const { role } = this.effects.replicaAt(world, id);
    const isSameRole =
      role?.kind === 'leader' && role.snapshot.context.registration.leaderEpoch === answer.leaderEpoch;
    const { token, result } = answer;
    if (isSameRole) yield* this.happens(after, id, { type: 'proposal answered', token, result }, label);
    else yield { label, next: after };
  }

  private *controllerSteps(world: PartitionWorld): Iterable<Step<PartitionWorld>> {
    const image = this.reactions.images.valueOf(world.image);
    const { minInSyncReplicas } = this.bounds;
    const state = partitionOf(image, TOPIC_ID, 0);
    for (const [id, number] of world.replicas.entries()) {
      const replica = this.reactions.replicas.valueOf(number);
      const broker = image.brokers.get(id);
      if (broker === undefined || state === undefined) continue;
      const isDone = broker.isFenced && !state.inSyncReplicas.includes(id) && state.leader !== id;
      const after = replica.isUp && !broker.isFenced ? less(world, 'suspicions') : world;
      if (!isDone && after !== undefined) {
        const next = this.reactions.decided(after.image, `fence ${id}`, (before) =>
          fenced(before, id, minInSyncReplicas),
        );
        yield* this.changed(after, next, `fence ${id + 1}`);
      }
      if (!replica.isUp || !broker.isFenced || replica.image === undefined) continue;
      const next = this.reactions.decided(world.image, `unfence ${id}`, (before) =>
        heard(before, id, minInSyncReplicas),
      );
      yield* this.changed(world, next, `unfence ${id + 1}`);
    }
    const after = less(world, 'moves');
    if (after === undefined) return;
    const next = this.reactions.decided(after.image, 'move', (before) => moved(before, minInSyncReplicas));
    if (next !== world.image) yield* this.changed(after, next, 'elect preferred');
  }

  private *changed(world: PartitionWorld, image: number, label: string): Iterable<Step<PartitionWorld>> {
    const next = this.effects.withImage(world, image);
    const violation =
      brokenImage(this.reactions.partitionIn(world.image), this.reactions.partitionIn(image)) ??
      this.effects.brokenIn(next);
    yield violation === undefined ? { label, next } : { label, next, violation };
  }

  private *happens(
    world: PartitionWorld,
    id: NodeId,
    happening: Happening,
    label: string,
  ): Iterable<Step<PartitionWorld>> {
    const next = this.effects.after(world, id, happening);
    if (typeof next === 'string') yield { label, next: world, violation: next };
    else yield { label, next };
  }
}

function timerName(timer: string): string {
  return timer.replace('xstate.after.', '').replace(/\.leader-replica.*/, '');
}
