import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

describe('the controller’s machine (C1)', () => {
  it('on standby refuses by name', () => {
    const rig = new Rig();
    expect(rig.register(1).answer).toMatchObject({ error: 'NOT_CONTROLLER', brokerEpoch: -1 });
    expect(rig.createTopic('laser')).toBeUndefined();
    expect(rig.actor.getSnapshot().value).toBe('standby');
  });

  it('acts only once it has replayed to its own LeaderChange; questions until then wait', () => {
    const rig = new Rig();
    rig.commitsAtOnce = false;
    rig.end = 5;
    rig.lead();
    expect(rig.actor.getSnapshot().value).toBe('replaying');
    const asked = rig.register(1);
    expect(rig.log).toHaveLength(0);
    rig.commit();
    expect(rig.actor.getSnapshot().value).toEqual('active');
    expect(rig.log.length).toBeGreaterThan(0);
    expect(asked.answer).toBeUndefined();
    rig.commit();
    expect(asked.answer?.error).toBe('NONE');
  });

  it('a lone voter has committed its LeaderChange before it hears that it leads', () => {
    const rig = new Rig();
    rig.isLeader = true;
    rig.end = 1;
    rig.commit();
    rig.actor.send({ type: 'leader epoch started', epoch: 1, startOffset: 0 });
    expect(rig.actor.getSnapshot().value).toEqual('active');
  });

  it('writes the level of the metadata and min.insync.replicas before anything else', () => {
    const rig = new Rig({ 'min.insync.replicas': '2' });
    rig.lead();
    expect(rig.log[0]?.records).toMatchObject([
      { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 1 },
      { type: 'ConfigRecord', name: 'min.insync.replicas', value: '2' },
    ]);
    rig.lose();
    rig.lead();
    expect(rig.log).toHaveLength(1);
  });

  it('an answer leaves only when the records it rests on are committed, in order', () => {
    const rig = new Rig();
    rig.lead();
    rig.start(1);
    rig.commitsAtOnce = false;
    const block = rig.ask(1, {
      api: 'allocateProducerIds',
      body: { brokerId: 1, brokerEpoch: rig.brokerEpoch(1) },
    });
    const beat = rig.beat(1);
    expect([block.answer, beat.answer]).toEqual([undefined, undefined]);
    rig.commit();
    expect(block.answer).toEqual({ error: 'NONE', firstProducerId: 0, count: 1000 });
    expect(beat.answer?.error).toBe('NONE');
  });

  it('on loss of leadership goes back to what is committed; who waits hears that the outcome is unknown', () => {
    const rig = new Rig();
    rig.lead();
    rig.start(1);
    rig.commitsAtOnce = false;
    const asked = rig.ask(1, {
      api: 'createTopics',
      body: {
        timeoutMs: 1000,
        validateOnly: false,
        requestId: '',
        topics: [{ name: 'laser', partitions: 1, replicationFactor: 1, assignment: [], config: [] }],
      },
    });
    expect(rig.desk.image.topicIds.has('laser')).toBe(true);
    const registration = rig.register(1);
    rig.lose();
    // A broker asks again, whatever became of it; to a client NOT_CONTROLLER would say that nothing has happened.
    expect(registration.answer?.error).toBe('NOT_CONTROLLER');
    expect(asked.answer).toMatchObject({
      error: 'REQUEST_TIMED_OUT',
      errorMessage: expect.stringContaining('it may or may not happen'),
    });
    expect(rig.desk.image).toBe(rig.committed);
    expect(rig.actor.getSnapshot().value).toBe('standby');
  });

  it('when the quorum takes no record any more, refuses and has changed nothing', () => {
    const rig = new Rig();
    rig.lead();
    rig.isLeader = false;
    expect(rig.register(1).answer?.error).toBe('NOT_CONTROLLER');
    expect(rig.desk.image.brokers.size).toBe(0);
  });

  it('C9 that resigns while it is standby decides nothing either, should it lead the quorum before it is gone', () => {
    const rig = new Rig();
    rig.actor.send({ type: 'resign' });
    rig.lead();
    expect(rig.actor.getSnapshot().value).toBe('resigning');
    expect(rig.register(1).answer?.error).toBe('NOT_CONTROLLER');
  });

  it('that resigns decides nothing more; what is decided may still be committed', () => {
    const rig = new Rig();
    rig.lead();
    rig.commitsAtOnce = false;
    const decided = rig.register(1);
    rig.actor.send({ type: 'resign' });
    expect(rig.register(2).answer?.error).toBe('NOT_CONTROLLER');
    rig.commit();
    expect(decided.answer?.error).toBe('NONE');
    rig.lose();
    expect(rig.actor.getSnapshot().value).toBe('resigning');
  });
});
