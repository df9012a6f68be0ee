import type { PartitionFacts } from '@odradek/trace';
import { expect, it } from 'vitest';
import type { Column } from '../../src/map/columns.ts';
import { waitsFor } from '../../src/topics/waiting.ts';

function partition(number: number, leader: number, others: Partial<PartitionFacts> = {}): PartitionFacts {
  return {
    ...{ partition: number, leader, leaderEpoch: 1, replicas: [1, 2, 3] },
    ...{ inSyncReplicas: [1, 2, 3], eligibleLeaderReplicas: [], ...others },
  };
}

const columns = (...silent: readonly number[]): Column[] =>
  [1, 2, 3].map((id) => ({
    ...{ id, state: silent.includes(id) ? 'not heard' : 'running', address: '', quorum: '' },
    ...{ isController: false, isVoter: true, isHeard: !silent.includes(id) },
  }));

it('a partition whose leader can be asked waits for records alone', () => {
  expect(waitsFor('laser', [partition(0, 1), partition(1, 2)], columns(3))).toBeUndefined();
});

it('with all brokers dead nobody can be read from, and it is said whom that waits for', () => {
  const all = [partition(0, 3), partition(1, 3), partition(2, 2)];
  expect(waitsFor('laser', all, columns(1, 2, 3))).toBe(
    'nobody can be read from: laser-0, laser-1 wait for broker 3, which leads and is not heard; laser-2 waits for broker 2, which leads and is not heard',
  );
});

it('of some it is said how many; without a leader it waits for whoever has all that was committed', () => {
  const facts = { inSyncReplicas: [2], eligibleLeaderReplicas: [3] };
  expect(waitsFor('laser', [partition(0, 1), partition(1, -1, facts)], columns())).toBe(
    '1 of 2 partitions cannot be read: laser-1 waits for a leader: broker 2 or 3, which have all that was committed',
  );
  expect(waitsFor('laser', [partition(1, -1, { inSyncReplicas: [] })], columns())).toContain(
    'no replica is known to have all',
  );
  const many = Array.from({ length: 9 }, (_, number) => partition(number, 3));
  expect(waitsFor('laser', many, columns(3))).toContain('laser-0, laser-1, laser-2 and 6 more wait');
});

it('a leader that is paused is waited for too', () => {
  const paused = columns().map((column) => (column.id === 1 ? { ...column, state: 'paused' } : column));
  expect(waitsFor('laser', [partition(0, 1)], paused)).toContain('broker 1, which leads and is paused');
});
