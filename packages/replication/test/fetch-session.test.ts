import { partitionKey } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AskingSession,
  type FetchReplicasRequest,
  type SentPositions,
  ServedSession,
  type WantedPartition,
} from '../src/fetch-session.ts';

const wanted = (partition: number, fetchOffset: number): WantedPartition => ({
  topicId: 't',
  partition,
  maxBytes: 1_000,
  position: {
    currentLeaderEpoch: 1,
    fetchOffset,
    lastFetchedEpoch: 1,
    flushedEnd: fetchOffset,
    logStartOffset: 0,
  },
});

const request = (part: ReturnType<AskingSession['next']>): FetchReplicasRequest => ({
  ...part,
  brokerId: 2,
  brokerEpoch: 2,
  maxWaitMs: 0,
  maxBytes: 1_000,
});

describe('a fetch session', () => {
  it('KIP-227: the leader knows what the follower wants, though it is told only of changes (twin)', () => {
    const change = fc.record({ partition: fc.nat(4), fetchOffset: fc.option(fc.nat(3), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 8 }), (rounds) => {
        const asking = new AskingSession();
        const served = new ServedSession(1, 2);
        const plain = new Map<string, number>();
        for (const changes of rounds) {
          const told = new Map<string, WantedPartition | undefined>();
          for (const { partition, fetchOffset } of changes) {
            const key = partitionKey('t', partition);
            told.set(key, fetchOffset === undefined ? undefined : wanted(partition, fetchOffset));
            if (fetchOffset === undefined) plain.delete(key);
            else plain.set(key, fetchOffset);
          }
          const next = asking.next(told, []);
          expect(next.partitions.length + next.forgotten.length).toBeLessThanOrEqual(told.size);
          expect(served.take(request(next))).toBe('NONE');
          const known = [...served.partitions].map(([key, { position }]) => [key, position.fetchOffset]);
          expect(new Map(known as [string, number][])).toEqual(plain);
        }
      }),
    );
  });
  it('names nothing twice that has not changed', () => {
    const asking = new AskingSession();
    const key = partitionKey('t', 0);
    expect(asking.next(new Map([[key, wanted(0, 5)]]), []).partitions).toHaveLength(1);
    expect(asking.next(new Map([[key, wanted(0, 5)]]), []).partitions).toHaveLength(0);
    expect(asking.next(new Map([[key, wanted(0, 6)]]), []).partitions).toHaveLength(1);
  });
  it('keeps the positions of a request that is still on its way', () => {
    const asking = new AskingSession();
    const key = partitionKey('t', 0);
    asking.next(new Map([[key, wanted(0, 5)]]), []);
    const before = asking.positions();
    asking.next(new Map([[key, wanted(0, 6)]]), [before]);
    expect(before.get(key)?.position.fetchOffset).toBe(5);
  });
  it('F3 keeps them also when a later request was answered first, and when the session began anew', () => {
    const asking = new AskingSession();
    const keys = [0, 1, 2].map((partition) => partitionKey('t', partition));
    const change = (partition: number, offset?: number): Map<string, WantedPartition | undefined> =>
      new Map([[keys[partition] ?? '', offset === undefined ? undefined : wanted(partition, offset)]]);
    asking.next(new Map([...change(0, 5), ...change(1, 5)]), []);
    const first = asking.positions();
    asking.next(change(0, 6), [first]);
    asking.next(new Map([...change(0, 7), ...change(1), ...change(2, 1)]), [first]);
    const third = asking.positions();
    const offsets = (positions: SentPositions): unknown[] =>
      keys.map((key) => positions.get(key)?.position.fetchOffset);
    expect([offsets(first), offsets(third)]).toEqual([
      [5, 5, undefined],
      [7, undefined, 1],
    ]);
    asking.reset();
    asking.next(new Map([...change(0, 9), ...change(2, 9)]), [first, third]);
    expect([offsets(first), offsets(third), offsets(asking.positions())]).toEqual([
      [5, 5, undefined],
      [7, undefined, 1],
      [9, undefined, 9],
    ]);
  });
  it('refuses a request that is not the next one', () => {
    const served = new ServedSession(1, 2);
    const part = { sessionId: 1, partitions: [], forgotten: [] };
    expect(served.take(request({ ...part, sessionEpoch: 0 }))).toBe('NONE');
    expect(served.take(request({ ...part, sessionEpoch: 0 }))).toBe('INVALID_FETCH_SESSION_EPOCH');
    expect(served.take(request({ ...part, sessionEpoch: 2 }))).toBe('INVALID_FETCH_SESSION_EPOCH');
    expect(served.take(request({ ...part, sessionEpoch: 1 }))).toBe('NONE');
  });
});
