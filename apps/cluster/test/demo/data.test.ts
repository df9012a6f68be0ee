import { describe, expect, it } from 'vitest';
import { demoRecords } from '../../src/demo/data.ts';

describe('the data of the demo', () => {
  it('is all of the excerpt, the earthquakes spread among the flights', () => {
    const records = demoRecords();
    const quakes = records.flatMap((record, index) => (record.key === null ? [] : [index]));
    expect([records.length, quakes.length]).toEqual([21_707, 1_707]);
    expect(new Set(records.map((record) => record.key)).size).toBe(1_708);
    expect(quakes.filter((index) => index < records.length / 2).length).toBeGreaterThan(700);
  });
});
