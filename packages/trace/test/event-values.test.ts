// What an event carries is told in a few short values, and nothing that is nobody's to see.

import { expect, test } from 'vitest';
import { eventValues } from '../src/event-values.ts';

class Log {
  readonly size = 3;
}

test('values by their place in the event; what is no data is named, bytes are counted, secrets are hidden', () => {
  const event = {
    type: 'vote requested',
    from: { id: 2, directoryId: 'D' },
    body: { epoch: 7, isPreVote: false, leader: null, voters: [1, 2, 3], parts: [{ a: 1 }, { a: 2 }] },
    answer: () => {},
    log: new Log(),
    records: new Uint8Array(16),
    proof: 'a secret',
  };
  expect(eventValues(event)).toEqual([
    ['from.id', 2],
    ['from.directoryId', 'D'],
    ['body.epoch', 7],
    ['body.isPreVote', false],
    ['body.leader', null],
    ['body.voters', '[1, 2, 3]'],
    ['body.parts', '(2 items)'],
    ['log', '(Log)'],
    ['records', '(16 bytes)'],
    ['proof', '(hidden)'],
  ]);
});

test('no more than a few, and none that is long', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, nth) => [`value${nth}`, nth]));
  const event = {
    type: 'e',
    long: 'x'.repeat(1000),
    list: Array.from({ length: 40 }, () => 'long'),
    ...many,
  };
  const values = eventValues(event);
  expect(values.length).toBeLessThanOrEqual(12);
  for (const [, value] of values) expect(String(value).length).toBeLessThan(70);
  const stop = { type: 'stop' };
  expect(eventValues(stop)).toEqual([]);
});
