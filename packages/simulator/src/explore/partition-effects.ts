// What a step does to the world of a partition: who has become what, what is on its way, what is committed, and whether all still holds.

import type { NodeId } from '@odradek/model';
import { brokenLogs, brokenReplicas } from './partition-invariants.ts';
import type { PartitionReactions } from './partition-reactions.ts';
import type { Happening, Replica } from './partition-replica.ts';
import { NONE, type PartitionBounds, type PartitionWorld } from './partition-world.ts';

export class PartitionEffects {
  private readonly bounds: PartitionBounds;
  private readonly reactions: PartitionReactions;
  private readonly brokenReplicaSets = new Map<string, string | undefined>();

  constructor(bounds: PartitionBounds, reactions: PartitionReactions) {
    this.bounds = bounds;
    this.reactions = reactions;
  }

  /** The controller's image is another one; everybody who lives will hear of it. */
  withImage(world: PartitionWorld, image: number): PartitionWorld {
    if (image === world.image) return world;
    const unheard = world.unheard.map((queue, id) =>
      this.replicaAt(world, id).isUp ? [...queue, image] : queue,
    );
    return { ...world, image, unheard };
  }

  after(world: PartitionWorld, id: NodeId, happening: Happening): PartitionWorld | string {
    const { replica, sent, broken } = this.reactions.outcomeOf(world.replicas[id] ?? 0, happening);
    if (broken !== undefined) return broken;
    let next: PartitionWorld = { ...world, replicas: world.replicas.with(id, replica) };
    for (const number of sent) next = this.withSent(next, id, number);
    next = this.withLedger(this.withFetches(next), id);
    return this.brokenIn(next) ?? next;
  }

  private withSent(world: PartitionWorld, id: NodeId, number: number): PartitionWorld {
    const message = this.reactions.messages.valueOf(number);
    if (message.type === 'answer') {
      // An asker that has died meanwhile hears nothing; its next life asks for itself.
      const isForThisLife = this.replicaAt(world, message.to).isUp;
      return isForThisLife
        ? { ...world, fetches: world.fetches.with(this.slot(message.to, id), number) }
        : world;
    }
    const isFree = world.proposals[id] === NONE;
    if (isFree) return { ...world, proposals: world.proposals.with(id, number) };
    return { ...world, nextProposals: world.nextProposals.with(id, number) };
  }

  /** A follower always has one fetch on its way to its leader. */
  withFetches(world: PartitionWorld): PartitionWorld {
    if (this.bounds.fetches === 'whole') return world;
    let { fetches } = world;
    for (const [id, number] of world.replicas.entries()) {
      const replica = this.reactions.replicas.valueOf(number);
      if (replica.role?.kind !== 'follower') continue;
      const slot = this.slot(id, replica.role.snapshot.context.registration.leader);
      if (fetches[slot] !== NONE) continue;
      const fetch = this.reactions.fetchOf(number);
      if (fetch !== NONE) fetches = fetches.with(slot, fetch);
    }
    return fetches === world.fetches ? world : { ...world, fetches };
  }

  slot(follower: NodeId, leader: NodeId): number {
    return follower * this.bounds.replicas + leader;
  }

  /** A dead process asks nothing and hears nothing more; a proposal that is on its way arrives all the same. */
  withoutItsMessages(world: PartitionWorld, id: NodeId): PartitionWorld {
    const fetches = world.fetches.map((number, slot) =>
      Math.floor(slot / this.bounds.replicas) === id ? NONE : number,
    );
    const sent = world.proposals[id] ?? NONE;
    const isUnderWay = sent !== NONE && this.reactions.messages.valueOf(sent).type === 'proposal';
    return {
      ...world,
      fetches,
      proposals: world.proposals.with(id, NONE),
      nextProposals: world.nextProposals.with(id, NONE),
      orphans: isUnderWay ? [...world.orphans, sent] : world.orphans,
      unheard: world.unheard.with(id, []),
    };
  }

  replicaAt(world: PartitionWorld, id: NodeId): Replica {
    return this.reactions.replicas.valueOf(world.replicas[id] ?? 0);
  }

  /** What a leader takes for committed is committed from then on (O1). */
  private withLedger(world: PartitionWorld, id: NodeId): PartitionWorld {
    const { role, log } = this.replicaAt(world, id);
    if (role?.kind !== 'leader') return world;
    const told = role.snapshot.context.highWatermark.offset;
    const ledger = this.reactions.ledgers.valueOf(world.ledger);
    if (told <= ledger.length) return world;
    const grown = [...ledger, ...log.entries.slice(ledger.length, told)];
    return { ...world, ledger: this.reactions.ledgers.numberOf(grown) };
  }

  /** What does not hold; the same replicas under the same image and ledger are looked at once. */
  brokenIn(world: PartitionWorld): string | undefined {
    const key = `${world.replicas} ${world.image} ${world.ledger}`;
    if (this.brokenReplicaSets.has(key)) return this.brokenReplicaSets.get(key);
    const replicas = world.replicas.map((number) => this.reactions.replicas.valueOf(number));
    const ledger = this.reactions.ledgers.valueOf(world.ledger);
    const state = this.reactions.partitionIn(world.image);
    const broken = brokenLogs(replicas) ?? brokenReplicas(replicas, state, ledger);
    this.brokenReplicaSets.set(key, broken);
    return broken;
  }
}
