import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/soak/ledger.ts';

function ledgerOf(...acknowledged: readonly (readonly [offset: number, number: number])[]): Ledger {
  const ledger = new Ledger();
  for (const [offset, number] of acknowledged) ledger.acknowledged(0, offset, { writer: 1, number });
  return ledger;
}

describe('the ledger of a soak', () => {
  it('finds nothing wrong with a log that has what was acknowledged, and records whose fate was not told', () => {
    const ledger = ledgerOf([0, 0], [2, 2]);
    ledger.notToldOf();
    ledger.conclude(0, ['1:0', '1:1', '1:2', '2:0', '1:3']);
    expect(ledger.problems).toEqual([]);
  });

  it('V1 names an acknowledged record that is missing at the end, or was replaced', () => {
    const short = ledgerOf([0, 0], [1, 1]);
    short.conclude(0, ['1:0']);
    expect(short.problems).toEqual(['0/1: 1:1 was acknowledged, and the log ends at 1 (V1)']);
    const other = ledgerOf([0, 0]);
    other.conclude(0, ['2:0']);
    expect(other.problems).toEqual(['0/0: read as 2:0, before as 1:0 (V1, V9)']);
  });

  it('V9 names an offset that two readers saw differently', () => {
    const ledger = new Ledger();
    ledger.read(0, 7, '1:0');
    ledger.read(0, 7, '1:1');
    expect(ledger.problems).toHaveLength(1);
  });

  it('V13 names a record that was refused and is there all the same', () => {
    const ledger = new Ledger();
    ledger.refused({ writer: 1, number: 0 });
    ledger.conclude(0, ['1:0']);
    expect(ledger.problems).toEqual(['0/0: 1:0 was refused (V13)']);
  });

  it('V30 names a record that is there twice, or in another order than it was sent in', () => {
    const ledger = new Ledger();
    ledger.conclude(0, ['1:0', '1:2', '1:1', '1:2']);
    expect(ledger.problems).toEqual(['0/2: 1:1 after 1:2 (V30)', '0/3: 1:2 after 1:2 (V30)']);
  });

  it('names what none of its writers wrote', () => {
    const ledger = new Ledger();
    ledger.conclude(0, ['hello']);
    expect(ledger.problems).toEqual(['0/0: nobody wrote hello']);
  });
});
