import { expect, test } from 'vitest';
import { addressOf, routeOf } from '../../src/app/address.ts';

test('an address is a view, what is in it, and what is asked of it', () => {
  expect(routeOf('')).toMatchObject({ view: 'map', rest: [] });
  expect(routeOf('#/nowhere')).toMatchObject({ view: 'map' });
  const address = addressOf('machines', ['leader-replica'], { actor: 'broker-1/a b-0/replica' });
  const { view, rest, query } = routeOf(address);
  expect([view, rest, query.get('actor')]).toEqual([
    'machines',
    ['leader-replica'],
    'broker-1/a b-0/replica',
  ]);
});

test('an address that somebody damaged leads to the map, and never to an error', () => {
  expect(routeOf('#/topics/%E0%A4%A')).toMatchObject({ view: 'map' });
});
