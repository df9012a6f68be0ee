import { NO_LEADER, type NodeId } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConditionOf,
  type ElectionRequest,
  effectiveMinInSync,
  electLeader,
  isAcceptableLeader,
  type PartitionLeadership,
  type ReplicaCondition,
  withElectedLeader,
  withInSyncReplicas,
  withoutLeader,
} from '../src/index.ts';

const alive: ReplicaCondition = {
  isRegistered: true,
  isFenced: false,
  isShuttingDown: false,
  isLogOnline: true,
  isSuspected: false,
  lacksRoom: false,
  hasLastingRoom: true,
};
const dead = { ...alive, isFenced: true };
const suspected = { ...dead, isSuspected: true };

const partition: PartitionLeadership = {
  replicas: [1, 2, 3],
  inSyncReplicas: [1, 2, 3],
  eligibleLeaderReplicas: [],
  lastKnownLeaders: [],
  leader: 1,
  leaderEpoch: 7,
  isRecovering: false,
};
const clean: ElectionRequest = { kind: 'any', isUncleanEnabled: false, logEnds: new Map() };
const unclean: ElectionRequest = { ...clean, isUncleanEnabled: true };

const conditions =
  (given: Readonly<Record<NodeId, ReplicaCondition>>): ConditionOf =>
  (replica) =>
    given[replica] ?? alive;

describe('an acceptable leader', () => {
  it('C2: is registered, unfenced, not shutting down, its log online', () => {
    expect(isAcceptableLeader(alive)).toBe(true);
    expect(isAcceptableLeader({ ...alive, isRegistered: false })).toBe(false);
    expect(isAcceptableLeader({ ...alive, isFenced: true })).toBe(false);
    expect(isAcceptableLeader({ ...alive, isShuttingDown: true })).toBe(false);
    expect(isAcceptableLeader({ ...alive, isLogOnline: false })).toBe(false);
  });
});

describe('a clean election', () => {
  it('C3: keeps the current leader while it is valid', () => {
    const led = { ...partition, leader: 2 };
    expect(electLeader(led, conditions({}), clean)).toEqual({ outcome: 'elected', leader: 2, isClean: true });
  });
  it('C3: a preferred election takes the first replica', () => {
    const led = { ...partition, leader: 2 };
    const election = electLeader(led, conditions({}), { ...clean, kind: 'preferred' });
    expect(election).toEqual({ outcome: 'elected', leader: 1, isClean: true });
    const without = electLeader(led, conditions({ 1: dead }), { ...clean, kind: 'preferred' });
    expect(without).toEqual({ outcome: 'elected', leader: 2, isClean: true });
  });
  it('C3: takes the first valid in assignment order, not in the order of the in-sync set', () => {
    const led = { ...partition, replicas: [1, 3, 2], inSyncReplicas: [1, 2, 3] };
    expect(electLeader(led, conditions({ 1: dead }), clean)).toMatchObject({ leader: 3 });
  });
  it('C3, D6: one whose disk has no room is taken only when there is no other, unless it leads already', () => {
    const full = { ...alive, lacksRoom: true };
    const led = { ...partition, leader: NO_LEADER };
    expect(electLeader(led, conditions({ 1: full }), clean)).toMatchObject({ leader: 2, isClean: true });
    const others = { 2: dead, 3: dead };
    expect(electLeader(led, conditions({ 1: full, ...others }), clean)).toMatchObject({ leader: 1 });
    expect(electLeader(partition, conditions({ 1: full }), clean)).toMatchObject({ leader: 1 });
  });
  it('D6, W5: asked for one with room, one whose disk has had it for a while is taken before the leader, and the leader before anybody else', () => {
    const withRoom = { ...clean, kind: 'with room' } as const;
    const full = { ...alive, lacksRoom: true, hasLastingRoom: false };
    const late = { ...alive, hasLastingRoom: false };
    expect(electLeader(partition, conditions({ 1: full, 2: late }), withRoom)).toMatchObject({ leader: 3 });
    expect(electLeader(partition, conditions({ 1: full, 2: late, 3: dead }), withRoom)).toMatchObject({
      leader: 1,
    });
    const lagging = { ...partition, inSyncReplicas: [1, 2] };
    expect(electLeader(lagging, conditions({ 1: full, 2: full }), withRoom)).toMatchObject({ leader: 1 });
  });
  it('C2: takes nobody from outside the in-sync set, and says who is waited for', () => {
    const led = { ...partition, inSyncReplicas: [1], eligibleLeaderReplicas: [2] };
    expect(electLeader(led, conditions({ 1: dead }), clean)).toEqual({ outcome: 'waiting', waitingFor: [1] });
  });
  it('C2, C5: takes an eligible replica when the in-sync set is empty, without loss', () => {
    const offline = { ...partition, inSyncReplicas: [], eligibleLeaderReplicas: [3, 2], leader: NO_LEADER };
    const election = electLeader(offline, conditions({}), unclean);
    expect(election).toEqual({ outcome: 'elected', leader: 2, isClean: true });
    expect(withElectedLeader(offline, 2, true)).toMatchObject({
      inSyncReplicas: [2],
      eligibleLeaderReplicas: [3],
      leaderEpoch: 8,
      isRecovering: false,
    });
  });
});

describe('an unclean election', () => {
  const offline = { ...partition, inSyncReplicas: [1], leader: NO_LEADER };
  const ends = new Map([
    [2, { lastEpoch: 6, endOffset: 90 }],
    [3, { lastEpoch: 7, endOffset: 50 }],
  ]);
  it('C3: asks the replicas alive for their ends, then takes the longest log, epoch first', () => {
    const now = conditions({ 1: dead });
    expect(electLeader(offline, now, unclean)).toEqual({ outcome: 'ask ends', replicas: [2, 3] });
    const election = electLeader(offline, now, { ...unclean, logEnds: ends });
    expect(election).toEqual({ outcome: 'elected', leader: 3, isClean: false });
  });
  it('C3: a replica that was asked and cannot tell its end is not chosen', () => {
    const logEnds = new Map([
      [2, { lastEpoch: 1, endOffset: 1 }],
      [3, undefined],
    ]);
    const election = electLeader(offline, conditions({ 1: dead }), { ...unclean, logEnds });
    expect(election).toEqual({ outcome: 'elected', leader: 2, isClean: false });
  });
  it('C3: waits for an in-sync or eligible replica that is only suspected', () => {
    const now = conditions({ 1: suspected });
    expect(electLeader(offline, now, { ...unclean, logEnds: ends })).toEqual({
      outcome: 'waiting',
      waitingFor: [1],
    });
  });
  it('C3: an operator may ask for it where the topic does not allow it', () => {
    const now = conditions({ 1: dead, 2: dead });
    expect(electLeader(offline, now, { ...clean, kind: 'unclean' })).toEqual({
      outcome: 'elected',
      leader: 3,
      isClean: false,
    });
  });
  it('C3: with nobody alive the partition waits for any replica', () => {
    const now = conditions({ 1: dead, 2: dead, 3: dead });
    expect(electLeader(offline, now, unclean)).toEqual({ outcome: 'waiting', waitingFor: [1, 2, 3] });
  });
  it('C4, S18: the new leader alone is in sync, recovering, in a new epoch', () => {
    const before = { ...offline, eligibleLeaderReplicas: [2], lastKnownLeaders: [1] };
    expect(withElectedLeader(before, 3, false)).toEqual({
      ...before,
      leader: 3,
      leaderEpoch: 8,
      inSyncReplicas: [3],
      eligibleLeaderReplicas: [],
      lastKnownLeaders: [],
      isRecovering: true,
    });
  });
});

describe('the last known leader', () => {
  const empty = { ...partition, inSyncReplicas: [], lastKnownLeaders: [1], leader: NO_LEADER };
  const byOperator: ElectionRequest = { ...clean, kind: 'last known leader' };
  it('C3, S17: is elected by an operator only, and that is unclean', () => {
    expect(electLeader(empty, conditions({}), clean)).toEqual({ outcome: 'waiting', waitingFor: [1] });
    expect(electLeader(empty, conditions({}), byOperator)).toEqual({
      outcome: 'elected',
      leader: 1,
      isClean: false,
    });
  });
  it('C3, S17: is not elected while it is dead', () => {
    expect(electLeader(empty, conditions({ 1: dead }), byOperator)).toMatchObject({ outcome: 'waiting' });
  });
});

describe('eligible leader replicas', () => {
  const change = { minInSyncReplicas: 2, lossyReplicas: [] };
  it('C5, S15: who leaves an in-sync set that falls below the minimum stays eligible', () => {
    const two = withInSyncReplicas(partition, { ...change, inSyncReplicas: [2, 3] });
    expect(two.eligibleLeaderReplicas).toEqual([]);
    const one = withInSyncReplicas(two, { ...change, inSyncReplicas: [3] });
    expect(one.eligibleLeaderReplicas).toEqual([2]);
    const none = withInSyncReplicas(one, { ...change, inSyncReplicas: [], lossyReplicas: [3] });
    expect(none).toMatchObject({ inSyncReplicas: [], eligibleLeaderReplicas: [2], lastKnownLeaders: [] });
  });
  it('C5: none are needed once the in-sync set reaches the minimum again', () => {
    const before = { ...partition, inSyncReplicas: [3], eligibleLeaderReplicas: [2], lastKnownLeaders: [1] };
    const after = withInSyncReplicas(before, { ...change, inSyncReplicas: [1, 3] });
    expect(after).toMatchObject({ eligibleLeaderReplicas: [], lastKnownLeaders: [] });
  });
  it('C5: the last leader is remembered when nobody is left', () => {
    const before = { ...partition, inSyncReplicas: [3], leader: 3 };
    const after = withInSyncReplicas(before, { ...change, inSyncReplicas: [], lossyReplicas: [3] });
    expect(after.lastKnownLeaders).toEqual([3]);
  });
  it('C5: the minimum is never above the number of replicas', () => {
    expect(effectiveMinInSync(2, 1)).toBe(1);
    expect(effectiveMinInSync(2, 3)).toBe(2);
  });
  it('C5, V15: ISR and ELR stay disjoint, within the replicas, and together at the minimum unless somebody was lossy', () => {
    const sets = fc.array(fc.subarray([1, 2, 3]), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 4 }), (steps, minInSyncReplicas) => {
        let now = partition;
        for (const inSyncReplicas of steps) {
          now = withInSyncReplicas(now, { inSyncReplicas, minInSyncReplicas, lossyReplicas: [] });
          const both = [...now.inSyncReplicas, ...now.eligibleLeaderReplicas];
          expect(new Set(both).size).toBe(both.length);
          expect(both.length).toBeGreaterThanOrEqual(effectiveMinInSync(minInSyncReplicas, 3));
        }
      }),
    );
  });
});

describe('a partition without a leader', () => {
  it('C8: counts its epoch up once, so that the old leader is fenced', () => {
    const offline = withoutLeader(partition);
    expect(offline).toMatchObject({ leader: NO_LEADER, leaderEpoch: 8 });
    expect(withoutLeader(offline)).toBe(offline);
  });
});
