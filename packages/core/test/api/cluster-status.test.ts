import { expect, it } from 'vitest';
import { isLeaderGone, missingQuorum } from '../../src/api/cluster-status.ts';

function voters(...reachable: readonly boolean[]) {
  return reachable.map((isThere, index) => ({
    id: index + 1,
    directoryId: `directory-${index + 1}`,
    host: '127.0.0.1',
    port: 9000 + index,
    logEndOffset: -1,
    reachable: isThere,
  }));
}

it('tells a quorum that cannot form from one that is forming', () => {
  expect(missingQuorum({ voters: voters(true, false, false) })).toBe(
    'no quorum: 2 of 3 controllers must be there (missing: 2, 3)',
  );
  expect(missingQuorum({ voters: voters(true, false, true) })).toBe(
    'no controller: an election is under way (missing: 2)',
  );
  expect(missingQuorum({ voters: voters(true) })).toBe('no controller: an election is under way');
  expect(missingQuorum({ voters: voters(false) })).toBe(
    'no quorum: 1 of 1 controllers must be there (missing: 1)',
  );
});

it('a leader is gone when its last sign was so, and not when none is known', () => {
  expect(isLeaderGone({ leaderId: 2, voters: voters(true, false, true) })).toBe(true);
  expect(isLeaderGone({ leaderId: 3, voters: voters(true, false, true) })).toBe(false);
  expect(isLeaderGone({ leaderId: undefined, voters: voters(true, false, true) })).toBe(false);
});
