import { expect, it } from 'vitest';
import { clientBatch, ledPartition } from '../support/led-partition.ts';
import { TestClock } from '../support/test-clock.ts';

it('F7 a leader that never stopped knows what was committed before a later unclean election', () => {
  const { hosted } = ledPartition(new TestClock());
  expect(hosted.hasLedUntil(4)).toBe(false);
  hosted.endRole();
  expect([hosted.hasLedUntil(4), hosted.hasLedUntil(3)]).toEqual([true, false]);
});

it('L8 one whose high watermark never reached the start of its epoch does not know what earlier ones have committed', () => {
  const { hosted, leader } = ledPartition(new TestClock());
  leader().produce(clientBatch('a'), 'all', { wallMs: 0, origin: 'client' });
  hosted.endRole();
  hosted.becomeLeader({ ...hosted.place, leaderEpoch: 4, partitionEpoch: 6 });
  expect([leader().leaderEpochStart, leader().highWatermark]).toEqual([1, 0]);
  hosted.endRole();
  expect(hosted.hasLedUntil(5)).toBe(false);
});

it('D10 a high watermark is to be checkpointed once after each time it has moved, also by another role', () => {
  const { hosted, leader, followerAt, flushOwn } = ledPartition(new TestClock());
  expect(hosted.takeMovedHighWatermark()).toBe(undefined);
  leader().produce(clientBatch('a'), 'all', { wallMs: 0, origin: 'client' });
  flushOwn();
  followerAt(1);
  expect([hosted.takeMovedHighWatermark(), hosted.takeMovedHighWatermark()]).toEqual([1, undefined]);
  hosted.endRole();
  expect(hosted.takeMovedHighWatermark()).toBe(undefined);
});
