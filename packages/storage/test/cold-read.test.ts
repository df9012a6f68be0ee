import { describe, expect, it } from 'vitest';
import { append, batchOf, bytesFrom, everything, TestBroker } from './support/broker.ts';

/** More than the interval of the index: each batch has an entry of its own. */
const VALUE_BYTES = 10_000;

/** A log on the disk alone, and how often its file was read. */
function coldLog(): { readonly broker: TestBroker; readonly reads: () => number } {
  const broker = new TestBroker({ tailBytes: 1 });
  let reads = 0;
  broker.fault = (operation) => {
    if (operation === 'readLater') reads += 1;
    return undefined;
  };
  broker.create();
  return { broker, reads: () => reads };
}

function nextAfter(broker: TestBroker, offset: number, maxBytes: number): number | undefined {
  let next: number | undefined;
  broker.log.readLater(offset, { ...everything, maxBytes }, (result) => {
    if (result.outcome === 'records') next = result.nextOffset;
  });
  broker.settle();
  return next;
}

/** Batches of two records: the index tells where the batch before an offset lies, not where its own. */
function appendTwo(broker: TestBroker, times: number): void {
  for (let index = 0; index < times; index++) append(broker.log, 2, {}, VALUE_BYTES);
}

describe('a reader of cold records', () => {
  it('goes on where its last read has ended: each batch is read once', () => {
    const { broker, reads } = coldLog();
    appendTwo(broker, 10);
    const whole = batchOf(2, {}, VALUE_BYTES).length;
    expect(bytesFrom(broker, 0, whole).length).toBe(10 * whole);
    expect(reads()).toBe(10);
  });

  it('finds its place by the index where no read has ended', () => {
    const { broker } = coldLog();
    appendTwo(broker, 4);
    expect(nextAfter(broker, 4, 1)).toBe(6);
    expect(nextAfter(broker, 3, 1)).toBe(4);
  });

  it('D9: a place is forgotten when the log was cut: others may lie there now', () => {
    const { broker } = coldLog();
    appendTwo(broker, 3);
    expect(nextAfter(broker, 0, 1)).toBe(2);
    expect(nextAfter(broker, 2, 1)).toBe(4);
    broker.log.truncateTo(2);
    append(broker.log, 2, {}, VALUE_BYTES / 2);
    appendTwo(broker, 1);
    expect(nextAfter(broker, 4, 1)).toBe(6);
    expect(broker.damageRead).toEqual([]);
  });

  it('D9: a read that was under way while the log was cut leaves no place', () => {
    const { broker } = coldLog();
    appendTwo(broker, 3);
    const maxBytes = 2 * batchOf(2, {}, VALUE_BYTES).length;
    broker.log.readLater(2, { ...everything, maxBytes }, () => undefined);
    broker.log.truncateTo(2);
    append(broker.log, 4, {}, VALUE_BYTES);
    appendTwo(broker, 1);
    broker.settle();
    expect(nextAfter(broker, 4, 1)).toBe(6);
    expect(broker.damageRead).toEqual([]);
  });

  it('is one of few whose places are kept: the others find theirs by the index', () => {
    const { broker } = coldLog();
    appendTwo(broker, 40);
    for (let time = 0; time < 2; time++)
      for (let offset = 0; offset < 78; offset += 2) expect(nextAfter(broker, offset, 1)).toBe(offset + 2);
  });
});
