import type { MessageFacts } from '@odradek/trace';
import { expect, test } from 'vitest';
import { curveBetween, flightsAt, lanesOf, pointAt } from '../../src/map/messages.ts';

const sent: MessageFacts = { from: 1, to: 2, name: 'fetch', count: 1, sentMs: 10, arrivesMs: 20 };

test('a message is where it is at that moment, and nowhere before and after', () => {
  expect(flightsAt([sent], 9)).toEqual([]);
  expect(flightsAt([sent], 15)).toEqual([{ from: 1, to: 2, name: 'fetch', done: 0.5, isLost: false }]);
  expect(flightsAt([sent], 20)).toEqual([]);
});

test('what is lost gets half of the way', () => {
  const lost: MessageFacts = { ...sent, isLost: true };
  expect(flightsAt([lost], 14)).toMatchObject([{ isLost: true }]);
  expect(flightsAt([lost], 16)).toEqual([]);
});

test('what went between two nodes is summed up, and clients are none', () => {
  const lanes = lanesOf([
    { from: 1, to: 2, name: 'fetch', count: 3 },
    { from: 1, to: 2, name: 'vote', count: 1 },
    { from: 'client', to: 2, name: 'produce', count: 9 },
  ]);
  expect(lanes).toEqual([{ from: 1, to: 2, count: 4, words: 'fetch 3, vote 1' }]);
});

test('a curve begins and ends at its columns, there and back apart', () => {
  const there = curveBetween(100, 400, 40, 4);
  const back = curveBetween(400, 100, 40, 4);
  expect(Math.abs(pointAt(there, 0).x - 100)).toBeLessThan(10);
  expect(Math.abs(pointAt(there, 1).x - 400)).toBeLessThan(10);
  expect(pointAt(there, 0.5).y).not.toBeCloseTo(pointAt(back, 0.5).y, 0);
});
