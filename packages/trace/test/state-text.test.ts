import { expect, it } from 'vitest';
import { pathsOfState } from '../src/index.ts';

it('the states that a machine is in are the leaf and all around it, in each region', () => {
  expect([...pathsOfState('open.role.leading + open.disk.clean')].sort()).toEqual(
    ['', 'open', 'open.disk', 'open.disk.clean', 'open.role', 'open.role.leading'].sort(),
  );
  expect([...pathsOfState('in-sync set.settled')]).toEqual(['', 'in-sync set', 'in-sync set.settled']);
});
