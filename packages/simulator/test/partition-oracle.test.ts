import type { LogView } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { PartitionOracle, type PartitionSeen, type ReplicaSeen } from '../src/partition-oracle.ts';
import { logOf } from './log-of.ts';

function replica(broker: number, log: LogView, more: Partial<ReplicaSeen> = {}): ReplicaSeen {
  return { broker, life: 1, log, leads: false, leaderEpoch: 1, highWatermark: 0, ...more };
}

function metadata(more: Partial<PartitionSeen> = {}): PartitionSeen {
  return {
    leader: 1,
    leaderEpoch: 1,
    inSyncReplicas: [1, 2],
    eligibleLeaderReplicas: [],
    lastUncleanEpoch: -1,
    minInSync: 1,
    ...more,
  };
}

/** A partition of which `a b` are committed in epoch 1 by leader 1, with 2 in sync and 3 one behind. */
function committed() {
  const oracle = new PartitionOracle('t-0');
  const [one, two, three] = [logOf('a@1 b@1'), logOf('a@1 b@1'), logOf('a@1')];
  const leader = replica(1, one, { leads: true, highWatermark: 2 });
  expect(oracle.look([leader, replica(2, two), replica(3, three)], metadata())).toBeUndefined();
  expect(oracle.ledger.endOffset).toBe(2);
  return { oracle, leader, one, two, three };
}

describe('the oracle of a partition', () => {
  it('V2: a leader is elected that has not all that is committed', () => {
    const { oracle, three } = committed();
    const elected = metadata({ leader: 3, leaderEpoch: 2, inSyncReplicas: [3] });
    expect(oracle.look([replica(3, three)], elected)).toMatch(/^V2: 3 was elected for epoch 2 without/);
  });

  it('V3: one that may be elected has not all that is committed', () => {
    const { oracle, leader, two, three } = committed();
    const joined = metadata({ inSyncReplicas: [1, 2, 3] });
    expect(oracle.look([leader, replica(2, two), replica(3, three)], joined)).toMatch(/^V3: 3/);
  });

  it('V4: a leader commits by fewer than the controller may elect from', () => {
    const { oracle, leader } = committed();
    expect(oracle.look([{ ...leader, maximalInSync: [1, 2, 3] }], metadata())).toBeUndefined();
    expect(oracle.look([{ ...leader, maximalInSync: [1] }], metadata())).toMatch(
      /^V4: leader 1 commits by \[1\]/,
    );
  });

  it('V11: something was acknowledged that was never committed', () => {
    const { oracle } = committed();
    expect(oracle.acknowledged(2)).toBeUndefined();
    expect(oracle.acknowledged(3)).toMatch(/^V11: offset 2 was acknowledged/);
  });

  it('V31, V13: a producer was told that its batch stands where another one does', () => {
    const { oracle } = committed();
    const batch = { producerId: -1, baseSequence: -1 };
    expect(oracle.acknowledged(2, { ...batch, baseOffset: 1 })).toBeUndefined();
    expect(oracle.acknowledged(2, { producerId: 7, baseSequence: 3, baseOffset: 1 })).toMatch(
      /^V31: sequence 3 of producer 7 was acknowledged at 1, where sequence -1 of -1 is committed/,
    );
  });

  it('V31, C4: what was acknowledged by a leader that had not heard of its unclean successor is lost, and told later', () => {
    const { oracle } = committed();
    const unclean = metadata({ leader: 3, leaderEpoch: 2, inSyncReplicas: [3], lastUncleanEpoch: 2 });
    const successor = replica(3, logOf('a@1 b@1 c@2'), { leads: true, leaderEpoch: 2, highWatermark: 3 });
    const batch = { producerId: 7, baseSequence: 3, baseOffset: 2 };
    expect(oracle.look([successor], unclean)).toBeUndefined();
    // It stands nowhere: the successor alone has led so far.
    expect(oracle.acknowledged(3, batch)).toMatch(/^V31: sequence 3 of producer 7/);
    const deposed = replica(1, logOf('a@1 b@1 d@1'), { leads: true, highWatermark: 3 });
    expect(oracle.look([deposed, successor], unclean)).toBeUndefined();
    expect(oracle.acknowledged(3, batch)).toBeUndefined();
    expect(oracle.acknowledged(3, { ...batch, baseOffset: 1 })).toMatch(/^V31/);
  });

  it('V12: something is committed that too few have durably', () => {
    const { oracle, leader, two } = committed();
    const three = logOf('a@1 b@1 | c@1');
    const replicas = [
      replica(1, logOf('a@1 b@1 c@1'), { ...leader, log: logOf('a@1 b@1 c@1'), highWatermark: 3 }),
    ];
    expect(
      oracle.look([...replicas, replica(2, two), replica(3, three)], metadata({ minInSync: 2 })),
    ).toMatch(/^V12: 3 is committed, but durable at 1 replicas, not 2/);
  });

  describe('V12, D11: the disk of a replica loses what it had when it said so', () => {
    /** Leader 1 has three records of which two are committed, 2 says that it has all three; then it is somewhere else. */
    function said(more: { readonly isSpoiled: boolean; readonly now: Partial<ReplicaSeen> }) {
      const { oracle, two } = committed();
      const [one, all] = [logOf('a@1 b@1 | c@1'), logOf('a@1 b@1 c@1')];
      const leader = (heard: number, highWatermark: number, log: LogView = one): ReplicaSeen =>
        replica(1, log, { leads: true, highWatermark, flushedEndHeardOf: () => heard });
      const enough = metadata({ minInSync: 2 });
      expect(oracle.look([leader(3, 2), replica(2, all)], enough)).toBeUndefined();
      if (more.isSpoiled) oracle.diskSpoiled(2);
      const now = replica(2, two, { life: 2, ...more.now });
      // The controller has taken 2 out of the set, and the leader does not know yet.
      const known = { ...enough, inSyncReplicas: [1] };
      const look = (heard: number, highWatermark: number): string | undefined =>
        oracle.look([leader(heard, highWatermark, highWatermark > 2 ? all : one), now], known);
      return { look };
    }

    it('its word counts until its leader has heard from the log that is there now', () => {
      const { look } = said({ isSpoiled: true, now: {} });
      expect(look(3, 2)).toBeUndefined();
      expect(look(3, 3)).toBeUndefined();
    });

    it('afterwards it does not count, whatever it says', () => {
      const { look } = said({ isSpoiled: true, now: {} });
      expect(look(3, 2)).toBeUndefined();
      expect(look(2, 2)).toBeUndefined();
      expect(look(3, 3)).toMatch(/^V12: 3 is committed, but durable at 1 replicas, not 2/);
    });

    it('with a leader who had not been told it does not count', () => {
      expect(said({ isSpoiled: true, now: {} }).look(2, 3)).toMatch(/^V12: 3 is committed/);
    });

    it('without a fault of its disk it is lost, though its life is another', () => {
      expect(said({ isSpoiled: false, now: {} }).look(3, 3)).toMatch(/^V12: 3 is committed/);
    });

    it('what it has cut away itself does not count, though its disk is spoiled', () => {
      expect(said({ isSpoiled: true, now: { life: 1 } }).look(3, 3)).toMatch(/^V12: 3 is committed/);
    });
  });

  it('V5: two replicas have other bytes at the same offset and epoch', () => {
    const { oracle, leader } = committed();
    expect(oracle.look([leader, replica(3, logOf('a@1 x@1'), { life: 2 })], metadata())).toMatch(/^V5: 3/);
  });

  it('V6: a leader commits something else than was committed', () => {
    const { oracle } = committed();
    const elected = metadata({ leader: 3, leaderEpoch: 2, inSyncReplicas: [3] });
    const leader = replica(3, logOf('a@1 b@1'), { leads: true, leaderEpoch: 2, highWatermark: 0 });
    expect(oracle.look([leader], elected)).toBeUndefined();
    const other = { ...leader, log: logOf('a@1 x@2 y@2'), highWatermark: 3, life: 2 };
    expect(oracle.look([other], elected)).toMatch(/^V6: 3 commits something else/);
  });

  it('V7: the high watermark of a leader falls in its epoch', () => {
    const { oracle, leader } = committed();
    expect(oracle.look([{ ...leader, highWatermark: 1 }], metadata())).toMatch(/^V7/);
  });

  it('V8: a consumer is given what is not committed', () => {
    const { oracle } = committed();
    expect(oracle.given(2)).toBeUndefined();
    expect(oracle.given(3)).toMatch(/^V8: a consumer was given offset 2/);
  });

  it('V10: two lead in one epoch, or one leads that was not elected', () => {
    const { oracle, leader, two } = committed();
    const usurper = replica(2, two, { leads: true });
    expect(oracle.look([leader, usurper], metadata())).toMatch(/^V10: 1 and 2 lead epoch 1/);
    expect(new PartitionOracle('t-0').look([usurper], metadata())).toMatch(
      /^V10: 2 leads epoch 1, for which 1/,
    );
  });

  it('V14: what is committed is cut away', () => {
    const { oracle, leader, two } = committed();
    two.truncateTo(1);
    expect(oracle.look([leader, replica(2, two)], metadata())).toMatch(/^V14: 2 has cut its log to 1/);
  });

  it('C4: after an unclean election the loss is taken from the ledger, and remembered', () => {
    const { oracle, three, one } = committed();
    const unclean = metadata({ leader: 3, leaderEpoch: 2, inSyncReplicas: [3], lastUncleanEpoch: 2 });
    const leader = replica(3, three, { leads: true, leaderEpoch: 2, highWatermark: 1 });
    expect(oracle.look([leader], unclean)).toBeUndefined();
    expect(oracle.losses).toMatchObject([{ leaderEpoch: 2, fromOffset: 1, toOffset: 2 }]);
    one.truncateTo(1);
    expect(oracle.look([leader, replica(1, one, { leaderEpoch: 2 })], unclean)).toBeUndefined();
  });
});
