import { expect, it } from 'vitest';
import { errorNamed } from '../src/errors.ts';

it.each([
  ['topic laser', 'topic laser exists', 'topic laser exists'],
  ['topic bad name', '"bad name": allowed are ASCII letters', '"bad name": allowed are ASCII letters'],
  ['topic ', 'a topic needs a name', 'a topic needs a name'],
  [
    'topic x',
    'replication factor 4: with 3 brokers allowed is 1 to 3',
    'topic x: replication factor 4: with 3 brokers allowed is 1 to 3',
  ],
  ['topic a', 'max.message.bytes is 1', 'topic a: max.message.bytes is 1'],
  ['laser-1', 'laser-1 has no leader', 'laser-1 has no leader'],
  ['laser-1', 'laser-12 has no leader', 'laser-1: laser-12 has no leader'],
  ['laser-1', null, 'laser-1: INVALID_REQUEST'],
])('of %s, says %j once', (about, message, said) => {
  expect(errorNamed('INVALID_REQUEST', message, about).message).toBe(said);
});

it("keeps a newer broker's name of an error", () => {
  const error = errorNamed('SOMETHING_NEW', 'so it is', 'topic x');
  expect([error.code, error.message]).toEqual(['UNKNOWN_SERVER_ERROR', 'topic x: SOMETHING_NEW: so it is']);
});
