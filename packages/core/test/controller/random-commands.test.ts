import { BatchView } from '@odradek/format';
import {
  batchOfRecords,
  emptyImage,
  imageAt,
  imageHash,
  imageOfSnapshot,
  imageToRecords,
  type MetadataImage,
  partitionsOf,
  recordsOfBatch,
  replayAll,
} from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const broker = fc.integer({ min: 1, max: 4 });
const classes = ['clean', 'intact', 'lossy'] as const;
const kinds = ['preferred', 'unclean', 'last known leader'] as const;

const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('come back' as const), broker }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      broker,
      restartClass: fc.constantFrom(...classes),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), broker }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('beat' as const),
      broker,
      goes: fc.boolean(),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('propose' as const), members: fc.uniqueArray(broker) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('tell ends' as const), end: fc.nat(100), answers: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('elect' as const), kind: fc.constantFrom(...kinds) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      broker,
      from: fc.nat(50),
      length: fc.nat(50),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('min' as const), value: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unclean' as const), value: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose and lead' as const) }) },
);

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

function run(rig: Rig, step: Command): void {
  const topicId = rig.topicId('laser');
  const state = rig.partition('laser');
  const place = { topicId, partition: 0 };
  switch (step.do) {
    case 'come back':
      rig.start(step.broker);
      break;
    case 'register':
      rig.register(step.broker, {
        restartClass: step.restartClass,
        previousBrokerEpoch: rig.brokerEpoch(step.broker),
      });
      break;
    case 'kill':
      rig.kill(step.broker);
      break;
    case 'beat':
      rig.beat(step.broker, { wantShutDown: step.goes, failedLogs: step.fails ? [place] : [] });
      break;
    case 'propose': {
      const inSyncReplicas = step.members.map((id) => ({ brokerId: id, brokerEpoch: rig.brokerEpoch(id) }));
      const { leaderEpoch, partitionEpoch, leader } = state;
      const proposal = { ...place, leaderEpoch, partitionEpoch, inSyncReplicas, isRecovering: false };
      const body = { brokerId: leader, brokerEpoch: rig.brokerEpoch(leader), partitions: [proposal] };
      rig.ask(leader, { api: 'alterPartitions', body });
      break;
    }
    case 'wait':
      rig.clock.advance(step.ms);
      break;
    case 'tell ends':
      for (const { broker: id, partitions, done } of rig.asks.splice(0)) {
        const ends = partitions.map((one) => ({ ...one, end: { lastEpoch: 0, endOffset: step.end + id } }));
        done(step.answers ? { brokerEpoch: rig.brokerEpoch(id), ends } : undefined);
      }
      break;
    case 'elect':
      rig.ask(1, {
        api: 'electLeaders',
        body: { timeoutMs: 1, kind: step.kind, partitions: [{ topic: 'laser', partition: 0 }] },
      });
      break;
    case 'report': {
      const range = { fromOffset: step.from, toOffset: step.from + step.length, highWatermark: -1 };
      const truncations = [{ ...place, leaderEpoch: state.leaderEpoch, ...range }];
      const body = { brokerId: step.broker, brokerEpoch: rig.brokerEpoch(step.broker), truncations };
      rig.ask(step.broker, { api: 'reportTruncations', body });
      break;
    }
    case 'min':
      alter(rig, 'min.insync.replicas', String(step.value));
      break;
    case 'unclean':
      alter(rig, 'unclean.leader.election.enable', String(step.value));
      break;
    case 'lose and lead':
      rig.lose();
      rig.lead();
      break;
  }
  rig.settle();
}

function alter(rig: Rig, name: string, value: string): void {
  const body = { timeoutMs: 1, topic: 'laser', changes: [{ name, value }], broker: -1 };
  rig.ask(1, { api: 'alterConfigs', body });
}

/** What may never fall from one image to the next (V16). */
function checkMonotone(before: MetadataImage, after: MetadataImage): void {
  expect(after.offset).toBeGreaterThanOrEqual(before.offset);
  for (const { topic, partition, state } of partitionsOf(before)) {
    const next = after.topics.get(topic.topicId)?.partitions[partition];
    expect(next?.leaderEpoch).toBeGreaterThanOrEqual(state.leaderEpoch);
    expect(next?.partitionEpoch).toBeGreaterThanOrEqual(state.partitionEpoch);
    if (next !== undefined && next.leader !== state.leader)
      expect(next.leaderEpoch).toBeGreaterThan(state.leaderEpoch);
  }
  for (const { id, brokerEpoch } of before.brokers.values())
    expect(after.brokers.get(id)?.brokerEpoch).toBeGreaterThanOrEqual(brokerEpoch);
}

describe('random commands', () => {
  it('V15, V16 hold after each, and the log, its batches and its snapshot make the same image', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const rig = new Rig();
        rig.lead();
        rig.start(1, 2, 3, 4);
        rig.createTopic('laser', { assignment: [[1, 2, 3]] });
        for (const step of commands) {
          const before = rig.committed;
          run(rig, step);
          checkMonotone(before, rig.committed);
          expect(imageHash(rig.desk.image)).toBe(imageHash(rig.committed));
        }
        const replayed = rig.log.reduce((image, { offset, records }) => {
          const batch = new BatchView(batchOfRecords(records, { timestamp: 0, baseOffset: offset }));
          return replayAll(image, recordsOfBatch(batch), offset);
        }, emptyImage);
        const whole = imageAt(replayed, rig.committed.offset);
        expect(imageHash(whole)).toBe(imageHash(rig.committed));
        const snapshot = imageOfSnapshot(imageToRecords(whole), whole.offset);
        expect(imageHash(snapshot)).toBe(imageHash(whole));
        expect(snapshot.uncleanElections).toEqual(whole.uncleanElections);
      }),
      { numRuns: 100 },
    );
  });
});
