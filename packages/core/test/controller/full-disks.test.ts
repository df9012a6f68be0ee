import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const FULL = { noRoom: 'the disk is full' };
/** `broker.heartbeat.interval.ms`: after that everybody has said how its disk is. */
const TOLD_MS = 2000;
/** `leader.imbalance.check.interval.seconds`. */
const LASTING_MS = 300_000;

/** Brokers 1 to 3, and a partition that each of them would rather lead. */
function started(settings: Readonly<Record<string, string>> = {}): Rig {
  const rig = new Rig({ 'broker.session.timeout.ms': '1000000000', ...settings });
  rig.lead();
  rig.start(1, 2, 3);
  rig.createTopic('one', { assignment: [[1, 2, 3]] });
  rig.createTopic('two', { assignment: [[2, 3, 1]] });
  rig.createTopic('three', { assignment: [[3, 1, 2]] });
  return rig;
}

function leaders(rig: Rig): readonly number[] {
  return ['one', 'two', 'three'].map((topic) => rig.partition(topic).leader);
}

function advance(rig: Rig, byMs: number): void {
  rig.clock.advance(byMs);
  rig.settle();
}

describe('what a broker leads whose disk has no room (D6, C3)', () => {
  it.each([FULL, { isMetadataStuck: true }])(
    'is led by an in-sync replica with room, by a clean election, once everybody could say how its own is (%o)',
    (trouble) => {
      const rig = started();
      rig.beat(1, trouble);
      advance(rig, TOLD_MS - 1);
      expect(leaders(rig)).toEqual([1, 2, 3]);
      advance(rig, 1);
      expect(leaders(rig)).toEqual([2, 2, 3]);
      expect(rig.partition('one')).toMatchObject({ leaderEpoch: 1, inSyncReplicas: [1, 2, 3] });
      expect(rig.reliefs).toEqual([[1, 1]]);
      expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
    },
  );

  it('stays where it is when there is room again by then, or nobody in sync has any', () => {
    const rig = started();
    rig.beat(1, FULL);
    advance(rig, TOLD_MS / 2);
    rig.beat(1);
    advance(rig, TOLD_MS);
    expect(rig.partition('one')).toMatchObject({ leader: 1, leaderEpoch: 0 });
    for (const broker of [1, 2, 3]) rig.beat(broker, FULL);
    const { offset } = rig.committed;
    advance(rig, 10 * LASTING_MS);
    expect(leaders(rig)).toEqual([1, 2, 3]);
    expect(rig.committed.offset).toBe(offset);
    expect(rig.reliefs).toEqual([]);
  });

  it('goes nowhere outside the in-sync set, and goes as soon as somebody with room is in sync', () => {
    const rig = started();
    rig.kill(2);
    rig.kill(3);
    rig.beat(1, FULL);
    advance(rig, TOLD_MS);
    expect(leaders(rig)).toEqual([1, 1, 1]);
    expect(rig.partition('one').inSyncReplicas).toEqual([1]);
    rig.start(3);
    advance(rig, TOLD_MS);
    expect(leaders(rig)).toEqual([1, 1, 1]);
    const { leaderEpoch, partitionEpoch } = rig.partition('one');
    const inSyncReplicas = [1, 3].map((brokerId) => ({ brokerId, brokerEpoch: rig.brokerEpoch(brokerId) }));
    const place = { topicId: rig.topicId('one'), partition: 0, leaderEpoch, partitionEpoch };
    const partitions = [{ ...place, inSyncReplicas, isRecovering: false }];
    const body = { brokerId: 1, brokerEpoch: rig.brokerEpoch(1), partitions };
    rig.ask(1, { api: 'alterPartitions', body });
    advance(rig, TOLD_MS);
    expect(leaders(rig)).toEqual([3, 1, 1]);
  });

  it('W5 comes back once there has been room for a while, however often a disk is full and not full', () => {
    const rig = started();
    rig.beat(1, FULL);
    advance(rig, TOLD_MS);
    const { leaderEpoch } = rig.partition('one');
    for (let turn = 0; turn < 10; turn++) {
      rig.beat(1);
      advance(rig, LASTING_MS - 1);
      rig.beat(1, FULL);
      advance(rig, TOLD_MS);
    }
    expect(rig.partition('one')).toMatchObject({ leader: 2, leaderEpoch });
    rig.beat(1);
    advance(rig, LASTING_MS);
    expect(rig.partition('one')).toMatchObject({ leader: 1, leaderEpoch: leaderEpoch + 1 });
  });

  it.each([0.1, 0.15, 0.2, 0.3, 0.4])(
    'W5 comes back, and goes to who has room for good, though the timer fires a moment early and time goes on meanwhile (%f ms)',
    (readMs) => {
      const rig = started();
      Object.assign(rig.clock, { readMs, earlyMs: 0.5 });
      rig.beat(1, FULL);
      advance(rig, TOLD_MS + 1);
      expect(leaders(rig)).toEqual([2, 2, 3]);
      rig.beat(1);
      advance(rig, LASTING_MS + 1);
      expect(leaders(rig)).toEqual([1, 2, 3]);
      for (const broker of [1, 2, 3]) rig.beat(broker, FULL);
      advance(rig, TOLD_MS + 1);
      rig.beat(2);
      advance(rig, LASTING_MS + 1);
      expect(leaders(rig)).toEqual([2, 2, 2]);
    },
  );

  it('W5 comes to nobody whose own disk was full a moment ago, but does once that one has room for good', () => {
    const rig = started({ 'auto.leader.rebalance.enable': 'false' });
    for (const broker of [1, 2, 3]) rig.beat(broker, FULL);
    advance(rig, TOLD_MS);
    rig.beat(2);
    advance(rig, LASTING_MS - 1);
    expect(leaders(rig)).toEqual([1, 2, 3]);
    advance(rig, 1);
    expect(leaders(rig)).toEqual([2, 2, 2]);
    expect(rig.reliefs).toEqual([
      [1, 1],
      [3, 1],
    ]);
  });

  it('W5 is not given back to it by an operator, who is told why', () => {
    const rig = started();
    rig.beat(1, FULL);
    advance(rig, TOLD_MS);
    const partitions = [{ topic: 'one', partition: 0 }];
    const body = { timeoutMs: 1, kind: 'preferred', partitions };
    const asked = rig.ask(2, { api: 'electLeaders', body });
    rig.settle();
    expect(asked.answer?.partitions).toMatchObject([
      {
        error: 'PREFERRED_LEADER_NOT_AVAILABLE',
        errorMessage: 'broker 1 has no room on its disk',
        leader: 2,
      },
    ]);
  });
});
