import { BatchView, buildBatch, stampBatch } from '@odradek/format';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../src/producer-snapshot.ts';
import { ProducerState, REMEMBERED_BATCHES } from '../src/producer-state.ts';
import { append, batchOf, TestBroker } from './support/broker.ts';

const MAX_SEQUENCE = 2 ** 31 - 1;

function produced(sequence: number, count = 1, epoch = 0, offset = 0, producerId = 1): BatchView {
  const bytes = batchOf(count, { producerId, producerEpoch: epoch, baseSequence: sequence });
  stampBatch(bytes, 0, offset, 0);
  return new BatchView(bytes);
}

/** Appends batches of one producer, one after another. */
function stateAfter(...batches: readonly BatchView[]): ProducerState {
  const state = new ProducerState();
  for (const batch of batches) state.appended(batch);
  return state;
}

const errorOf = (state: ProducerState, batch: BatchView): string => {
  const judged = state.judge(batch);
  return judged.verdict === 'refused' ? judged.error : judged.verdict;
};

describe('P1: an idempotent producer', () => {
  it('P1: may begin anywhere while nothing is known of it', () => {
    expect(errorOf(new ProducerState(), produced(77))).toBe('next');
  });

  it('P1: goes on with the next sequence, and with no other', () => {
    const state = stateAfter(produced(0, 3));
    expect(errorOf(state, produced(3))).toBe('next');
    expect(errorOf(state, produced(4))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(errorOf(state, produced(2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('P1: a batch among the last five is a duplicate, with its first offsets', () => {
    const batches = Array.from({ length: 7 }, (_, index) => produced(index * 2, 2, 0, 100 + index * 2));
    const state = stateAfter(...batches);
    expect(state.get(1)?.batches.length).toBe(REMEMBERED_BATCHES);
    expect(state.judge(produced(12, 2))).toEqual({ verdict: 'duplicate', firstOffset: 112, lastOffset: 113 });
    expect(state.judge(produced(4, 2))).toEqual({ verdict: 'duplicate', firstOffset: 104, lastOffset: 105 });
    expect(errorOf(state, produced(2, 2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(errorOf(state, produced(12, 1))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('P1: a lower epoch is fenced; a higher one begins with sequence 0', () => {
    const state = stateAfter(produced(5, 1, 3));
    expect(errorOf(state, produced(6, 1, 2))).toBe('INVALID_PRODUCER_EPOCH');
    expect(errorOf(state, produced(6, 1, 4))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(errorOf(state, produced(0, 1, 4))).toBe('next');
    state.appended(produced(0, 1, 4));
    expect(state.get(1)?.batches.length).toBe(1);
  });

  it('P1: sequences wrap from 2^31 - 1 to 0', () => {
    expect(errorOf(stateAfter(produced(MAX_SEQUENCE)), produced(0))).toBe('next');
    const state = stateAfter(produced(MAX_SEQUENCE - 1, 4));
    expect(errorOf(state, produced(2))).toBe('next');
    expect(state.judge(produced(MAX_SEQUENCE - 1, 4)).verdict).toBe('duplicate');
  });

  it('L7: an open transaction holds the last stable offset; its marker lets go', () => {
    const data = buildBatch({
      ...{ producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true, baseOffset: 40 },
      records: [{ timestamp: 1, key: null, value: null }],
    });
    const marker = buildBatch({
      ...{ producerId: 9, producerEpoch: 0, isTransactional: true, isControl: true, baseOffset: 41 },
      records: [{ timestamp: 2, key: Uint8Array.of(0, 0, 0, 1), value: Uint8Array.of(0, 0, 0, 0, 0, 6) }],
    });
    const state = stateAfter(new BatchView(data));
    expect(state.firstUndecidedOffset).toBe(40);
    state.appended(new BatchView(marker));
    expect(state.firstUndecidedOffset).toBe(undefined);
    expect(state.get(9)?.coordinatorEpoch).toBe(6);
  });
});

/** Ten lines: every batch is remembered, the last five of the epoch are looked at. */
function twinVerdict(history: readonly BatchView[], batch: BatchView): string {
  const epochs = history.map((one) => one.producerEpoch);
  const epoch = Math.max(-1, ...epochs);
  if (epoch === -1) return 'next';
  if (batch.producerEpoch < epoch) return 'INVALID_PRODUCER_EPOCH';
  if (batch.producerEpoch > epoch) return batch.baseSequence === 0 ? 'next' : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
  const recent = history.filter((one) => one.producerEpoch === epoch).slice(-5);
  const isSame = (one: BatchView) =>
    one.baseSequence === batch.baseSequence && one.lastSequence === batch.lastSequence;
  if (recent.some(isSame)) return 'duplicate';
  const next = ((recent.at(-1)?.lastSequence ?? -1) + 1) % 2 ** 31;
  return batch.baseSequence === next ? 'next' : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
}

describe('P2: a pure function of the log', () => {
  it('P1: judges as its ten-line twin does', () => {
    const sent = fc.record({
      sequence: fc.integer({ min: 0, max: 8 }),
      count: fc.integer({ min: 1, max: 2 }),
      epoch: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (batches) => {
        const state = new ProducerState();
        const history: BatchView[] = [];
        for (const { sequence, count, epoch } of batches) {
          const batch = produced(sequence, count, epoch, history.length * 2);
          const verdict = errorOf(state, batch);
          expect(verdict).toBe(twinVerdict(history, batch));
          if (verdict !== 'next') continue;
          state.appended(batch);
          history.push(batch);
        }
      }),
    );
  });

  it('P2: a snapshot keeps epoch and last batch of each; a broken one counts as missing', () => {
    const state = stateAfter(produced(4, 3, 2, 50), produced(7, 2, 2, 53), produced(1, 1, 0, 90, 8));
    const bytes = encodeProducerSnapshot(state.entries);
    const read = decodeProducerSnapshot(bytes) ?? [];
    expect(read.map(({ producerId, producerEpoch }) => [producerId, producerEpoch])).toEqual([
      [1, 2],
      [8, 0],
    ]);
    expect(read[0]?.batches).toEqual([
      { firstSequence: 7, lastSequence: 8, firstOffset: 53, lastOffset: 54, timestamp: 1_700_000_000_000 },
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const broken = bytes.slice();
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      expect(decodeProducerSnapshot(broken)).toBe(undefined);
    }
    expect(decodeProducerSnapshot(bytes.subarray(0, 20))).toBe(undefined);
  });

  it('P2: after a truncation the state is that of what is left', () => {
    const log = new TestBroker({ configuration: { 'segment.bytes': 700 } }).create();
    const send = (sequence: number) =>
      append(log, 1, { producerId: 3, producerEpoch: 0, baseSequence: sequence });
    for (let sequence = 0; sequence < 20; sequence++) send(sequence);
    log.truncateTo(11);
    expect(() => send(20)).toThrow('OUT_OF_ORDER');
    expect(send(11)).toBe(11);
    log.truncateFullyAndStartAt(50);
    expect(log.producers).toEqual([]);
    expect(send(99)).toBe(50);
  });

  it('P2: a truncation forgets nothing of what lies below the log start, and only that', () => {
    const log = new TestBroker().create();
    for (let sequence = 0; sequence < 3; sequence++)
      append(log, 1, { producerId: 3, producerEpoch: 0, baseSequence: sequence });
    for (let sequence = 0; sequence < 5; sequence++)
      append(log, 1, { producerId: 4, producerEpoch: 0, baseSequence: sequence });
    log.advanceLogStart(4, 6);
    log.truncateTo(6);
    expect(
      log.producers.map(({ producerId, batches }) => [producerId, batches.at(-1)?.lastSequence]),
    ).toEqual([
      [3, 2],
      [4, 2],
    ]);
  });

  it('P2: and so it is after a restart, clean or not', () => {
    for (const stop of ['clean', 'kill'] as const) {
      const broker = new TestBroker({ configuration: { 'segment.bytes': 700 } });
      broker.create();
      const send = (sequence: number) =>
        append(broker.log, 1, { producerId: 3, producerEpoch: 0, baseSequence: sequence });
      for (let sequence = 0; sequence < 20; sequence++) send(sequence);
      if (stop === 'clean') broker.stopCleanly();
      else broker.kill();
      broker.open();
      expect(broker.log.logEndOffset).toBe(20);
      expect(() => send(25)).toThrow('OUT_OF_ORDER');
      expect(() => send(19)).toThrow('duplicate');
      expect(send(20)).toBe(20);
    }
  });
});
