import type { LogView } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { type QuorumMember, QuorumOracle } from '../src/quorum-oracle.ts';
import { logOf } from './log-of.ts';

const voters = [{ id: 1 }, { id: 2 }, { id: 3 }];

function member(
  id: number,
  log: LogView,
  view: Partial<NonNullable<QuorumMember['view']>> = {},
  life = 1,
): QuorumMember {
  return {
    id,
    directoryId: `d${id}`,
    life,
    log,
    view: { isLeader: false, leaderId: undefined, epoch: 1, highWatermark: 0, ...view },
  };
}

describe('the oracle of the quorum', () => {
  it('finds nothing wrong with a healthy quorum', () => {
    const oracle = new QuorumOracle();
    const members = [
      member(1, logOf('a@1 b@1'), { isLeader: true, leaderId: 1, highWatermark: 2 }),
      member(2, logOf('a@1 b@1'), { leaderId: 1, highWatermark: 1 }),
      member(3, logOf('a@1 | b@1'), { leaderId: 1 }),
    ];
    expect(oracle.look(members, voters)).toBeUndefined();
    expect(oracle.committed.endOffset).toBe(2);
  });

  it('V20: two leaders of one epoch', () => {
    const oracle = new QuorumOracle();
    const one = member(1, logOf(''), { isLeader: true, leaderId: 1 });
    const two = member(2, logOf(''), { isLeader: true, leaderId: 2 });
    expect(oracle.look([one, two], voters)).toMatch(/^V20: in epoch 1 1 and 2 lead/);
  });

  it('V20: a follower that takes another for the leader', () => {
    const oracle = new QuorumOracle();
    const one = member(1, logOf(''), { isLeader: true, leaderId: 1 });
    expect(oracle.look([one, member(2, logOf(''), { leaderId: 3 })], voters)).toMatch(/^V20/);
  });

  it('V21: two votes in one epoch, with a crash between them', () => {
    const oracle = new QuorumOracle();
    const vote = { voterDirectoryId: 'd3', epoch: 5 };
    expect(oracle.voted({ ...vote, candidateDirectoryId: 'd1' })).toBeUndefined();
    expect(oracle.voted({ ...vote, candidateDirectoryId: 'd1' })).toBeUndefined();
    expect(oracle.voted({ ...vote, candidateDirectoryId: 'd2' })).toMatch(/^V21/);
  });

  it('V22: a leader without what is committed', () => {
    const oracle = new QuorumOracle();
    const old = member(1, logOf('a@1 b@1'), { highWatermark: 2 });
    expect(oracle.look([old, member(2, logOf('a@1 b@1'))], voters)).toBeUndefined();
    const leader = member(3, logOf('a@1'), { isLeader: true, leaderId: 3, epoch: 2 });
    expect(oracle.look([leader], voters)).toMatch(/^V22: 3 leads epoch 2 without/);
  });

  it('V22: other bytes at the same offset and epoch', () => {
    const oracle = new QuorumOracle();
    expect(oracle.look([member(1, logOf('a@1')), member(2, logOf('b@1'))], voters)).toMatch(/^V22: 2 has/);
  });

  it('V22: a high watermark that falls, in one life', () => {
    const oracle = new QuorumOracle();
    const log = logOf('a@1 b@1');
    const other = member(2, logOf('a@1 b@1'));
    expect(oracle.look([member(1, log, { highWatermark: 2 }), other], voters)).toBeUndefined();
    expect(oracle.look([member(1, log, { highWatermark: 1 }, 2), other], voters)).toBeUndefined();
    expect(oracle.look([member(1, log, { highWatermark: 0 }, 2), other], voters)).toMatch(/^V22: the high/);
  });

  it('V22: committed records cut away', () => {
    const oracle = new QuorumOracle();
    const log = logOf('a@1 b@1');
    const other = member(2, logOf('a@1 b@1'));
    expect(oracle.look([member(1, log, { highWatermark: 2 }), other], voters)).toBeUndefined();
    log.truncateTo(1);
    expect(oracle.look([member(1, log, { highWatermark: 2 }), other], voters)).toMatch(/^V22: 1 has cut/);
  });

  it('V22: two members that call different records committed', () => {
    const oracle = new QuorumOracle();
    const one = member(1, logOf('a@1 b@1'), { highWatermark: 2 });
    expect(oracle.look([one, member(2, logOf('a@1 b@1'))], voters)).toBeUndefined();
    const three = member(3, logOf('a@1 c@2'), { highWatermark: 2, epoch: 2 });
    expect(oracle.look([three], voters)).toMatch(/^V22: 3 calls something else committed/);
  });

  it('V23, D1: what was synced once is on the disk, though its process was killed since; not what was cut since', () => {
    const other = member(3, logOf(''));
    const leader = (highWatermark: number): QuorumMember =>
      member(1, logOf('a@1 b@1'), { isLeader: true, leaderId: 1, highWatermark });
    const synced = member(2, logOf('a@1 b@1'));
    const killed = member(2, logOf('| a@1 b@1'), {}, 2);
    const oracle = new QuorumOracle();
    expect(oracle.look([leader(0), synced, other], voters)).toBeUndefined();
    expect(oracle.look([leader(2), killed, other], voters)).toBeUndefined();
    const again = new QuorumOracle();
    expect(again.look([leader(0), synced, other], voters)).toBeUndefined();
    expect(again.look([leader(0), member(2, logOf('a@1'), {}, 2), other], voters)).toBeUndefined();
    expect(again.look([leader(2), member(2, logOf('a@1 | b@1'), {}, 2), other], voters)).toMatch(/^V23/);
  });

  it('V23: committed before a majority has it on the disk (Q5, S68)', () => {
    const oracle = new QuorumOracle();
    const one = member(1, logOf('a@1'), { highWatermark: 1 });
    expect(oracle.look([one, member(2, logOf('| a@1')), member(3, logOf(''))], voters)).toMatch(/^V23/);
    expect(new QuorumOracle().look([member(1, logOf('| a@1'), { highWatermark: 1 })], [{ id: 1 }])).toMatch(
      /^V23/,
    );
  });
});
