import { expect, it } from 'vitest';
import { shortNames } from '../../src/machines/short-names.ts';

it('a value is called by its last name, and by the one before it where another has the same', () => {
  expect(shortNames(['from.id', 'body.epoch', 'fetch.asked.fetchOffset', 'type'])).toEqual([
    'from.id',
    'epoch',
    'fetchOffset',
    'type',
  ]);
  expect(shortNames(['fetch.answer.offset', 'fetch.asked.offset'])).toEqual([
    'answer.offset',
    'asked.offset',
  ]);
});
