import { describe, expect, it } from 'vitest';
import type { GhostBatch } from '../src/ghost-log.ts';
import { ProducerOracle } from '../src/producer-oracle.ts';

function batch(baseOffset: number, baseSequence: number, more: Partial<GhostBatch> = {}): GhostBatch {
  const place = { baseOffset, nextOffset: baseOffset + 2, leaderEpoch: 1, crc: 0 };
  return { ...place, producerId: 7, producerEpoch: 0, baseSequence, ...more };
}

describe('the oracle of producers', () => {
  it('V30: finds nothing wrong with numbers that follow each other, and begin anew in a new epoch', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 0), batch(2, 2)])).toBeUndefined();
    expect(oracle.committed([batch(4, 0, { producerEpoch: 1 })])).toBeUndefined();
    expect(
      oracle.committed([batch(6, 0, { producerId: 8 }), batch(8, 40, { producerId: -1 })]),
    ).toBeUndefined();
  });

  it('V30: a batch that stands twice', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 0), batch(2, 0)])).toMatch(
      /^V30: producer 7 has sequence 0 at 2, where 2 comes next/,
    );
  });

  it('V30: a gap under later ones', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 0), batch(2, 4)])).toMatch(/^V30: producer 7 has sequence 4 at 2/);
  });

  it('V30: an older epoch behind a newer one', () => {
    const oracle = new ProducerOracle();
    const newer = batch(0, 0, { producerEpoch: 3 });
    expect(oracle.committed([newer, batch(2, 2)])).toMatch(
      /^V30: producer 7 of epoch 0 at 2, behind its epoch 3/,
    );
  });

  it('S47: after the highest int32 comes 0', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 2 ** 31 - 2), batch(2, 0)])).toBeUndefined();
  });

  it('P2: what retention has deleted is known all the same, unless every copy may be gone', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 0)])).toBeUndefined();
    expect(oracle.committed([batch(2, 0)])).toMatch(/^V30: producer 7 has sequence 0 at 2/);
    expect(oracle.committed([batch(4, 9)], 4)).toBeUndefined();
  });

  it('C4: what an election took counts no more', () => {
    const oracle = new ProducerOracle();
    expect(oracle.committed([batch(0, 8)])).toBeUndefined();
    oracle.lost([batch(0, 8)]);
    expect(oracle.committed([batch(2, 0)])).toBeUndefined();
  });
});
