import { expect, it } from 'vitest';
import { chartOf, drawingsJson, readDrawings, show } from '../../src/index.ts';
import { replicaMachine, voterMachine } from '../sample-machines.ts';
import { drawn } from './drawn.ts';

const chart = chartOf(voterMachine);
const drawings = { all: drawn(chart), names: drawn(chart, 'names') };

it('drawings that were written are read again', () => {
  expect(readDrawings(JSON.parse(drawingsJson(drawings)))).toEqual(drawings);
});

it('a file of another version is refused, and what is no such file at all', () => {
  const later = { ...JSON.parse(drawingsJson(drawings)), version: 99 };
  expect(() => readDrawings(later)).toThrow('version 99');
  expect(() => readDrawings({ all: 1 })).toThrow('no file of drawings');
  expect(() => readDrawings(null)).toThrow('no file of drawings');
});

it('drawings show the machine they were made of, and no other', () => {
  expect(show(drawings, chartOf(voterMachine))).toBe(true);
  expect(show(drawings, chartOf(replicaMachine))).toBe(false);
  const [first, ...others] = chart.edges;
  if (first === undefined) throw new Error('the sample has transitions');
  expect(show(drawings, { ...chart, edges: [{ ...first, guard: 'another' }, ...others] })).toBe(false);
});
