import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProposalResult } from '../src/hosts.ts';
import { joinObstacle, laggingMembers, maximalInSync, outcomeOf, proposalFor } from '../src/in-sync-set.ts';
import { newProgressTable } from '../src/replica-progress.ts';
import { registration } from './support/roles.ts';

const pending = (kind: 'expand' | 'shrink', changed: readonly number[]) => ({
  token: 1,
  proposal: proposalFor(kind, changed, registration, (id) => id),
});

describe('the maximal in-sync set', () => {
  it('L5: has whoever may be in the set that the controller elects from', () => {
    expect(maximalInSync(registration, undefined)).toEqual([1, 2]);
    expect(maximalInSync(registration, pending('expand', [3]))).toEqual([1, 2, 3]);
    expect(maximalInSync(registration, pending('shrink', [2]))).toEqual([1, 2]);
  });
  it('L5: holds the set before the change and the set after it (twin)', () => {
    const members = fc.subarray([2, 3, 4, 5]);
    fc.assert(
      fc.property(
        members,
        members,
        fc.constantFrom('expand' as const, 'shrink' as const),
        (now, some, kind) => {
          const committed = [1, ...now];
          const changed = some.filter((id) => committed.includes(id) === (kind === 'shrink'));
          const record = { ...registration, replicas: [1, 2, 3, 4, 5], inSyncReplicas: committed };
          const proposal = proposalFor(kind, changed, record, (id) => id);
          const before = new Set(committed);
          const after = new Set(proposal.inSyncReplicas.map((member) => member.brokerId));
          expect(new Set(maximalInSync(record, { token: 1, proposal }))).toEqual(
            new Set([...before, ...after]),
          );
        },
      ),
    );
  });
});

describe('joining', () => {
  const progress = { ...progressOf(3), fetchOffset: 10, endOffset: 10, brokerEpoch: 33 };
  const fit = { isEligible: true, brokerEpoch: 33 };
  const joins = (
    one: Partial<typeof progress> = {},
    candidate = fit,
    record = registration,
    highWatermark = 8,
    epochStart = 9,
  ) => joinObstacle(3, { ...progress, ...one }, record, candidate, highWatermark, epochStart) === undefined;

  it('I3: who has what is committed and what this epoch began with', () => {
    expect(joins()).toBe(true);
    expect(joins({ endOffset: 9 })).toBe(true);
  });
  it('I3, M2: not below the high watermark', () => {
    expect(joins({ endOffset: 9 }, fit, registration, 10, 0)).toBe(false);
  });
  it('I3, M3: not below the epoch start, where the high watermark may be stale (KAFKA-7128)', () => {
    expect(joins({ endOffset: 8 }, fit, registration, 5, 9)).toBe(false);
  });
  it('I3: what speaks against a replica is said by the clause that fails', () => {
    const obstacle = (one: object, candidate = fit, highWatermark = 8) =>
      joinObstacle(3, { ...progress, ...one }, registration, candidate, highWatermark, 9);
    expect(obstacle({})).toBeUndefined();
    expect(obstacle({ endOffset: 9 }, fit, 10)).toBe('is below the high watermark');
    expect(obstacle({ endOffset: 8 })).toBe('is below the start of the leader epoch');
    expect(obstacle({ fetchOffset: -1 })).toBe('has not fetched in this leader epoch');
    expect(obstacle({}, { ...fit, isEligible: false })).toBe('is fenced or shutting down');
    expect(obstacle({}, { ...fit, brokerEpoch: fit.brokerEpoch + 1 })).toBe('has fetched in an earlier life');
    expect(joinObstacle(2, progress, registration, fit, 8, 9)).toBe('is in sync');
  });
  it('I3, M1: not before it has fetched in this epoch', () => {
    expect(joins({ fetchOffset: -1 })).toBe(false);
  });
  it('I3: not who is in already, nor who is fenced or shutting down', () => {
    expect(joins({}, fit, { ...registration, inSyncReplicas: [1, 3] })).toBe(false);
    expect(joins({}, { ...fit, isEligible: false })).toBe(false);
  });
  it('I3, KIP-903: only in the life that has fetched, and never without one', () => {
    expect(joins({}, { ...fit, brokerEpoch: 34 })).toBe(false);
    expect(joins({ brokerEpoch: -1 }, { ...fit, brokerEpoch: -1 })).toBe(false);
  });
});

describe('leaving', () => {
  const lag = (endOffset: number, nowMs: number) => {
    const table = newProgressTable(registration, 1, 1_000);
    const progress = table.get(2);
    if (progress !== undefined) progress.endOffset = endOffset;
    return laggingMembers(table, registration, 10, nowMs, 5_000);
  };
  it('I4: who has not had all of the log for too long', () => {
    expect(lag(9, 6_000)).toEqual([]);
    expect(lag(9, 6_001)).toEqual([2]);
  });
  it('I4, KAFKA-7152: never who has all of it, however long ago it last asked', () => {
    expect(lag(10, 1_000_000)).toEqual([]);
  });
});

describe('an answer to a proposal', () => {
  const answered = (error: string, leaderEpoch = 3, partitionEpoch = 8) =>
    outcomeOf(
      { outcome: 'answered', error, leaderEpoch, partitionEpoch, inSyncReplicas: [1] } as ProposalResult,
      registration,
    );

  it('I5: success of this epoch, with a partition epoch not below ours', () => {
    expect(answered('NONE')).toBe('made');
    expect(answered('NONE', 3, 7)).toBe('made');
    expect(answered('NONE', 3, 6)).toBe('known by metadata only');
    expect(answered('NONE', 2)).toBe('known by metadata only');
  });
  it('I5: surely not made', () => {
    for (const error of ['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA'])
      expect(answered(error)).toBe('not made');
  });
  it('I5: only the metadata can tell', () => {
    for (const error of [
      'FENCED_LEADER_EPOCH',
      'INVALID_UPDATE_VERSION',
      'UNKNOWN_TOPIC_ID',
      'INVALID_REQUEST',
      'NEW_LEADER_ELECTED',
    ])
      expect(answered(error)).toBe('known by metadata only');
  });
  it('I5, M28: anything else, and silence, leave it unknown', () => {
    expect(outcomeOf({ outcome: 'no answer' }, registration)).toBe('unknown');
    for (const error of ['NOT_CONTROLLER', 'REQUEST_TIMED_OUT', 'UNKNOWN_SERVER_ERROR'])
      expect(answered(error)).toBe('unknown');
  });
});

function progressOf(id: number) {
  const progress = newProgressTable(registration, 1, 0).get(id);
  if (progress === undefined) throw new Error(`no replica ${id}`);
  return progress;
}
