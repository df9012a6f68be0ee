import { describe, expect, it } from 'vitest';
import type { ProposalResult } from '../src/hosts.ts';
import { batchOf, fill, recordsOf } from './support/log.ts';
import { registration, settings, testLeader } from './support/roles.ts';

const produced = { wallMs: 0, origin: 'client' } as const;

const success = (partitionEpoch: number, inSyncReplicas: readonly number[]): ProposalResult => ({
  outcome: 'answered',
  error: 'NONE',
  leaderEpoch: 3,
  partitionEpoch,
  inSyncReplicas,
});
const failure = (
  error: 'INELIGIBLE_REPLICA' | 'INVALID_UPDATE_VERSION' | 'NOT_CONTROLLER',
): ProposalResult => ({
  outcome: 'answered',
  error,
  leaderEpoch: -1,
  partitionEpoch: -1,
  inSyncReplicas: [],
});

/** Ten records of epoch 1 before this leadership, and high watermark 4. */
const inherited = { log: (log: Parameters<typeof fill>[0]) => fill(log, 1, 10), highWatermark: 4 };

describe('becoming leader', () => {
  it('L2: enters its epoch at the log end at once, keeps the high watermark and cuts nothing', () => {
    const { leader, log } = testLeader(inherited);
    expect(log.epochs).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 3, startOffset: 10 },
    ]);
    expect([leader.leaderEpochStart, leader.highWatermark, log.logEndOffset]).toEqual([10, 4, 10]);
  });
  it('L8, I2: answers no latest offset until the in-sync set has confirmed its start', () => {
    const { leader, fetch, states } = testLeader(inherited);
    expect(leader.latestOffset(-1)).toBe('OFFSET_NOT_AVAILABLE');
    fetch(2, 9);
    expect(leader.highWatermark).toBe(9);
    expect(leader.latestOffset(-1)).toBe('OFFSET_NOT_AVAILABLE');
    expect(states()).toMatchObject({ 'high watermark': 'establishing' });
    fetch(2, 10);
    expect(leader.latestOffset(-1)).toBe(10);
    expect(states()).toMatchObject({ 'high watermark': 'serving' });
  });
  it('L4: alone in sync, it has all committed from the start', () => {
    const alone = { ...inherited, registration: { inSyncReplicas: [1] }, settings: { minInSyncReplicas: 1 } };
    const { leader, states, orders } = testLeader(alone);
    expect(leader.latestOffset(-1)).toBe(10);
    expect(states()).toMatchObject({ 'high watermark': 'serving' });
    expect(orders.highWatermarks).toEqual([10]);
  });
});

describe('producing', () => {
  it('L1: assigns offsets from the log end and stamps the leader epoch', () => {
    const { leader, log } = testLeader(inherited);
    expect(leader.produce(batchOf('a'), 'all', produced)).toEqual({
      outcome: 'appended',
      firstOffset: 10,
      lastOffset: 10,
    });
    const read = log.read(10, { upToOffset: 11, maxBytes: 1_000 });
    expect(recordsOf(read.outcome === 'records' ? read.records : [])).toEqual([
      { offset: 10, epoch: 3, value: 'a' },
    ]);
  });
  it('L6: acks=all is refused before it leaves a trace when too few are in sync', () => {
    const { leader, log } = testLeader({ registration: { inSyncReplicas: [1] } });
    expect(leader.produce(batchOf('a'), 'all', produced)).toMatchObject({
      outcome: 'refused',
      error: 'NOT_ENOUGH_REPLICAS',
    });
    expect(log.logEndOffset).toBe(0);
    expect(leader.produce(batchOf('a'), 'leader', produced)).toMatchObject({ outcome: 'appended' });
    expect(leader.highWatermark).toBe(0);
  });
  it('L6: what is committed when too few are in sync is answered as indefinite', () => {
    const { leader, clock, fetch, orders } = testLeader({ settings: { minInSyncReplicas: 2 } });
    fetch(2, 0);
    leader.produce(batchOf('a'), 'all', produced);
    fetch(2, 1);
    expect(leader.commitment(1)).toBe('committed');
    leader.produce(batchOf('b'), 'leader', produced);
    clock.pass(15_000);
    expect(orders.proposals).toHaveLength(1);
    leader.proposalAnswered(1, success(8, [1]));
    expect(leader.commitment(1)).toBe('committed by too few');
    expect(leader.commitment(2)).toBe('waiting');
  });
  it('L3, L4: without followers the own flush is what commits', () => {
    const alone = { registration: { inSyncReplicas: [1] }, settings: { minInSyncReplicas: 1 } };
    const { leader, log } = testLeader({ ...alone, holdsFlushes: true });
    leader.produce(batchOf('a'), 'all', produced);
    expect(leader.highWatermark).toBe(0);
    log.flushNow();
    leader.flushed();
    expect(leader.highWatermark).toBe(1);
  });
});

describe('a follower fetch', () => {
  it('L9, M16: of another epoch counts for nothing', () => {
    const { leader, fetch } = testLeader(inherited);
    expect(fetch(2, 10, { currentLeaderEpoch: 2 })).toMatchObject({ error: 'FENCED_LEADER_EPOCH' });
    expect(fetch(2, 10, { currentLeaderEpoch: 4 })).toMatchObject({ error: 'UNKNOWN_LEADER_EPOCH' });
    expect(leader.highWatermark).toBe(4);
    expect(leader.describeEnds()[1]).toEqual({ broker: 2, logEndOffset: -1, flushedEndOffset: -1 });
  });
  it('L9: of a broker that is no replica, and I1: of a life that is over, is refused', () => {
    const { fetch, brokerEpochs } = testLeader(inherited);
    expect(fetch(9, 10)).toMatchObject({ error: 'UNKNOWN_LEADER_EPOCH' });
    brokerEpochs.set(2, 50);
    expect(fetch(2, 10, { brokerEpoch: 49 })).toMatchObject({ error: 'STALE_BROKER_EPOCH' });
  });
  it('F2, I1: of a log that has parted from ours learns where, and counts for nothing', () => {
    const { leader, fetch } = testLeader(inherited);
    expect(fetch(2, 14, { lastFetchedEpoch: 2 })).toEqual({
      outcome: 'diverging',
      diverging: { epoch: 1, endOffset: 10 },
    });
    expect(fetch(2, 14, { lastFetchedEpoch: 1 })).toEqual({
      outcome: 'diverging',
      diverging: { epoch: 1, endOffset: 10 },
    });
    expect(leader.describeEnds()[1]?.logEndOffset).toBe(-1);
  });
  it('F2, F6: outside the log is out of range', () => {
    const { fetch, log } = testLeader(inherited);
    log.advanceLogStart(4, 4);
    expect(fetch(2, 2, { lastFetchedEpoch: 1 })).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
    expect(fetch(2, 30, { lastFetchedEpoch: -1 })).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
  });
  it('L7: reads up to the log end, a consumer up to the high watermark', () => {
    const { leader, fetch } = testLeader(inherited);
    fetch(2, 6);
    const position = {
      currentLeaderEpoch: 3,
      fetchOffset: 6,
      lastFetchedEpoch: 1,
      flushedEnd: 6,
      logStartOffset: 0,
    };
    expect(leader.readForFollower(position, 2, 100_000)).toMatchObject({
      outcome: 'records',
      nextOffset: 10,
    });
    expect(leader.readForFollower({ ...position, currentLeaderEpoch: 2 }, 2, 1)).toMatchObject({
      error: 'FENCED_LEADER_EPOCH',
    });
    const consumer = { fetchOffset: 0, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
    expect(leader.consumerRead(consumer, 100_000)).toMatchObject({ outcome: 'records', nextOffset: 6 });
  });
  it('L7: a consumer between high watermark and log end gets nothing, and beyond it an error', () => {
    const { leader } = testLeader(inherited);
    const at = (fetchOffset: number) =>
      leader.consumerRead({ fetchOffset, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }, 1_000);
    expect(at(8)).toEqual({ outcome: 'records', records: [], nextOffset: 8 });
    expect(at(11)).toMatchObject({ outcome: 'refused', error: 'OFFSET_OUT_OF_RANGE' });
  });
  it('L9: clients that name an epoch are compared, and learn the end of one that they ask for (F2)', () => {
    const { leader } = testLeader(inherited);
    expect(leader.latestOffset(2)).toBe('FENCED_LEADER_EPOCH');
    expect(leader.endOfEpoch(1, 4)).toBe('UNKNOWN_LEADER_EPOCH');
    expect(leader.endOfEpoch(1, 3)).toEqual({ epoch: 1, endOffset: 10 });
    expect(leader.endOfEpoch(9, 3)).toBeUndefined();
  });
  it('I1: a flush is reported for the epoch and life that fetch', () => {
    const { leader, fetch } = testLeader(inherited);
    const flush = { brokerId: 2, brokerEpoch: 2, leaderEpoch: 3, flushedEnd: 10 };
    expect(leader.followerFlushed(flush)).toBe('STALE_BROKER_EPOCH');
    fetch(2, 10, { flushedEnd: 5 });
    expect(leader.highWatermark).toBe(5);
    expect(leader.followerFlushed({ ...flush, leaderEpoch: 2 })).toBe('FENCED_LEADER_EPOCH');
    expect(leader.followerFlushed({ ...flush, brokerId: 8 })).toBe('UNKNOWN_LEADER_EPOCH');
    expect(leader.followerFlushed(flush)).toBe('NONE');
    expect(leader.highWatermark).toBe(10);
  });
});

describe('the in-sync set', () => {
  it('I3: proposes who qualifies, with the life that has fetched, and one at a time (I5)', () => {
    const { fetch, orders, states } = testLeader();
    fetch(3, 0);
    expect(orders.proposals).toEqual([
      {
        token: 1,
        proposal: {
          kind: 'expand',
          changed: [3],
          leaderEpoch: 3,
          partitionEpoch: 7,
          inSyncReplicas: [
            { brokerId: 1, brokerEpoch: 1 },
            { brokerId: 2, brokerEpoch: 2 },
            { brokerId: 3, brokerEpoch: 3 },
          ],
          isRecovering: false,
        },
      },
    ]);
    fetch(3, 0);
    expect(orders.proposals).toHaveLength(1);
    expect(states()).toMatchObject({ 'in-sync set': { expanding: 'asking' } });
  });
  it('I3, S14: a life that the metadata do not know may fetch, but not join', () => {
    const { fetch, orders } = testLeader();
    expect(fetch(3, 0, { brokerEpoch: 90 })).toEqual({ outcome: 'accepted' });
    expect(orders.proposals).toEqual([]);
  });
  it('L5, M10: who is about to join gates commits already; success is adopted and commits (L4)', () => {
    const { leader, fetch } = testLeader();
    fetch(2, 0);
    fetch(3, 0);
    leader.produce(batchOf('a'), 'all', produced);
    fetch(2, 1);
    expect(leader.maximalInSync).toEqual([1, 2, 3]);
    expect(leader.highWatermark).toBe(0);
    leader.proposalAnswered(1, success(8, [1, 2, 3]));
    expect(leader.highWatermark).toBe(0);
    fetch(3, 1);
    expect(leader.highWatermark).toBe(1);
  });
  it('L5, M10: who is about to join gates commits though it has never been caught up', () => {
    const { leader, fetch } = testLeader();
    for (const value of ['a', 'b', 'c']) leader.produce(batchOf(value), 'all', produced);
    fetch(2, 1);
    fetch(3, 2);
    expect(leader.maximalInSync).toEqual([1, 2, 3]);
    fetch(2, 3);
    expect(leader.highWatermark).toBe(2);
  });
  it('L3, I3: the fetch by which one joins may commit as well', () => {
    const { leader, clock, fetch } = testLeader();
    fetch(2, 0);
    fetch(3, 0);
    leader.proposalAnswered(1, failure('INELIGIBLE_REPLICA'));
    leader.produce(batchOf('a'), 'all', produced);
    fetch(2, 1);
    clock.pass(100);
    expect(leader.highWatermark).toBe(0);
    fetch(3, 1);
    expect([leader.highWatermark, leader.maximalInSync]).toEqual([1, [1, 2, 3]]);
  });
  it('I4, L5, M11: who lags is proposed to leave, and gates commits until that is confirmed', () => {
    const { leader, clock, fetch, orders } = testLeader({
      registration: { inSyncReplicas: [1, 2, 3] },
    });
    leader.produce(batchOf('a'), 'all', produced);
    clock.pass(9_000);
    fetch(2, 1);
    clock.pass(6_001);
    expect(orders.proposals.map(({ proposal }) => [proposal.kind, proposal.changed])).toEqual([
      ['shrink', [3]],
    ]);
    expect(leader.highWatermark).toBe(0);
    leader.proposalAnswered(1, success(8, [1, 2]));
    expect(leader.highWatermark).toBe(1);
  });
  it('I1: a fetch that does not name the partition counts too: who had all then has had all until then', () => {
    const { leader, clock, fetch, orders } = testLeader();
    const contact = { lastFetchMs: 0 };
    fetch(2, 0, { contact });
    clock.pass(50_000);
    contact.lastFetchMs = clock.nowMs();
    leader.produce(batchOf('a'), 'all', produced);
    clock.pass(9_000);
    expect([leader.checkLag(), orders.proposals.length]).toEqual([true, 0]);
    clock.pass(1_001);
    expect([leader.checkLag(), orders.proposals.length]).toEqual([true, 1]);
  });
  it('I3: while somebody is out of sync, next fetches are listened to when one may join again', () => {
    const { leader, fetch, orders, ineligible } = testLeader();
    expect(orders.listens).toBe(1);
    ineligible.add(3);
    fetch(3, 0);
    expect(orders.proposals).toEqual([]);
    ineligible.delete(3);
    leader.eligibilityChanged();
    expect(orders.listens).toBe(2);
    fetch(3, 0);
    leader.proposalAnswered(1, success(8, [1, 2, 3]));
    leader.eligibilityChanged();
    expect(orders.listens).toBe(2);
  });
  it('I5, S13: after a refusal the set is what it was, and the next proposal waits', () => {
    const { leader, clock, fetch, orders, states } = testLeader();
    fetch(3, 0);
    leader.proposalAnswered(1, failure('INELIGIBLE_REPLICA'));
    expect(leader.maximalInSync).toEqual([1, 2]);
    expect(states()).toMatchObject({ 'in-sync set': { settled: 'refused' } });
    fetch(3, 0);
    expect(orders.proposals).toHaveLength(1);
    clock.pass(100);
    fetch(3, 0);
    expect(orders.proposals.map(({ token }) => token)).toEqual([1, 2]);
  });
  it('I5, S11: when only the metadata can tell, both sets gate commits until they do', () => {
    const { leader, fetch, states } = testLeader();
    fetch(3, 0);
    leader.proposalAnswered(1, failure('INVALID_UPDATE_VERSION'));
    expect(states()).toMatchObject({ 'in-sync set': { expanding: 'awaiting metadata' } });
    expect(leader.maximalInSync).toEqual([1, 2, 3]);
    leader.partitionChanged({ ...registration, partitionEpoch: 8, inSyncReplicas: [1, 2, 3] });
    expect(states()).toMatchObject({ 'in-sync set': { settled: 'agreed' } });
    expect(leader.maximalInSync).toEqual([1, 2, 3]);
  });
  it('I5, M28: a lost answer leaves the outcome unknown; it is asked again, and the first answer is stale then', () => {
    const { leader, clock, fetch, orders, states } = testLeader();
    fetch(3, 0);
    leader.proposalAnswered(1, { outcome: 'no answer' });
    expect(leader.maximalInSync).toEqual([1, 2, 3]);
    clock.pass(100);
    expect(orders.proposals.map(({ token }) => token)).toEqual([1, 2]);
    leader.proposalAnswered(1, failure('INELIGIBLE_REPLICA'));
    expect(states()).toMatchObject({ 'in-sync set': { expanding: 'asking' } });
    leader.proposalAnswered(2, failure('NOT_CONTROLLER'));
    expect(states()).toMatchObject({ 'in-sync set': { expanding: 'asking again' } });
  });
  it('I5, S12: an answer that the metadata have overtaken is ignored', () => {
    const { leader, fetch } = testLeader();
    fetch(3, 0);
    leader.partitionChanged({ ...registration, partitionEpoch: 9, inSyncReplicas: [1, 3] });
    leader.proposalAnswered(1, success(8, [1, 2, 3]));
    expect(leader.maximalInSync).toEqual([1, 3]);
  });
  it('I7: older metadata are ignored, equal ones taken while the proposal stays', () => {
    const { leader, fetch, states } = testLeader();
    leader.partitionChanged({ ...registration, partitionEpoch: 6, inSyncReplicas: [1] });
    expect(leader.maximalInSync).toEqual([1, 2]);
    fetch(3, 0);
    leader.partitionChanged({ ...registration, partitionEpoch: 6, inSyncReplicas: [1] });
    leader.partitionChanged(registration);
    expect(states()).toMatchObject({ 'in-sync set': { expanding: 'asking' } });
  });
  it('I5, I7, S13: while it shrinks, late answers and older metadata change nothing, and a refusal leaves the set as it was', () => {
    const { leader, clock, fetch, orders, states } = testLeader({
      registration: { inSyncReplicas: [1, 2, 3] },
    });
    leader.produce(batchOf('a'), 'all', produced);
    clock.pass(9_000);
    fetch(2, 1);
    clock.pass(6_001);
    expect(states()).toMatchObject({ 'in-sync set': { shrinking: 'asking' } });
    leader.proposalAnswered(0, success(8, [1, 2]));
    leader.partitionChanged({ ...registration, partitionEpoch: 6, inSyncReplicas: [1] });
    expect(states()).toMatchObject({ 'in-sync set': { shrinking: 'asking' } });
    leader.proposalAnswered(1, failure('INELIGIBLE_REPLICA'));
    expect(states()).toMatchObject({ 'in-sync set': { settled: 'refused' } });
    expect([leader.maximalInSync, leader.highWatermark, orders.proposals.length]).toEqual([[1, 2, 3], 0, 1]);
  });
  it('I7: another epoch needs another role', () => {
    const { leader } = testLeader();
    expect(() => leader.partitionChanged({ ...registration, leaderEpoch: 4, partitionEpoch: 8 })).toThrow(
      /a new epoch needs a new role/,
    );
  });
  it('C4: the first change after an unclean election says that the leader has recovered', () => {
    const { leader, fetch, orders } = testLeader({
      registration: { inSyncReplicas: [1], isRecovering: true, uncleanLeaderEpoch: 3 },
    });
    fetch(2, 0);
    expect(orders.proposals[0]?.proposal.isRecovering).toBe(false);
    leader.proposalAnswered(1, success(8, [1, 2]));
    expect(leader.maximalInSync).toEqual([1, 2]);
  });
  it('L4: settings, eligibility and the passing of time may commit too', () => {
    const lower = testLeader({ registration: { inSyncReplicas: [1] } });
    lower.leader.produce(batchOf('a'), 'leader', produced);
    lower.leader.settingsChanged({ ...settings, minInSyncReplicas: 1 });
    expect(lower.leader.highWatermark).toBe(1);

    const outside = testLeader({ settings: { minInSyncReplicas: 1 }, registration: { inSyncReplicas: [1] } });
    outside.fetch(3, 0);
    outside.leader.proposalAnswered(1, failure('INELIGIBLE_REPLICA'));
    outside.leader.produce(batchOf('a'), 'all', produced);
    expect(outside.leader.highWatermark).toBe(0);
    outside.clock.pass(15_100);
    expect(outside.leader.highWatermark).toBe(1);
    outside.fetch(3, 1);
    outside.leader.proposalAnswered(2, failure('INELIGIBLE_REPLICA'));
    outside.leader.produce(batchOf('b'), 'all', produced);
    outside.ineligible.add(3);
    outside.leader.eligibilityChanged();
    expect(outside.leader.highWatermark).toBe(2);
  });
});
