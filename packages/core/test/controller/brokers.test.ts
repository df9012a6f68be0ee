import { describe, expect, it } from 'vitest';
import { incarnationOf, Rig, uuid } from './rig.ts';

function started(settings: Readonly<Record<string, string>> = {}): Rig {
  const rig = new Rig(settings);
  rig.lead();
  rig.start(1, 2, 3);
  return rig;
}

describe('registration (C6)', () => {
  it('a broker starts fenced, under the offset of its registration, and is unfenced once it has seen that (C7)', () => {
    const rig = new Rig();
    rig.lead();
    const asked = rig.register(1);
    rig.settle();
    expect(asked.answer).toEqual({ error: 'NONE', brokerEpoch: rig.brokerEpoch(1) });
    expect(rig.committed.brokers.get(1)).toMatchObject({ isFenced: true, flushPolicy: 'commit' });
    rig.beat(1, { metadataOffset: rig.brokerEpoch(1) - 1 });
    rig.settle();
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(true);
    const beat = rig.beat(1);
    rig.settle();
    expect(beat.answer).toMatchObject({ error: 'NONE', isFenced: false, isCaughtUp: true });
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
  });

  it('the same process again is only amended: its broker epoch stays', () => {
    const rig = started();
    const before = rig.brokerEpoch(1);
    const again = rig.register(1, { incarnation: incarnationOf(1, 1), port: 5000 });
    rig.settle();
    expect(again.answer).toEqual({ error: 'NONE', brokerEpoch: before });
    expect(rig.committed.brokers.get(1)).toMatchObject({ isFenced: false, endPoints: [{ port: 5000 }] });
  });

  it('another cluster, a level that it does not support, and another broker’s name are refused', () => {
    const rig = started();
    expect(rig.register(1, { clusterId: 'other' }).answer?.error).toBe('INCONSISTENT_CLUSTER_ID');
    expect(rig.register(1, { minMetadataVersion: 2, maxMetadataVersion: 3 }).answer?.error).toBe(
      'UNSUPPORTED_VERSION',
    );
    expect(rig.register(1, { brokerId: 2 }).answer?.error).toBe('CLUSTER_AUTHORIZATION_FAILED');
  });

  it.each([
    { host: 'a b' },
    { host: '' },
    { host: 'evil/../path' },
    { host: `a\nb` },
    { host: 'x'.repeat(256) },
    { port: 0 },
    { port: 70_000 },
    { port: -1 },
  ])('X9 an address that nobody can dial is refused: %j', (address) => {
    const asked = started().register(4, address);
    expect(asked.answer).toMatchObject({ error: 'INVALID_REQUEST' });
  });

  it('a new process of the same directory replaces the old one at once, unless that one’s link is open here', () => {
    const rig = started();
    const old = { id: 1, directoryId: uuid(1, 1), incarnation: incarnationOf(1, 1) };
    rig.actor.send({ type: 'evidence', evidence: { type: 'linked', peer: old } });
    expect(rig.register(1).answer?.error).toBe('DUPLICATE_BROKER_REGISTRATION');
    rig.actor.send({ type: 'evidence', evidence: { type: 'unlinked', peer: old } });
    const asked = rig.register(1);
    rig.settle();
    expect(asked.answer?.error).toBe('NONE');
    expect(rig.probes).toContain(1);
  });

  it('another directory under a live broker’s id is refused until the session is over, and is lossy then', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[2, 1, 3]] });
    expect(rig.register(1, { directoryId: uuid(1, 77) }).answer?.error).toBe('DUPLICATE_BROKER_REGISTRATION');
    rig.kill(1);
    const asked = rig.register(1, { directoryId: uuid(1, 77), restartClass: 'clean' });
    rig.settle();
    expect(asked.answer?.error).toBe('NONE');
    expect(rig.committed.brokers.get(1)?.restartClass).toBe('lossy');
    expect(rig.partition('laser').directories[1]).toBe(uuid(1, 77));
  });
});

describe('restart classes (C5, C6 as amended)', () => {
  const ledBy = (rig: Rig, broker: number): number =>
    (rig.committed.topics.get(rig.topicId('laser'))?.partitions ?? []).filter(
      ({ leader }) => leader === broker,
    ).length;
  const allBack = (partitions: number): Rig => {
    const rig = started();
    rig.createTopic('laser', { partitions });
    for (const broker of [1, 2, 3]) rig.register(broker);
    rig.settle();
    expect(ledBy(rig, -1)).toBe(partitions);
    return rig;
  };

  it('C3 after a restart of all the first broker that is back leads what there is', () => {
    const rig = allBack(30);
    rig.beat(1);
    rig.settle();
    expect(ledBy(rig, 1)).toBe(30);
  });

  it('C3 of many partitions each waits a moment for its preferred leader that is coming back', () => {
    const rig = allBack(300);
    rig.beat(1);
    rig.settle();
    rig.beat(2);
    rig.settle();
    expect([1, 2, 3, -1].map((broker) => ledBy(rig, broker))).toEqual([100, 100, 0, 100]);
    // The third does not come in time.
    rig.clock.advance(600);
    rig.settle();
    expect([ledBy(rig, 3), ledBy(rig, -1)]).toEqual([0, 0]);
  });

  it('an intact broker that is back keeps its place in sync, but leads nothing until it is unfenced', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    rig.register(1);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({ leader: 2, leaderEpoch: 1, inSyncReplicas: [1, 2, 3] });
    rig.beat(1);
    rig.settle();
    expect(rig.partition('laser')).toMatchObject({ leader: 2, leaderEpoch: 1, inSyncReplicas: [1, 2, 3] });
  });

  it('its place is kept for one session timeout at most, also while it is heard', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    rig.register(1);
    for (let waited = 0; waited < 10; waited++) {
      rig.clock.advance(1000);
      for (const broker of [2, 3]) rig.beat(broker);
      rig.beat(1, { metadataOffset: -1 });
      rig.settle();
    }
    expect(rig.partition('laser').inSyncReplicas).toEqual([2, 3]);
  });

  it('a lossy broker leaves the in-sync and the eligible replicas', () => {
    const rig = started();
    rig.createTopic('laser', {
      assignment: [[1, 2, 3]],
      config: [{ name: 'min.insync.replicas', value: '3' }],
    });
    rig.kill(2);
    expect(rig.partition('laser')).toMatchObject({ inSyncReplicas: [1, 3], eligibleLeaderReplicas: [2] });
    for (const broker of [1, 2]) {
      rig.register(broker, { restartClass: 'lossy' });
      rig.settle();
    }
    expect(rig.partition('laser')).toMatchObject({
      leader: 3,
      inSyncReplicas: [3],
      eligibleLeaderReplicas: [],
    });
  });

  it('a clean one is believed only with the broker epoch that it had', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[2, 1, 3]] });
    rig.register(1, { restartClass: 'clean', previousBrokerEpoch: rig.brokerEpoch(1) });
    rig.settle();
    expect(rig.partition('laser').inSyncReplicas).toEqual([2, 1, 3]);
    rig.register(1, { restartClass: 'clean', previousBrokerEpoch: rig.brokerEpoch(1) - 1 });
    rig.settle();
    expect(rig.partition('laser').inSyncReplicas).toEqual([2, 3]);
  });

  it('D11: an intact one is believed only if its directory knows of the process that is registered', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[2, 1, 3]] });
    const registered = rig.committed.brokers.get(1)?.incarnation ?? '';
    rig.register(1, { previousIncarnations: ['an earlier one', registered, 'one that never was'] });
    rig.settle();
    expect(rig.partition('laser').inSyncReplicas).toEqual([2, 1, 3]);
    // A copy that was made when the earlier one ran.
    rig.register(1, { previousIncarnations: ['an earlier one', registered] });
    rig.settle();
    expect(rig.partition('laser').inSyncReplicas).toEqual([2, 3]);
    expect(rig.committed.brokers.get(1)?.restartClass).toBe('lossy');
  });

  it('a log that was found damaged is lossy alone', () => {
    const rig = started();
    rig.createTopic('laser', {
      assignment: [
        [1, 2, 3],
        [1, 2, 3],
      ],
    });
    rig.register(1, { failedLogs: [{ topicId: rig.topicId('laser'), partition: 1 }] });
    rig.settle();
    expect(rig.partition('laser', 0).inSyncReplicas).toEqual([1, 2, 3]);
    expect(rig.partition('laser', 1).inSyncReplicas).toEqual([2, 3]);
  });

  it('D8: a log that is gone is lossy alone, though its broker knows no more of it than its name', () => {
    const rig = started();
    rig.createTopic('laser', {
      assignment: [
        [1, 2, 3],
        [1, 2, 3],
      ],
    });
    const missingLogs = [
      { topic: 'laser', partition: 1 },
      { topic: 'deleted since', partition: 0 },
    ];
    rig.register(1, { missingLogs });
    rig.settle();
    expect(rig.partition('laser', 0).inSyncReplicas).toEqual([1, 2, 3]);
    expect(rig.partition('laser', 1).inSyncReplicas).toEqual([2, 3]);
  });

  it('everything killed at once comes back without waiting for a timeout, and nothing is lost', () => {
    const rig = started({ 'min.insync.replicas': '2' });
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    rig.lose();
    const before = rig.clock.now;
    rig.lead();
    rig.start(1, 2, 3);
    expect(rig.clock.now).toBe(before);
    expect(rig.partition('laser')).toMatchObject({
      inSyncReplicas: [1, 2, 3],
      eligibleLeaderReplicas: [],
      isRecovering: false,
    });
    expect(rig.partition('laser').leader).toBeGreaterThan(0);
  });
});

describe('failure by evidence and by silence (C7, C8)', () => {
  it('a broker whose address refuses is fenced after a short grace, and its partitions are led by others', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    rig.actor.send({ type: 'evidence', evidence: { type: 'refused', id: 1 } });
    rig.clock.advance(190);
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
    rig.clock.advance(20);
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(true);
    expect(rig.partition('laser')).toMatchObject({ leader: 2, leaderEpoch: 1, inSyncReplicas: [2, 3] });
    expect(rig.fencings).toMatchObject([{ id: 1, isRefusing: true }]);
  });

  it('one that is reached again within the grace is not', () => {
    const rig = started();
    rig.actor.send({ type: 'evidence', evidence: { type: 'refused', id: 1 } });
    rig.clock.advance(100);
    rig.actor.send({ type: 'evidence', evidence: { type: 'reached', id: 1 } });
    rig.clock.advance(1000);
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
  });

  it('nor one with an open link: somebody of that name lives', () => {
    const rig = started();
    const peer = { id: 1, directoryId: uuid(1, 1), incarnation: incarnationOf(1, 1) };
    rig.actor.send({ type: 'evidence', evidence: { type: 'linked', peer } });
    rig.actor.send({ type: 'evidence', evidence: { type: 'refused', id: 1 } });
    rig.clock.advance(1000);
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
    // The link is lost later: what was refused then says nothing about now, and the address is tried again.
    rig.actor.send({ type: 'evidence', evidence: { type: 'unlinked', peer } });
    rig.clock.advance(1000);
    expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
    expect(rig.probes).toContain(1);
  });

  it('one that is only silent is fenced after its session timeout', () => {
    const rig = started();
    for (let waited = 0; waited < 5; waited++) {
      rig.clock.advance(2000);
      for (const broker of [2, 3]) rig.beat(broker);
      rig.settle();
    }
    const fenced = [...rig.committed.brokers.values()].filter((one) => one.isFenced).map((one) => one.id);
    expect(fenced).toEqual([1]);
    expect(rig.fencings).toMatchObject([{ id: 1, isRefusing: false }]);
    expect(rig.fencings[0]?.silentMs).toBeGreaterThanOrEqual(9000);
  });

  it('E6: a controller that was stopped itself fences nobody for its own pause', () => {
    const rig = started();
    rig.clock.now += 60_000;
    rig.clock.advance(0);
    expect([...rig.committed.brokers.values()].some((one) => one.isFenced)).toBe(false);
  });

  it('a new controller gives everybody a fresh session, but counts evidence from before', () => {
    const rig = started();
    rig.lose();
    rig.clock.advance(30_000);
    rig.actor.send({ type: 'evidence', evidence: { type: 'refused', id: 1 } });
    rig.clock.advance(300);
    rig.lead();
    rig.settle();
    const fenced = [...rig.committed.brokers.values()].filter((one) => one.isFenced).map((one) => one.id);
    expect(fenced).toEqual([1]);
    expect(rig.probes).toEqual(expect.arrayContaining([2, 3]));
  });

  it('a heartbeat under another registration is refused, and does not count as life', () => {
    const rig = started();
    expect(rig.beat(1, { brokerEpoch: 1 }).answer?.error).toBe('STALE_BROKER_EPOCH');
    expect(
      rig.ask(9, { api: 'brokerHeartbeat', body: { ...heartbeatOf(9), brokerEpoch: 1 } }).answer?.error,
    ).toBe('BROKER_ID_NOT_REGISTERED');
  });
});

function heartbeatOf(brokerId: number) {
  const well = { isMetadataStuck: false, noRoom: '' };
  return { brokerId, metadataOffset: 0, wantFence: false, wantShutDown: false, failedLogs: [], ...well };
}

describe('controlled shutdown (C9) and failed logs (C11)', () => {
  it('moves leaderships, and lets the broker go once all others have seen it', () => {
    const rig = started();
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    const first = rig.beat(1, { wantShutDown: true });
    rig.settle();
    expect(first.answer).toMatchObject({ error: 'NONE', shouldShutDown: false });
    expect(rig.partition('laser')).toMatchObject({ leader: 2, inSyncReplicas: [2, 3] });
    rig.beat(2);
    rig.beat(3);
    const second = rig.beat(1, { wantShutDown: true });
    rig.settle();
    expect(second.answer?.shouldShutDown).toBe(true);
  });

  it('the last broker may go at once', () => {
    const rig = new Rig();
    rig.lead();
    rig.start(1);
    rig.createTopic('laser');
    const asked = rig.beat(1, { wantShutDown: true });
    rig.settle();
    expect(asked.answer?.shouldShutDown).toBe(true);
    expect(rig.partition('laser')).toMatchObject({ leader: -1, eligibleLeaderReplicas: [1] });
  });

  it('a log that fails is offline until its broker is registered anew', () => {
    const rig = started();
    rig.createTopic('laser', {
      assignment: [
        [1, 2, 3],
        [1, 2, 3],
      ],
    });
    rig.beat(1, { failedLogs: [{ topicId: rig.topicId('laser'), partition: 1 }] });
    rig.settle();
    expect(rig.partition('laser', 0)).toMatchObject({ leader: 1 });
    expect(rig.partition('laser', 1)).toMatchObject({ leader: 2, inSyncReplicas: [2, 3] });
    const before = rig.end;
    rig.beat(1, { failedLogs: [{ topicId: rig.topicId('laser'), partition: 1 }] });
    expect(rig.end).toBe(before);
    rig.register(1);
    rig.settle();
    expect(rig.partition('laser', 1).directories[0]).toBe(uuid(1, 1));
  });
});
