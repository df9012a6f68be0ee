import type { PeerRequest } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

type Proposal = PeerRequest<'alterPartitions'>['body']['partitions'][number];

function started(settings: Readonly<Record<string, string>> = {}): Rig {
  const rig = new Rig(settings);
  rig.lead();
  rig.start(1, 2, 3, 4);
  rig.createTopic('laser', { assignment: [[1, 2, 3]] });
  return rig;
}

function propose(
  rig: Rig,
  sender: number,
  members: readonly number[],
  more: Partial<Proposal> & { readonly senderEpoch?: number } = {},
) {
  const { senderEpoch = rig.brokerEpoch(sender), ...changes } = more;
  const { leaderEpoch, partitionEpoch } = rig.partition('laser');
  const proposal = {
    topicId: rig.topicId('laser'),
    partition: 0,
    leaderEpoch,
    partitionEpoch,
    inSyncReplicas: members.map((brokerId) => ({ brokerId, brokerEpoch: rig.brokerEpoch(brokerId) })),
    isRecovering: false,
    ...changes,
  };
  const body = { brokerId: sender, brokerEpoch: senderEpoch, partitions: [proposal] };
  const asked = rig.ask(sender, { api: 'alterPartitions', body });
  rig.settle();
  return asked.answer;
}

const errorOf = (answer: ReturnType<typeof propose>) => answer?.partitions[0]?.error;

describe('alterPartitions (I6)', () => {
  it('a leader’s shrink and its later expansion are recorded', () => {
    const rig = started();
    expect(propose(rig, 1, [1, 3])?.partitions).toMatchObject([
      { error: 'NONE', leader: 1, leaderEpoch: 0, partitionEpoch: 1, inSyncReplicas: [1, 3] },
    ]);
    expect(errorOf(propose(rig, 1, [1, 2, 3]))).toBe('NONE');
    expect(rig.partition('laser')).toMatchObject({ inSyncReplicas: [1, 2, 3], partitionEpoch: 2 });
  });

  it('the same set again is a success without a record', () => {
    const rig = started();
    const before = rig.end;
    expect(errorOf(propose(rig, 1, [1, 2, 3]))).toBe('NONE');
    expect(rig.end).toBe(before);
  });

  it.each<[string, number, readonly number[], Partial<Proposal>, string]>([
    ['a leader epoch from the future', 1, [1], { leaderEpoch: 9 }, 'NOT_CONTROLLER'],
    ['a partition epoch from the future', 1, [1], { partitionEpoch: 9 }, 'NOT_CONTROLLER'],
    ['an old leader epoch', 1, [1], { leaderEpoch: -1 }, 'FENCED_LEADER_EPOCH'],
    ['not the leader', 2, [1, 2], {}, 'INVALID_REQUEST'],
    ['an old partition epoch (M5)', 1, [1], { partitionEpoch: -1 }, 'INVALID_UPDATE_VERSION'],
    ['a stranger in the set', 1, [1, 4], {}, 'INVALID_REQUEST'],
    ['without the leader', 1, [2, 3], {}, 'INVALID_REQUEST'],
    ['somebody twice', 1, [1, 2, 2], {}, 'INVALID_REQUEST'],
    ['recovering again', 1, [1], { isRecovering: true }, 'INVALID_REQUEST'],
    ['a topic that is not', 1, [1], { topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'UNKNOWN_TOPIC_ID'],
    ['a partition that is not', 1, [1], { partition: 7 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ])('refuses %s', (_, sender, members, more, error) => {
    const rig = started();
    const before = rig.end;
    expect(errorOf(propose(rig, sender, members, more))).toBe(error);
    expect(rig.end).toBe(before);
  });

  it('refuses a sender of another registration', () => {
    expect(propose(started(), 1, [1], { senderEpoch: 1 })).toMatchObject({ error: 'STALE_BROKER_EPOCH' });
  });

  it('M4, S14: who comes in must be unfenced, stay, and be the process that fetched', () => {
    const rig = started();
    propose(rig, 1, [1, 3]);
    const wrongEpoch = [
      { brokerId: 1, brokerEpoch: -1 },
      { brokerId: 2, brokerEpoch: rig.brokerEpoch(2) - 1 },
    ];
    expect(errorOf(propose(rig, 1, [], { inSyncReplicas: wrongEpoch }))).toBe('INELIGIBLE_REPLICA');
    rig.beat(2, { wantShutDown: true });
    rig.settle();
    expect(errorOf(propose(rig, 1, [1, 2, 3]))).toBe('INELIGIBLE_REPLICA');
    rig.kill(2);
    expect(errorOf(propose(rig, 1, [1, 2, 3]))).toBe('INELIGIBLE_REPLICA');
  });

  it('who is in sync already may be fenced for a while: one that came back intact', () => {
    const rig = started();
    rig.register(2);
    rig.settle();
    expect(rig.committed.brokers.get(2)?.isFenced).toBe(true);
    expect(errorOf(propose(rig, 1, [1, 2]))).toBe('NONE');
    expect(rig.partition('laser').inSyncReplicas).toEqual([1, 2]);
  });

  it('C5: below the minimum those that leave stay eligible, and are so no longer once there are enough', () => {
    const rig = started({ 'min.insync.replicas': '2' });
    propose(rig, 1, [1]);
    expect(rig.partition('laser')).toMatchObject({ inSyncReplicas: [1], eligibleLeaderReplicas: [2, 3] });
    propose(rig, 1, [1, 3]);
    expect(rig.partition('laser')).toMatchObject({ inSyncReplicas: [1, 3], eligibleLeaderReplicas: [] });
  });
});
