import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkQuorumTimeoutMs,
  hearsMajority,
  highWatermarkAfter,
  majorityEnd,
  mayGrantPreVote,
  mayGrantVote,
  restartState,
} from '../src/index.ts';

const one = { id: 1, directoryId: 'one' };
const two = { id: 2, directoryId: 'two' };
const three = { id: 3, directoryId: 'three' };
const log = { lastEpoch: 3, endOffset: 10 };

describe('the high watermark of the quorum', () => {
  it('Q4: is what a majority has flushed', () => {
    expect(majorityEnd([5])).toBe(5);
    expect(majorityEnd([9, 4])).toBe(4);
    expect(majorityEnd([9, 4, 7])).toBe(7);
    expect(majorityEnd([9, 4, 7, 1])).toBe(4);
    expect(majorityEnd([])).toBe(-1);
  });
  it('Q4: twin: the greatest end that more than half of the voters have reached', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }), (ends) => {
        let slow = -1;
        for (let end = 0; end <= 30; end++)
          if (ends.filter((reached) => reached >= end).length * 2 > ends.length) slow = end;
        expect(majorityEnd(ends)).toBe(slow);
      }),
    );
  });
  it('Q4, S66: is not exposed at the epoch start, only past it', () => {
    expect(highWatermarkAfter(2, 10, [11, 10, 10])).toBe(2);
    expect(highWatermarkAfter(2, 10, [11, 11, 4])).toBe(11);
  });
  it('Q4: never decreases, also not with other voters', () => {
    const ends = fc.array(fc.nat(30), { maxLength: 5 });
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), ends, (current, epochStart, flushed) => {
        expect(highWatermarkAfter(current, epochStart, flushed)).toBeGreaterThanOrEqual(current);
      }),
    );
  });
  it('Q5, S68: a lone voter commits what it has flushed, not what it has appended', () => {
    expect(highWatermarkAfter(0, 0, [0])).toBe(0);
    expect(highWatermarkAfter(0, 0, [1])).toBe(1);
  });
});

describe('a vote', () => {
  const free = { leaderId: undefined, votedFor: undefined, log };
  it('Q2: goes to a candidate whose log reaches as far, epoch first', () => {
    expect(mayGrantVote(free, two, 5, log)).toBe(true);
    expect(mayGrantVote(free, two, 5, { lastEpoch: 3, endOffset: 9 })).toBe(false);
    expect(mayGrantVote(free, two, 5, { lastEpoch: 2, endOffset: 99 })).toBe(false);
    expect(mayGrantVote(free, two, 5, { lastEpoch: 4, endOffset: 1 })).toBe(true);
  });
  it('Q2: is given once in an epoch, again only to the same id and directory', () => {
    const voted = { ...free, votedFor: two };
    expect(mayGrantVote(voted, two, 5, log)).toBe(true);
    expect(mayGrantVote(voted, three, 5, log)).toBe(false);
    expect(mayGrantVote(voted, { ...two, directoryId: 'wiped' }, 5, log)).toBe(false);
  });
  it('Q2: is not given once a leader of the epoch is known', () => {
    expect(mayGrantVote({ ...free, leaderId: 3 }, two, 5, log)).toBe(false);
  });
  it('Q2: is not given in an epoch that the candidate has already written in', () => {
    expect(mayGrantVote(free, two, 5, { lastEpoch: 5, endOffset: 99 })).toBe(false);
  });
});

describe('a pre-vote', () => {
  it('Q3, S60: is refused by a leader and by a follower that hears its leader', () => {
    expect(mayGrantPreVote('leader', false, log, log)).toBe(false);
    expect(mayGrantPreVote('follower', true, log, log)).toBe(false);
  });
  it('Q3, S62: is granted by a follower that never fetched from its leader', () => {
    expect(mayGrantPreVote('follower', false, log, log)).toBe(true);
  });
  it('Q3: is granted by whoever has no leader, to a log that reaches as far', () => {
    for (const state of ['unattached', 'prospective', 'candidate', 'resigned'] as const) {
      expect(mayGrantPreVote(state, false, log, log)).toBe(true);
      expect(mayGrantPreVote(state, false, log, { lastEpoch: 3, endOffset: 9 })).toBe(false);
    }
  });
});

describe('check quorum', () => {
  const nobody = () => false;
  it('Q8: a leader that hears no majority resigns after one and a half fetch timeouts', () => {
    expect(checkQuorumTimeoutMs(2000)).toBe(3000);
    expect(hearsMajority(one, [one, two, three], nobody)).toBe(false);
    expect(hearsMajority(one, [one, two, three], (voter) => voter.id === 2)).toBe(true);
  });
  it('Q8: a lone voter is exempt', () => {
    expect(hearsMajority(one, [one], nobody)).toBe(true);
  });
  it('Q8: a leader that is no voter does not count itself', () => {
    expect(hearsMajority(one, [two, three], (voter) => voter.id === 2)).toBe(false);
    expect(hearsMajority(one, [two, three], () => true)).toBe(true);
  });
});

describe('a restart', () => {
  const stored = { epoch: 5, votedFor: undefined, leaderId: undefined };
  it('Q6, S65: a leader comes back as resigned, in the same epoch', () => {
    const was = { ...stored, leaderId: 1 };
    expect(restartState(one, true, was, 5)).toEqual({ state: 'resigned', voteState: was });
  });
  it('Q6: a candidate comes back as candidate, a follower as follower', () => {
    expect(restartState(one, true, { ...stored, votedFor: one }, 4).state).toBe('candidate');
    expect(restartState(one, true, { ...stored, leaderId: 2 }, 4).state).toBe('follower');
  });
  it('Q6, S64: one that voted comes back unattached, with its vote', () => {
    const was = { ...stored, votedFor: two };
    expect(restartState(one, true, was, 4)).toEqual({ state: 'unattached', voteState: was });
  });
  it('Q6: a log of a later epoch than the vote state wins', () => {
    expect(restartState(one, true, { ...stored, leaderId: 1 }, 7)).toEqual({
      state: 'unattached',
      voteState: { epoch: 7, votedFor: undefined, leaderId: undefined },
    });
  });
  it('Q13: who is no voter comes back as observer', () => {
    expect(restartState(one, false, { ...stored, leaderId: 2 }, 5).state).toBe('observer');
  });
});
