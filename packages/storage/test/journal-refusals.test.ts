// What is left of group commits when the disk refuses a part of them.

import { describe, expect, it } from 'vitest';
import { JOURNAL_FILES } from '../src/journal-replay.ts';
import { nothingSurvives } from '../src/survival.ts';
import { append } from './support/broker.ts';
import { appendToAll, flushedOnce, type ManyLogs, PARTITIONS } from './support/many-logs.ts';

describe('what the disk refuses', () => {
  it('D6: without room for the journal each log is synced itself', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.fault = (operation, path) =>
      operation === 'append' && path === JOURNAL_FILES[0] ? { code: 'ENOSPC', keptBytes: 30 } : undefined;
    broker.settle();
    broker.fault = undefined;
    expect(broker.failures).toEqual([]);
    expect(PARTITIONS.map((partition) => broker.log(partition).syncedEndOffset)).toEqual([3, 3, 3]);
    appendToAll(broker);
    broker.settle();
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([5, 5, 5]);
  });

  /** The page cache has dropped what the failed sync was to write, and the rest is as it was. */
  const killed = (broker: ManyLogs): void => broker.kill();
  const withoutPower = (broker: ManyLogs): void => broker.power(nothingSurvives);

  it.each([
    ['the power fails', withoutPower],
    ['the process is killed', killed],
  ])(
    'D3, C11: what it has of a log whose own sync fails stays, for that may be all there is; the others go on, until %s',
    (_, end) => {
      const broker = flushedOnce();
      appendToAll(broker);
      broker.settle();
      broker.fault = (operation, path) =>
        operation === 'sync' && path.startsWith('orders-1/') ? { code: 'EIO' } : undefined;
      broker.clock.advance(60_000);
      broker.settle();
      expect(broker.failures).toHaveLength(1);
      broker.fault = undefined;
      for (const partition of [0, 2]) append(broker.log(partition), 1);
      broker.settle();
      expect([0, 2].map((partition) => broker.log(partition).flushedEndOffset)).toEqual([4, 4]);
      broker.clock.advance(60_000);
      broker.settle();
      end(broker);
      broker.open(PARTITIONS);
      expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([4, 3, 4]);
      // And durably, in the log's own file.
      broker.settle();
      withoutPower(broker);
      broker.open(PARTITIONS);
      expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([4, 3, 4]);
    },
  );

  it('D3: a sync of the journal that fails is final for every log that it may have lost something of', () => {
    const broker = flushedOnce({}, [0, 1, 2, 3]);
    for (const partition of [0, 1]) append(broker.log(partition), 1);
    broker.settle();
    for (const partition of [2, 3]) append(broker.log(partition), 1);
    broker.fault = (operation, path) =>
      operation === 'sync' && path === JOURNAL_FILES[0] ? { code: 'EIO' } : undefined;
    broker.settle();
    broker.fault = undefined;
    expect(broker.failures).toHaveLength(4);
    for (const failure of broker.failures) expect(failure).toContain('EIO');
    expect([2, 3].map((partition) => broker.log(partition).flushedEndOffset)).toEqual([1, 1]);
  });
});
