import type { PeerRequest } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import type { QuorumEvent } from '../src/quorum-events.ts';
import { type Member, World } from './support/world.ts';

/** A cluster at rest: its leader, a voter that follows, and an observer. */
function settled() {
  const world = new World([1, 2, 3], [7]).start();
  const leader = world.settle();
  world.run(1000);
  const follower = world.member(leader.id === 1 ? 2 : 1);
  return { world, leader, follower, observer: world.member(7) };
}

type Body = Extract<QuorumEvent, { type: 'fetch answered' }>['body'];

const nothing = { highWatermark: -1, logStartOffset: -1, diverging: null, snapshot: null, records: [] };
const noChunk = { sizeInBytes: 0, position: 0, bytes: new Uint8Array(0) };

/** Sends a member the answer to the question that it has asked last. */
function answer(to: Member, from: Member, type: string, leaderEpoch: number, leaderId = from.id): void {
  const { actor } = to.running;
  const { generation } = actor.getSnapshot().context as { readonly generation: number };
  const head = { error: 'NONE', leaderId, leaderEpoch } satisfies Partial<Body>;
  actor.send({
    type,
    from: from.id,
    generation,
    body: { ...head, ...nothing, ...noChunk, voteGranted: true },
  });
}

function stateOf({ running }: Member) {
  const { state, epoch, leaderId } = running;
  return { state, epoch, leaderId };
}

function chunkOf(from: Member, epoch: number, changes: Partial<PeerRequest<'fetchSnapshot'>['body']> = {}) {
  const body = {
    ...{ clusterId: 'cluster', epoch, replicaId: from.id },
    ...{ snapshot: { endOffset: 1, epoch: 1 }, position: 0, maxBytes: 1000, ...changes },
  };
  return { api: 'fetchSnapshot', body } as const;
}

describe('an answer of an epoch beyond belief', () => {
  const lie = 2 ** 31 - 1;

  it.each(['fetch answered', 'snapshot chunk answered'])(
    'X9: is not adopted by who follows or observes: %s',
    (type) => {
      const { leader, follower, observer } = settled();
      for (const member of [follower, observer]) {
        const before = stateOf(member);
        answer(member, leader, type, lie);
        expect(stateOf(member)).toMatchObject({ state: before.state, epoch: before.epoch });
      }
    },
  );

  it('X9: is not adopted by who asks for votes, as for pre-votes', () => {
    const { world, leader, follower } = settled();
    world.isolate(follower.id);
    world.until('it asks for pre-votes', () => follower.running.state === 'prospective');
    const { epoch } = stateOf(follower);
    answer(follower, leader, 'vote answered', lie);
    expect(stateOf(follower)).toMatchObject({ state: 'prospective', epoch });
    answer(follower, leader, 'vote answered', epoch);
    world.run(5);
    expect(stateOf(follower)).toMatchObject({ state: 'candidate', epoch: epoch + 1 });
    answer(follower, leader, 'vote answered', lie);
    expect(stateOf(follower)).toMatchObject({ state: 'candidate', epoch: epoch + 1 });
  });

  it('X9: does not end a lead', () => {
    const { leader, follower } = settled();
    const before = stateOf(leader);
    answer(leader, follower, 'begin answered', lie);
    expect(stateOf(leader)).toEqual(before);
  });
});

describe('a chunk of a snapshot', () => {
  it('X8, A1: is refused as a fetch is: to another cluster, in other epochs, by who does not lead', () => {
    const { world, leader, follower, observer } = settled();
    const error = (to: Member, epoch: number, changes = {}): unknown =>
      world.ask(observer.id, to.id, chunkOf(observer, epoch, changes))()?.error;
    expect(error(leader, 1, { clusterId: 'another' })).toBe('INCONSISTENT_CLUSTER_ID');
    expect(error(leader, 0)).toBe('FENCED_LEADER_EPOCH');
    expect(error(leader, 2)).toBe('UNKNOWN_LEADER_EPOCH');
    expect(error(follower, 1)).toBe('NOT_LEADER_OR_FOLLOWER');
  });

  it('S71, Q7: that comes late changes nothing; one that tells of a newer epoch, or of its leader, is heard', () => {
    const { leader, follower, observer } = settled();
    for (const member of [follower, observer]) {
      const before = stateOf(member);
      member.running.actor.send({
        type: 'snapshot chunk answered',
        ...{ from: leader.id, generation: -1 },
        body: { error: 'NONE', leaderId: 3, leaderEpoch: 9, ...noChunk },
      });
      expect(stateOf(member)).toEqual(before);
    }
    answer(follower, leader, 'snapshot chunk answered', 5, -1);
    expect(stateOf(follower)).toEqual({ state: 'unattached', epoch: 5, leaderId: undefined });
    const again = settled();
    answer(again.follower, again.leader, 'snapshot chunk answered', 5, 3);
    expect(stateOf(again.follower)).toEqual({ state: 'follower', epoch: 5, leaderId: 3 });
  });
});

describe('the end of an epoch', () => {
  it('Q9: of which a voter has not heard yet is heard in that epoch', () => {
    const { world, leader, follower } = settled();
    const body = { clusterId: 'cluster', leaderId: leader.id, leaderEpoch: 4, preferredSuccessors: [] };
    world.isolate(follower.id);
    const told = world.ask(leader.id, follower.id, { api: 'endQuorumEpoch', body });
    world.run(5);
    expect(told()).toMatchObject({ error: 'NONE', leaderEpoch: 4 });
    expect(stateOf(follower)).toEqual({ state: 'unattached', epoch: 4, leaderId: undefined });
  });
});

describe('a leader that was paused', () => {
  it('Q8, S70: does not say that it leads, though it has had no time to resign', () => {
    const { world, leader } = settled();
    expect(leader.running.describe().leaderId).toBe(leader.id);
    world.timeline.oversleep(10_000);
    expect(leader.running.isLeader).toBe(true);
    expect(leader.running.describe().leaderId).toBe(undefined);
  });
});
