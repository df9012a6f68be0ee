// Which topic a log is of, and what becomes of one that does not say.

import { expect, it } from 'vitest';
import { decodePartitionMetadata } from '../src/checkpoint-files.ts';
import { append, flushedLog, TestBroker, TOPIC_ID } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const FIRST = 'orders-0/00000000000000000000.log';

it('D1, D2: after a power loss a log knows its topic as soon as anything of it was flushed', () => {
  for (let seed = 0; seed < 20; seed++) {
    const broker = new TestBroker();
    broker.create();
    append(broker.log, 2);
    broker.settle();
    broker.power(seeded(seed));
    expect(
      decodePartitionMetadata(broker.disk.readFile('orders-0/partition.metadata') ?? new Uint8Array(0)),
    ).toBe(TOPIC_ID);
  }
});

it('D1, D7: a log that ended clean before anything of it was flushed: what is flushed later outlives the power', () => {
  for (let seed = 0; seed < 40; seed++) {
    const broker = new TestBroker();
    broker.create();
    broker.stopCleanly();
    broker.open();
    append(broker.log, 2);
    broker.settle();
    expect(broker.flushed).toEqual([2]);
    broker.power(seeded(seed));
    broker.open();
    expect([broker.damage, broker.log.logEndOffset], `seed ${seed}`).toEqual([undefined, 2]);
  }
});

it('S23: segments of which nothing says what topic they are of are no topic’s, however their process ended', () => {
  for (const ends of ['kill', 'stopCleanly'] as const) {
    const broker = new TestBroker();
    broker.create();
    append(broker.log, 2);
    // Never flushed: of what was, a checkpoint knows.
    if (ends === 'kill') broker.kill();
    else broker.stopCleanly();
    broker.disk.remove('recovery-point-offset-checkpoint');
    broker.disk.remove('orders-0/partition.metadata');
    broker.settle();
    broker.kill();
    broker.open();
    expect(broker.log.logEndOffset, ends).toBe(0);
  }
});

it('S23, D8: if something was flushed there, it is damage', () => {
  const broker = flushedLog();
  broker.kill();
  broker.disk.remove('orders-0/partition.metadata');
  broker.open();
  expect(broker.damage?.message).toBe('its segments are missing');
});

it('S23, D1: what was removed for want of a topic does not come back under the next one, when the power fails again', () => {
  const earlier = flushedLog();
  for (let seed = 0; seed < 60; seed++) {
    const broker = new TestBroker();
    broker.disk.makeDirectory('orders-0');
    broker.disk.replaceFile(FIRST, earlier.disk.readFile(FIRST) ?? new Uint8Array(0), () => {});
    broker.disk.syncDirectory('', () => {});
    broker.settle();
    broker.power(seeded(seed));
    broker.open();
    broker.power(seeded(-seed));
    broker.open();
    expect([broker.damage, broker.log.logEndOffset], `seed ${seed}`).toEqual([undefined, 0]);
  }
});

it('D1: a log that lost its topic with the power was never flushed: nothing of it comes back under another', () => {
  const earlier = flushedLog();
  const broker = new TestBroker();
  broker.disk.makeDirectory('orders-0');
  for (const path of [FIRST, 'orders-0/leader-epoch-checkpoint'])
    broker.disk.replaceFile(path, earlier.disk.readFile(path) ?? new Uint8Array(0), () => {});
  broker.settle();
  broker.power({ below: () => 0, bytes: (length) => new Uint8Array(length) });
  broker.open();
  expect(broker.log.logEndOffset).toBe(0);
});

it('Q1: what others keep in the directory of a log stays, also where the log begins anew: a voter must not forget its vote', () => {
  const broker = new TestBroker();
  broker.disk.makeDirectory('orders-0');
  const kept = ['orders-0/quorum-state', 'orders-0/00000000000000000000-0000000000.checkpoint'];
  for (const path of kept) broker.disk.replaceFile(path, new Uint8Array([1]), () => {});
  broker.settle();
  broker.power({ below: () => 0, bytes: (length) => new Uint8Array(length) });
  broker.open();
  expect(broker.log.logEndOffset).toBe(0);
  for (const path of kept) expect(broker.disk.readFile(path)).toEqual(new Uint8Array([1]));
});

it('D11: a directory of another topic is refused by name', () => {
  const broker = flushedLog();
  broker.stopCleanly();
  const metadata = new TextEncoder().encode('version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBB');
  broker.disk.writeFile('orders-0/partition.metadata', metadata);
  broker.open();
  expect(broker.failures[0]).toContain('orders-0 is of topic BBBBBBBBBBBBBBBBBBBBBB');
});
