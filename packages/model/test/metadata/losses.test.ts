import { describe, expect, it } from 'vitest';
import { emptyImage, type LossReport, lossesOf, type MetadataRecord, replayAll } from '../../src/index.ts';
import { partition, topicId } from './sample-records.ts';

type Body<T extends MetadataRecord['type']> = Omit<MetadataRecord<T>, 'type' | 'topicId' | 'partitionId'>;

const at = { topicId, partitionId: 0 };

function election(leaderEpoch: number, lastInSyncReplicas: readonly number[]): MetadataRecord {
  const body: Body<'UncleanElectionRecord'> = {
    leaderEpoch,
    leader: 1,
    lastInSyncReplicas,
    reconciledReplicas: [1],
  };
  return { type: 'UncleanElectionRecord', ...at, ...body };
}

function dropped(
  brokerId: number,
  fromOffset: number,
  toOffset: number,
  more: Partial<Body<'TruncationRecord'>> = {},
): MetadataRecord {
  const body = {
    electionEpoch: 2,
    brokerId,
    isLossy: false,
    fromOffset,
    toOffset,
    highWatermark: -1,
    ...more,
  };
  return { type: 'TruncationRecord', ...at, ...body };
}

function losses(...records: readonly MetadataRecord[]) {
  const topic: MetadataRecord = { type: 'TopicRecord', name: 'laser', topicId };
  return lossesOf(replayAll(emptyImage, [topic, partition(0), ...records], 0));
}

const report = (fromOffset: number, toOffset: number, reportedBy: readonly number[]): LossReport => ({
  topic: 'laser',
  partition: 0,
  leaderEpoch: 2,
  fromOffset,
  toOffset,
  records: toOffset - fromOffset,
  knownToOffset: null,
  reportedBy,
});

describe('losses (C4, F7)', () => {
  it('none without an unclean election, and none before anybody reports', () => {
    expect(losses()).toEqual({ losses: [], discarded: [] });
    expect(losses(election(2, [3]))).toEqual({ losses: [], discarded: [] });
  });

  it('the last in-sync replica says where the committed end was', () => {
    expect(losses(election(2, [3]), dropped(2, 100, 120), dropped(3, 100, 150))).toEqual({
      losses: [report(100, 150, [2, 3])],
      discarded: [],
    });
  });

  it('until every member of the last in-sync set has come back, the committed end is not known', () => {
    expect(losses(election(2, [2, 3]), dropped(2, 100, 120))).toEqual({
      losses: [{ ...report(100, 120, [2]), toOffset: null, records: null, knownToOffset: 120 }],
      discarded: [],
    });
  });

  it('no acknowledged record is above the lowest end of the members: what is, is discarded', () => {
    expect(losses(election(2, [2, 3]), dropped(2, 100, 120), dropped(3, 100, 150))).toEqual({
      losses: [report(100, 120, [2, 3])],
      discarded: [report(120, 150, [3])],
    });
  });

  it('a member that cut nothing still says its end', () => {
    expect(losses(election(2, [2, 3]), dropped(2, 90, 90), dropped(3, 100, 150))).toEqual({
      losses: [],
      discarded: [report(100, 150, [3])],
    });
  });

  it('the high watermark of a leader that never stopped is the committed end', () => {
    expect(losses(election(2, [2, 3]), dropped(3, 100, 150, { highWatermark: 130 }))).toEqual({
      losses: [report(100, 130, [3])],
      discarded: [report(130, 150, [3])],
    });
  });

  it('a member that came back lossy proves nothing; with nobody else the end stays unknown', () => {
    const lossy = dropped(2, 0, 0, { isLossy: true });
    expect(losses(election(2, [2, 3]), lossy, dropped(3, 100, 150)).losses).toEqual([report(100, 150, [3])]);
    expect(losses(election(2, [2]), lossy, dropped(3, 100, 150)).losses[0]).toMatchObject({
      toOffset: null,
      knownToOffset: 150,
    });
  });

  it('a high watermark that a member told before its log was lost stands', () => {
    const lossy = dropped(3, 0, 0, { isLossy: true });
    const told = dropped(3, 100, 150, { highWatermark: 130 });
    expect(losses(election(2, [2, 3]), told, lossy).losses).toEqual([report(100, 130, [3])]);
  });

  it('the high watermark of one that was not in the last in-sync set proves nothing', () => {
    const told = dropped(2, 100, 120, { highWatermark: 110 });
    expect(losses(election(2, [3]), told, dropped(3, 100, 150)).losses).toEqual([report(100, 150, [2, 3])]);
  });

  it('F3: a log cut step by step had its end before the first step', () => {
    expect(losses(election(2, [3]), dropped(3, 120, 150), dropped(3, 100, 120)).losses).toEqual([
      report(100, 150, [3]),
    ]);
  });

  it('each election has its own', () => {
    const second = { ...dropped(3, 200, 210), electionEpoch: 5 } as MetadataRecord;
    const made = losses(election(2, [3]), dropped(3, 100, 150), election(5, [3]), second);
    expect(made.losses).toEqual([report(100, 150, [3]), { ...report(200, 210, [3]), leaderEpoch: 5 }]);
  });

  const under = (electionEpoch: number, record: MetadataRecord): MetadataRecord =>
    ({ ...record, electionEpoch }) as MetadataRecord;

  it('what a leader had below its start its election did not cost: a later one lost it', () => {
    const made = losses(
      ...[election(2, [3]), dropped(1, 140, 140), dropped(3, 100, 150)],
      ...[election(5, [1]), under(5, dropped(1, 100, 145))],
    );
    expect(made).toEqual({
      losses: [report(140, 150, [3]), { ...report(100, 145, [1, 3]), leaderEpoch: 5 }],
      discarded: [],
    });
  });

  it('what a member brings back by leading later is not lost; what others have there may be something else', () => {
    const second = { ...election(5, [1]), leader: 2 } as MetadataRecord;
    const start = under(5, dropped(2, 130, 130));
    const reports = [dropped(1, 100, 100), dropped(3, 100, 150)];
    expect(losses(election(2, [2, 3]), ...reports, second, start)).toEqual({
      losses: [],
      discarded: [report(130, 150, [3])],
    });
    expect(losses(election(2, [3]), ...reports, second, start).losses).toEqual([report(100, 150, [3])]);
  });

  it('a member that came back to be elected uncleanly itself told its end as the start of its epoch', () => {
    const second = { ...election(5, [1]), leader: 2 } as MetadataRecord;
    const reports = [election(2, [2, 3]), dropped(1, 100, 100), dropped(3, 100, 150)];
    expect(losses(...reports, second).losses).toMatchObject([{ toOffset: null, knownToOffset: 150 }]);
    expect(losses(...reports, second, under(5, dropped(2, 100, 100)))).toEqual({
      losses: [],
      discarded: [report(100, 150, [3])],
    });
  });
});
