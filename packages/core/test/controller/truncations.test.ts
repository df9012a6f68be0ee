import { lossesOf } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import type { Rig } from './rig.ts';
import { report, started, UNCLEAN } from './unclean.ts';

/** The leader has the controller change its in-sync set. */
function bringInSync(rig: Rig, leader: number, members: readonly number[]): void {
  const { leaderEpoch, partitionEpoch } = rig.partition('laser');
  const inSyncReplicas = members.map((brokerId) => ({ brokerId, brokerEpoch: rig.brokerEpoch(brokerId) }));
  const place = { topicId: rig.topicId('laser'), partition: 0, leaderEpoch, partitionEpoch };
  const partitions = [{ ...place, inSyncReplicas, isRecovering: false }];
  const body = { brokerId: leader, brokerEpoch: rig.brokerEpoch(leader), partitions };
  rig.ask(leader, { api: 'alterPartitions', body });
  rig.settle();
}

describe('what replicas report after an unclean election (C4, F7)', () => {
  it('a report that is sent again counts once', () => {
    const rig = started(UNCLEAN);
    for (const broker of [2, 3, 1]) rig.kill(broker);
    rig.start(2);
    rig.start(1);
    report(rig, 1, 100, 150);
    const before = rig.end;
    expect(report(rig, 1, 100, 150)?.error).toBe('NONE');
    expect(rig.end).toBe(before);
    expect(report(rig, 1, 150, 100)?.error).toBe('NONE');
    expect(rig.end).toBe(before);
  });

  it('V9 a member of the last in-sync set that drops the same range a second time has lost it twice', () => {
    const rig = started(UNCLEAN);
    for (const broker of [2, 3, 1]) rig.kill(broker);
    rig.start(2);
    const first = rig.partition('laser').leaderEpoch;
    rig.start(1);
    report(rig, 1, 100, 150);
    // 1 is in sync with 2, and the last to die; 3, which ends at 100, is the first one back.
    bringInSync(rig, 2, [2, 1]);
    rig.kill(2);
    rig.kill(1);
    rig.start(3);
    const second = rig.partition('laser').leaderEpoch;
    rig.start(1);
    report(rig, 1, 100, 150);
    const end = rig.end;
    report(rig, 1, 100, 150);
    expect(rig.end).toBe(end);
    const { losses } = lossesOf(rig.committed);
    expect(losses.map((loss) => [loss.leaderEpoch, loss.fromOffset, loss.toOffset])).toEqual([
      [first, 100, 150],
      [second, 100, 150],
    ]);
  });

  it('F3 a replica that missed two elections reports under the first, goes on there, and counts as a follower of both', () => {
    const rig = started(UNCLEAN);
    for (const broker of [1, 2, 3]) rig.kill(broker);
    rig.start(1);
    rig.kill(1);
    rig.start(2);
    rig.start(3);
    report(rig, 3, 100, 150);
    report(rig, 3, 90, 100);
    const reports = [...rig.committed.uncleanElections.values()]
      .flat()
      .map(({ truncations }) =>
        truncations.map(({ brokerId, fromOffset, toOffset }) => [brokerId, fromOffset, toOffset]),
      );
    expect(reports).toEqual([
      [
        [3, 100, 150],
        [3, 90, 100],
      ],
      [[3, 100, 100]],
    ]);
  });

  it('C4 a leader tells where its own election began, whatever it had missed before', () => {
    const rig = started(UNCLEAN);
    for (const broker of [1, 2, 3]) rig.kill(broker);
    rig.start(1);
    rig.kill(1);
    rig.start(2);
    report(rig, 2, 120, 120);
    const reports = [...rig.committed.uncleanElections.values()].flat();
    expect(
      reports.map(({ leader, truncations }) => [leader, truncations.map((one) => one.fromOffset)]),
    ).toEqual([
      [1, []],
      [2, [120]],
    ]);
  });

  it('what a replica drops belongs to the election that it missed, also after a second one', () => {
    const rig = started(UNCLEAN);
    for (const broker of [1, 2, 3]) rig.kill(broker);
    rig.start(1);
    const first = rig.partition('laser').leaderEpoch;
    rig.kill(1);
    rig.start(2);
    const second = rig.partition('laser').leaderEpoch;
    expect(second).toBeGreaterThan(first);
    rig.start(3);
    report(rig, 3, 90, 150);
    rig.start(1);
    report(rig, 1, 90, 110);
    const { losses } = lossesOf(rig.committed);
    expect(losses.map((loss) => [loss.leaderEpoch, loss.fromOffset, loss.toOffset, loss.reportedBy])).toEqual(
      [
        [first, 90, 150, [3]],
        [second, 90, 110, [1]],
      ],
    );
  });

  it('a member that comes back lossy is waited for no longer, and proves nothing', () => {
    const rig = started(UNCLEAN, { 'min.insync.replicas': '2' });
    for (const broker of [1, 2, 3]) rig.kill(broker);
    rig.start(1);
    const { leaderEpoch } = rig.partition('laser');
    rig.start(3);
    report(rig, 3, 100, 150);
    expect(lossesOf(rig.committed).losses).toMatchObject([{ toOffset: null, knownToOffset: 150 }]);
    rig.register(2, { restartClass: 'lossy' });
    rig.settle();
    expect(lossesOf(rig.committed).losses).toMatchObject([
      { leaderEpoch, fromOffset: 100, toOffset: 150, records: 50, reportedBy: [3] },
    ]);
  });

  it('the high watermark of a leader that never stopped divides committed from discarded', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.kill(1);
    rig.beat(1);
    rig.settle();
    expect(report(rig, 1, 100, 150, { highWatermark: 130 })?.error).toBe('NONE');
    const { losses, discarded } = lossesOf(rig.committed);
    expect(losses).toMatchObject([{ fromOffset: 100, toOffset: 130, reportedBy: [1] }]);
    expect(discarded).toMatchObject([{ fromOffset: 130, toOffset: 150, reportedBy: [1] }]);
  });
});
