import { expect, test } from 'vitest';
import { heatMapOf, heats } from '../../src/map/heat.ts';
import { type Row, rowsOf } from '../../src/map/rows.ts';
import { behindPartition, largePicture, offlinePartition } from '../browser/sample-traces.ts';
import { worldOf } from '../world-of.ts';

const columns = Array.from({ length: 30 }, (_, index) => ({ id: index + 1 }));
const rows = rowsOf(worldOf(largePicture({ brokers: 30, partitions: 10_000 })));

function heatsOfRow(row: Row | undefined, mostLines: number): string[] {
  const map = heatMapOf(rows, columns, mostLines);
  const line = Math.floor(rows.indexOf(row ?? ({} as Row)) / map.rowsPerLine);
  return [...map.cells.slice(line * 30, (line + 1) * 30)].map((heat) => heats[heat] ?? '?');
}

test('each line shows the worst of its partitions at each broker', () => {
  const named = (partition: number) => rows.find((row) => row.partition === partition);
  expect(rows).toHaveLength(10_000);
  expect(heatsOfRow(named(offlinePartition), 240)).toContain('offline');
  expect(heatsOfRow(named(behindPartition), 240)).toContain('behind');
  const all = heatMapOf(rows, columns, 240);
  expect(all.lines).toBeLessThanOrEqual(240);
  expect(all.cells.filter((heat) => heat === heats.indexOf('offline'))).toHaveLength(3);
});

test('with room for every partition a line is one of them', () => {
  const row = rows[0];
  const shown = heatsOfRow(row, 10_000);
  expect(shown[(row?.leader ?? 0) - 1]).toBe('leads');
  expect(shown.filter((heat) => heat === 'follows')).toHaveLength(2);
  expect(shown.filter((heat) => heat === 'nothing')).toHaveLength(27);
});
