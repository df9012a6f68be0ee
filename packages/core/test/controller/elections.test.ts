import { lossesOf } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import type { Rig } from './rig.ts';
import { report, started, UNCLEAN } from './unclean.ts';

function elect(rig: Rig, kind: string, partition = 0, topic = 'laser') {
  const asked = rig.ask(1, {
    api: 'electLeaders',
    body: { timeoutMs: 1, kind, partitions: [{ topic, partition }] },
  });
  rig.settle();
  return asked;
}

describe('all replicas died, the first answer (C3, S17)', () => {
  it('the partition waits for who has every committed record; another one that comes back leads nothing', () => {
    const rig = started();
    for (const broker of [1, 2, 3]) rig.kill(broker);
    expect(rig.partition('laser')).toMatchObject({
      leader: -1,
      inSyncReplicas: [],
      eligibleLeaderReplicas: [3],
      lastKnownLeaders: [3],
    });
    rig.start(1);
    expect(rig.partition('laser').leader).toBe(-1);
    expect(rig.desk.offline()).toEqual([{ topicId: rig.topicId('laser'), partition: 0, waitingFor: [3] }]);
    rig.start(3);
    expect(rig.partition('laser')).toMatchObject({
      leader: 3,
      inSyncReplicas: [3],
      eligibleLeaderReplicas: [],
      lastKnownLeaders: [],
      isRecovering: false,
    });
    expect(lossesOf(rig.committed)).toEqual({ losses: [], discarded: [] });
  });

  it('the last known leader is elected by an operator’s word only, and that counts as unclean', () => {
    const rig = started();
    for (const broker of [1, 2, 3]) rig.kill(broker);
    rig.register(3, { restartClass: 'lossy' });
    rig.settle();
    rig.beat(3);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({
      leader: -1,
      eligibleLeaderReplicas: [],
      lastKnownLeaders: [3],
    });
    expect(rig.desk.offline()).toMatchObject([{ waitingFor: [3] }]);
    expect(elect(rig, 'last known leader').answer?.partitions).toMatchObject([{ error: 'NONE', leader: 3 }]);
    expect(rig.partition('laser')).toMatchObject({ leader: 3, isRecovering: true, inSyncReplicas: [3] });
    expect([...rig.committed.uncleanElections.values()]).toHaveLength(1);
  });
});

describe('all replicas died, the second answer (C3, C4 as amended)', () => {
  it('the first one back leads; what the others drop is told, committed and not', () => {
    const rig = started(UNCLEAN);
    for (const broker of [1, 2, 3]) rig.kill(broker);
    expect(rig.partition('laser').leader).toBe(-1);
    rig.start(1);
    const { leader, leaderEpoch, isRecovering, inSyncReplicas } = rig.partition('laser');
    expect({ leader, isRecovering, inSyncReplicas }).toEqual({
      leader: 1,
      isRecovering: true,
      inSyncReplicas: [1],
    });
    const told = { topic: 'laser', partition: 0, leaderEpoch };
    rig.start(2);
    expect(report(rig, 2, 100, 120)?.error).toBe('NONE');
    expect(lossesOf(rig.committed).losses).toEqual([
      { ...told, fromOffset: 100, toOffset: null, records: null, knownToOffset: 120, reportedBy: [2] },
    ]);
    rig.start(3);
    report(rig, 3, 100, 150);
    const settled = { ...told, fromOffset: 100, toOffset: 150, records: 50, knownToOffset: null };
    expect(lossesOf(rig.committed).losses).toEqual([{ ...settled, reportedBy: [2, 3] }]);
  });

  it('whoever is only suspected is waited for, until its session is over', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    expect(rig.partition('laser')).toMatchObject({ leader: 1, inSyncReplicas: [1] });
    for (let waited = 0; waited < 4; waited++) {
      rig.clock.advance(2000);
      rig.beat(2);
      rig.settle();
    }
    expect(rig.partition('laser').leader).toBe(1);
    rig.clock.advance(1500);
    expect(rig.partition('laser')).toMatchObject({ leader: 2, isRecovering: true });
  });

  it('one that came back intact, still fenced, is waited for rather than replaced uncleanly', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.register(1);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({ leader: -1, inSyncReplicas: [1] });
    expect(rig.desk.offline()).toMatchObject([{ waitingFor: [1] }]);
    rig.beat(1);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({ leader: 1, isRecovering: false });
  });

  it('of several alive the one with the longest log leads: they are asked first', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.start(3);
    rig.kill(1);
    expect(rig.partition('laser').leader).toBe(-1);
    expect(rig.asks.map((ask) => ask.broker)).toEqual([2, 3]);
    const tell = (broker: number, endOffset: number) => {
      const ask = rig.asks.findLast((one) => one.broker === broker);
      const ends = (ask?.partitions ?? []).map((partition) => ({
        ...partition,
        end: { lastEpoch: 0, endOffset },
      }));
      ask?.done({ brokerEpoch: rig.brokerEpoch(broker), ends });
      rig.settle();
    };
    tell(2, 100);
    expect(rig.partition('laser').leader).toBe(-1);
    tell(3, 110);
    expect(rig.partition('laser')).toMatchObject({ leader: 3, isRecovering: true, inSyncReplicas: [3] });
  });

  it('who does not answer is asked again', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.start(3);
    rig.kill(1);
    const asksOf2 = (): number => rig.asks.filter((ask) => ask.broker === 2).length;
    rig.asks[0]?.done(undefined);
    rig.clock.advance(150);
    expect(asksOf2()).toBe(1);
    rig.clock.advance(100);
    expect(asksOf2()).toBe(2);
    rig.asks.at(-1)?.done({ brokerEpoch: -1, ends: [] });
    rig.clock.advance(100);
    expect(asksOf2()).toBe(2);
  });

  it('a broker that cannot tell the end of its log does not lead', () => {
    const rig = started(UNCLEAN);
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.start(3);
    rig.kill(1);
    for (const { broker, partitions, done } of [...rig.asks]) {
      const end = broker === 2 ? { lastEpoch: 0, endOffset: 5 } : undefined;
      done({ brokerEpoch: rig.brokerEpoch(broker), ends: partitions.map((one) => ({ ...one, end })) });
      rig.settle();
    }
    expect(rig.partition('laser').leader).toBe(2);
  });

  it('it is tried at once when the setting is changed', () => {
    const rig = started();
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.kill(1);
    expect(rig.partition('laser').leader).toBe(-1);
    const body = { timeoutMs: 1, topic: 'laser', changes: UNCLEAN, broker: -1 };
    rig.ask(2, { api: 'alterConfigs', body });
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
  });
});

describe('elections that somebody asks for (C3)', () => {
  it('preferred: leadership goes back to the first replica', () => {
    const rig = started();
    rig.register(1);
    rig.settle();
    expect(elect(rig, 'preferred').answer?.partitions).toMatchObject([
      { error: 'PREFERRED_LEADER_NOT_AVAILABLE' },
    ]);
    rig.beat(1);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
    expect(elect(rig, 'preferred').answer?.partitions).toMatchObject([{ error: 'NONE', leader: 1 }]);
    expect(elect(rig, 'preferred').answer?.partitions).toMatchObject([{ error: 'ELECTION_NOT_NEEDED' }]);
  });

  it('C3 W4 and does so by itself a while after a change, once; where nothing changes nothing is looked for', () => {
    const rig = started([], { 'broker.session.timeout.ms': '1000000000' });
    rig.register(1);
    rig.settle();
    rig.beat(1);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
    rig.clock.advance(299_000);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
    rig.clock.advance(1000);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({ leader: 1, leaderEpoch: 2 });
    rig.clock.advance(300_000);
    const { offset } = rig.committed;
    const pending = rig.clock.pending;
    rig.clock.advance(3_000_000);
    expect(rig.committed.offset).toBe(offset);
    expect(rig.clock.pending).toBe(pending);
  });

  it.each([
    ['49', 1],
    ['50', 2],
  ])(
    'C3 where half of what prefers a broker is elsewhere, %s percent of it allowed, broker %i leads in the end',
    (percentage, leader) => {
      const rig = started([], {
        'broker.session.timeout.ms': '1000000000',
        'leader.imbalance.per.broker.percentage': percentage,
      });
      rig.register(1);
      rig.settle();
      rig.beat(1);
      rig.settle();
      rig.createTopic('other', { assignment: [[1, 2, 3]] });
      expect([rig.partition('laser').leader, rig.partition('other').leader]).toEqual([2, 1]);
      rig.clock.advance(1_000_000);
      rig.settle();
      expect([rig.partition('laser').leader, rig.partition('other').leader]).toEqual([leader, 1]);
    },
  );

  it('C3 D6 and not to one whose disk has no room, before it has some', () => {
    const rig = started([], { 'broker.session.timeout.ms': '1000000000' });
    rig.register(1);
    rig.settle();
    rig.beat(1);
    rig.beat(1, { noRoom: 'the disk is full' });
    rig.settle();
    rig.clock.advance(1_000_000);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
    rig.beat(1);
    rig.clock.advance(300_000);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(1);
  });

  it('C3 D6 whose disk has no room leads, when its leader dies, only where nobody else can', () => {
    const rig = started([], { 'broker.session.timeout.ms': '1000000000' });
    rig.start(1);
    rig.createTopic('next', { assignment: [[2, 1, 3]] });
    rig.beat(1, { noRoom: 'the disk is full' });
    rig.kill(2);
    rig.settle();
    expect(rig.partition('next')).toMatchObject({ leader: 3, inSyncReplicas: [1, 3] });
    rig.kill(3);
    rig.settle();
    expect(rig.partition('next')).toMatchObject({ leader: 1 });
  });

  it('C3 and not at all where auto.leader.rebalance.enable is false', () => {
    const rig = started([], {
      'broker.session.timeout.ms': '1000000000',
      'auto.leader.rebalance.enable': 'false',
    });
    rig.register(1);
    rig.settle();
    rig.beat(1);
    rig.settle();
    rig.clock.advance(1_000_000);
    rig.settle();
    expect(rig.partition('laser').leader).toBe(2);
  });

  it('unclean: an operator’s word, asking for ends first', () => {
    const rig = started();
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.start(3);
    rig.kill(1);
    const asked = elect(rig, 'unclean');
    expect(asked.answer).toBeUndefined();
    for (const { broker, partitions, done } of [...rig.asks]) {
      const ends = partitions.map((partition) => ({
        ...partition,
        end: { lastEpoch: 0, endOffset: 10 * broker },
      }));
      done({ brokerEpoch: rig.brokerEpoch(broker), ends });
      rig.settle();
    }
    expect(asked.answer?.partitions).toMatchObject([{ error: 'NONE', leader: 3 }]);
  });

  it('an operator’s election whose brokers never tell their ends is answered in the end', () => {
    const rig = started();
    rig.kill(2);
    rig.kill(3);
    rig.start(2);
    rig.start(3);
    rig.kill(1);
    const asked = elect(rig, 'unclean');
    for (let failures = 0; failures < 10 && asked.answer === undefined; failures++) {
      for (const { done } of rig.asks.splice(0)) done(undefined);
      rig.clock.advance(200);
    }
    expect(asked.answer?.partitions).toMatchObject([{ error: 'ELIGIBLE_LEADERS_NOT_AVAILABLE' }]);
  });

  it('X9 a partition that is named twice is elected once', () => {
    const rig = started();
    rig.kill(1);
    rig.start(1);
    const { partitionEpoch } = rig.partition('laser');
    rig.ask(2, {
      api: 'alterPartitions',
      body: {
        brokerId: 2,
        brokerEpoch: rig.brokerEpoch(2),
        partitions: [
          {
            topicId: rig.topicId('laser'),
            partition: 0,
            leaderEpoch: rig.partition('laser').leaderEpoch,
            partitionEpoch,
            inSyncReplicas: [1, 2, 3].map((brokerId) => ({
              brokerId,
              brokerEpoch: rig.brokerEpoch(brokerId),
            })),
            isRecovering: false,
          },
        ],
      },
    });
    rig.settle();
    const partitions = Array(3).fill({ topic: 'laser', partition: 0 });
    const asked = rig.ask(1, { api: 'electLeaders', body: { timeoutMs: 1, kind: 'preferred', partitions } });
    rig.settle();
    expect(asked.answer?.partitions.map(({ error, leader }) => [error, leader])).toEqual([
      ['NONE', 1],
      ['INVALID_REQUEST', 1],
      ['INVALID_REQUEST', 1],
    ]);
  });

  it('are refused by name', () => {
    const rig = started();
    expect(elect(rig, 'any').answer?.error).toBe('INVALID_REQUEST');
    expect(elect(rig, 'unclean').answer?.partitions).toMatchObject([
      { error: 'ELECTION_NOT_NEEDED', leader: 1 },
    ]);
    expect(elect(rig, 'preferred', 5).answer?.partitions).toMatchObject([
      { error: 'UNKNOWN_TOPIC_OR_PARTITION', errorMessage: 'topic laser has partitions 0 to 0, not 5' },
    ]);
    expect(elect(rig, 'preferred', 0, 'nobody').answer?.partitions[0]?.error).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    );
    for (const broker of [1, 2, 3]) rig.kill(broker);
    const waiting = rig.ask(1, {
      api: 'electLeaders',
      body: { timeoutMs: 1, kind: 'last known leader', partitions: [{ topic: 'laser', partition: 0 }] },
    });
    expect(waiting.answer?.partitions).toMatchObject([
      { error: 'ELIGIBLE_LEADERS_NOT_AVAILABLE', errorMessage: 'it waits for broker 3' },
    ]);
  });
});
