import { expect, it } from 'vitest';
import { createActor } from 'xstate';
import { partitionMachine } from '../../src/partition/partition.machine.ts';
import type { PartitionHost, PartitionPlace } from '../../src/partition/partition-host.ts';
import { TestClock } from '../support/test-clock.ts';

const place = (change: Partial<PartitionPlace>): PartitionPlace => ({
  leader: 1,
  leaderEpoch: 4,
  partitionEpoch: 10,
  replicas: [1, 2, 3],
  inSyncReplicas: [1, 2, 3],
  eligibleLeaderReplicas: [],
  isRecovering: false,
  ...change,
});

function partitionAtBroker1(initial = place({}), clock = new TestClock()) {
  const orders: string[] = [];
  const host: PartitionHost = {
    brokerId: 1,
    openLog: () => orders.push('open log'),
    becomeLeader: ({ leaderEpoch }) => orders.push(`lead in ${leaderEpoch}`),
    becomeFollower: ({ leader, leaderEpoch }) => orders.push(`follow ${leader} in ${leaderEpoch}`),
    placeChanged: ({ inSyncReplicas }) => orders.push(`in sync: ${inSyncReplicas}`),
    endRole: () => orders.push('end role'),
    reportFailure: ({ error }) => orders.push(`failed: ${error}`),
    giveUpLog: ({ error }) => orders.push(`give up: ${error}`),
    tellRefusal: ({ error }) => orders.push(`refused: ${error}`),
    nameDamage: ({ error }) => orders.push(`named: ${error}`),
    cutDamage: () => orders.push('cut damage'),
    deleteLog: () => orders.push('delete log'),
  };
  const actor = createActor(partitionMachine, {
    input: { host, place: initial },
    clock: {
      setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    },
  }).start();
  const taken = (): string[] => orders.splice(0);
  return { actor, taken };
}

it('is offline until its log is open, then takes the role that the latest metadata gives it', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'place changed', place: place({ leader: 2, leaderEpoch: 5, partitionEpoch: 11 }) });
  expect(taken()).toEqual(['open log']);
  actor.send({ type: 'log opened' });
  expect(taken()).toEqual(['follow 2 in 5']);
});

it('I7 ignores an older partition epoch, and takes an equal one', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'place changed', place: place({ partitionEpoch: 9, inSyncReplicas: [1] }) });
  expect(taken()).toEqual([]);
  actor.send({ type: 'place changed', place: place({ inSyncReplicas: [1, 2] }) });
  expect(taken()).toEqual(['in sync: 1,2']);
});

it('F1 M9 begins its role anew in a new leader epoch, even under the same leader', () => {
  const { actor, taken } = partitionAtBroker1(place({ leader: 2 }));
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'place changed', place: place({ leader: 2, leaderEpoch: 5, partitionEpoch: 11 }) });
  expect(taken()).toEqual(['end role', 'follow 2 in 5']);
});

it('is offline without a leader, and neither leads nor follows', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'place changed', place: place({ leader: -1, leaderEpoch: 5, partitionEpoch: 11 }) });
  expect(taken()).toEqual(['end role']);
  expect(actor.getSnapshot().value).toEqual({ hosted: 'offline' });
});

it('D3 C11 a failed log ends the role for good and is reported', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'log failed', failure: { kind: 'disk', error: 'EIO' } });
  expect(taken()).toEqual(['end role', 'failed: EIO']);
  actor.send({ type: 'place changed', place: place({ leader: 1, leaderEpoch: 6, partitionEpoch: 12 }) });
  expect(taken()).toEqual([]);
});

const refusal = { type: 'log failed', failure: { kind: 'refusal', error: 'EMFILE' } } as const;

it('D11 a log that no file was to spare for is opened again, each time later, until it opens', () => {
  const clock = new TestClock();
  const { actor, taken } = partitionAtBroker1(place({ inSyncReplicas: [1] }), clock);
  const waits = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  for (const waitMs of waits) {
    expect(taken()).toEqual(['open log']);
    actor.send(refusal);
    clock.advance(waitMs - 1);
    expect([actor.getSnapshot().value, taken()]).toEqual(['refused', ['refused: EMFILE']]);
    clock.advance(1);
  }
  expect(taken()).toEqual(['open log']);
  actor.send({ type: 'log opened' });
  expect(taken()).toEqual(['lead in 4']);
  const { failure, refusals } = actor.getSnapshot().context;
  expect([failure, refusals]).toEqual([undefined, 0]);
});

it('D11 C11 is reported while another is in sync, which can lead; when it opens it takes the place that it has by then', () => {
  const clock = new TestClock();
  const { actor, taken } = partitionAtBroker1(place({}), clock);
  actor.send(refusal);
  expect(taken()).toEqual(['open log', 'failed: EMFILE']);
  actor.send({ type: 'place changed', place: place({ partitionEpoch: 9 }) });
  const led = { leader: 2, leaderEpoch: 5, partitionEpoch: 11, inSyncReplicas: [2, 3] };
  actor.send({ type: 'place changed', place: place(led) });
  clock.advance(1000);
  actor.send({ type: 'log opened' });
  expect(taken()).toEqual(['open log', 'follow 2 in 5']);
});

it('D8 a damaged log is cut and healed only once it is out of the in-sync set and another leads', () => {
  const { actor, taken } = partitionAtBroker1(place({ leader: 2 }));
  actor.send({ type: 'log failed', failure: { kind: 'damage', error: 'bad checksum' } });
  expect(taken()).toEqual(['open log', 'failed: bad checksum']);
  actor.send({ type: 'place changed', place: place({ leader: 2, partitionEpoch: 11 }) });
  expect(taken()).toEqual([]);
  const withoutUs = place({ leader: 2, partitionEpoch: 12, inSyncReplicas: [2, 3] });
  actor.send({ type: 'place changed', place: withoutUs });
  expect(taken()).toEqual(['cut damage', 'open log']);
});

it('D8 D9 damage that a read found ends the role while another is in sync, and is healed like any', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'log opened' });
  taken();
  const failure = { kind: 'damage', error: 'bad checksum' } as const;
  actor.send({ type: 'read found damage', failure });
  expect(taken()).toEqual(['end role', 'give up: bad checksum', 'failed: bad checksum']);
  actor.send({ type: 'read found damage', failure });
  expect(taken()).toEqual([]);
  const withoutUs = place({ leader: 2, leaderEpoch: 5, partitionEpoch: 12, inSyncReplicas: [2, 3] });
  actor.send({ type: 'place changed', place: withoutUs });
  expect(taken()).toEqual(['cut damage', 'open log']);
});

it('D8 D9 the last replica in sync goes on with what is sound, and names what is not', () => {
  const { actor, taken } = partitionAtBroker1(place({ inSyncReplicas: [1] }));
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'read found damage', failure: { kind: 'damage', error: 'bad checksum' } });
  expect(taken()).toEqual(['named: bad checksum']);
  expect(actor.getSnapshot().value).toEqual({ hosted: 'leading' });
});

it('is deleted from any state', () => {
  const { actor, taken } = partitionAtBroker1();
  actor.send({ type: 'log opened' });
  taken();
  actor.send({ type: 'deleted' });
  expect(taken()).toEqual(['end role', 'delete log']);
  expect(actor.getSnapshot().status).toBe('done');
});
