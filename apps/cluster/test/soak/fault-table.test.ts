import { expect, it } from 'vitest';
import { FaultTable, tableText } from '../../src/soak/fault-table.ts';

it('says how often each fault was tried, and the longest silence in it', () => {
  const table = new FaultTable();
  table.silentFor(9000);
  table.began('cut');
  table.silentFor(300);
  table.began('kill all');
  table.silentFor(1250);
  table.silentFor(40);
  table.began('kill all');
  table.silentFor(700);
  expect(tableText(table.rows())).toEqual([
    'fault     times    longest silence',
    'kill all      2              1.3 s',
    'cut           1              0.3 s',
  ]);
});
