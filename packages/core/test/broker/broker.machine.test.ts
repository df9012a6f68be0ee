import { expect, it } from 'vitest';
import { createActor } from 'xstate';
import { brokerMachine, isNews } from '../../src/broker/broker.machine.ts';
import type { BrokerHost } from '../../src/broker/broker-host.ts';
import { TestClock } from '../support/test-clock.ts';

function brokerOnTestClock(isBroker = true) {
  const clock = new TestClock();
  const orders: string[] = [];
  const host: BrokerHost = {
    isBroker,
    heartbeatIntervalMs: 100,
    drainLimitMs: 1000,
    registrationTimeoutMs: 1000,
    registrationRetryMs: () => 50,
    openMetadataLog: () => orders.push('open metadata log'),
    recoverLogs: () => orders.push('recover'),
    register: (generation, { restartClass }) => orders.push(`register ${restartClass} #${generation}`),
    registered: (epoch) => orders.push(`registered ${epoch}`),
    registrationRefused: (error) => orders.push(`refused ${error}`),
    sendHeartbeat: (epoch, intent) => orders.push(`heartbeat ${intent} of ${epoch}`),
    close: (epoch) => orders.push(`close ${epoch}`),
    ended: () => orders.push('ended'),
  };
  const actor = createActor(brokerMachine, { input: { host }, clock }).start();
  const taken = (): string[] => orders.splice(0);
  return { actor, clock, taken };
}

const recovered = {
  type: 'logs recovered',
  failedLogs: [],
  missingLogs: [],
  previousBrokerEpoch: -1,
  previousIncarnations: [],
} as const;

function fencedBroker() {
  const broker = brokerOnTestClock();
  broker.actor.send({ type: 'metadata log opened' });
  broker.actor.send({ ...recovered, restartClass: 'intact' });
  broker.actor.send({ type: 'registered', generation: 1, brokerEpoch: 7 });
  return broker;
}

it('C6 registers with what its logs survived, asking again until it is answered', () => {
  const { actor, clock, taken } = brokerOnTestClock();
  actor.send({ type: 'metadata log opened' });
  actor.send({ ...recovered, restartClass: 'intact' });
  expect(taken()).toEqual(['open metadata log', 'recover', 'register intact #1']);
  clock.advance(1000);
  expect(taken()).toEqual(['register intact #2']);
  actor.send({ type: 'registration refused', generation: 2, error: 'NOT_CONTROLLER' });
  expect(taken()).toEqual(['refused NOT_CONTROLLER']);
  clock.advance(50);
  expect(taken()).toEqual(['register intact #3']);
  actor.send({ type: 'registered', generation: 3, brokerEpoch: 7 });
  expect(taken()).toEqual(['registered 7', 'heartbeat serving of 7']);
  expect(actor.getSnapshot().value).toBe('fenced');
});

it('M8 ignores the answer to an older registration', () => {
  const { actor, clock, taken } = brokerOnTestClock();
  actor.send({ type: 'metadata log opened' });
  actor.send({ ...recovered, restartClass: 'lossy' });
  clock.advance(1000);
  taken();
  actor.send({ type: 'registered', generation: 1, brokerEpoch: 5 });
  expect(actor.getSnapshot().value).toEqual({ registering: 'asking' });
  expect(taken()).toEqual([]);
});

it('C7 is fenced until metadata says otherwise of this registration, and beats all the while', () => {
  const { actor, clock, taken } = fencedBroker();
  taken();
  actor.send({ type: 'unfenced', brokerEpoch: 6 });
  expect(actor.getSnapshot().value).toBe('fenced');
  actor.send({ type: 'own registration seen' });
  expect(taken()).toEqual(['heartbeat serving of 7']);
  actor.send({ type: 'unfenced', brokerEpoch: 7 });
  expect(actor.getSnapshot().value).toEqual({ running: 'serving' });
  taken();
  clock.advance(100);
  expect(taken()).toEqual(['heartbeat serving of 7']);
});

it('C6 registers anew when its registration has ended', () => {
  const { actor, taken } = fencedBroker();
  taken();
  actor.send({
    type: 'heartbeat answered',
    brokerEpoch: 7,
    error: 'STALE_BROKER_EPOCH',
    shouldShutDown: false,
  });
  expect(taken()).toEqual(['register intact #2']);
});

it('S71 a late refusal of an older heartbeat ends nothing', () => {
  const { actor, clock, taken } = fencedBroker();
  clock.advance(100);
  taken();
  actor.send({
    type: 'heartbeat answered',
    brokerEpoch: 6,
    error: 'STALE_BROKER_EPOCH',
    shouldShutDown: false,
  });
  expect(actor.getSnapshot().value).toBe('fenced');
});

it('C6, S71 while it runs, or drains, hears of its own registration alone: once that has ended it registers anew, or goes', () => {
  const ended = { type: 'heartbeat answered', error: 'STALE_BROKER_EPOCH', shouldShutDown: false } as const;
  const { actor, taken } = fencedBroker();
  actor.send({ type: 'unfenced', brokerEpoch: 7 });
  actor.send({ ...ended, brokerEpoch: 6 });
  expect(actor.getSnapshot().value).toEqual({ running: 'serving' });
  taken();
  actor.send({ ...ended, brokerEpoch: 7 });
  expect(taken()).toEqual(['register intact #2']);
  actor.send({ type: 'registered', generation: 2, brokerEpoch: 8 });
  actor.send({ type: 'unfenced', brokerEpoch: 8 });
  actor.send({ type: 'stop', movesLeaderships: true });
  actor.send({ ...ended, brokerEpoch: 7 });
  expect(actor.getSnapshot().value).toEqual({ draining: { leaving: 'asking' } });
  actor.send({ ...ended, brokerEpoch: 8 });
  expect(actor.getSnapshot().value).toEqual({ draining: 'closing' });
});

it('C6, C9 goes on when its registration stands and it is not let go, fenced, running or draining', () => {
  const { actor, taken } = fencedBroker();
  const answer = {
    type: 'heartbeat answered',
    brokerEpoch: 7,
    error: 'NONE',
    shouldShutDown: false,
  } as const;
  const states = [
    () => actor.send({ type: 'unfenced', brokerEpoch: 7 }),
    () => actor.send({ type: 'stop', movesLeaderships: true }),
    () => {},
  ].map((goOn) => {
    taken();
    actor.send(answer);
    expect(taken()).toEqual([]);
    const { value } = actor.getSnapshot();
    goOn();
    return value;
  });
  expect(states).toEqual(['fenced', { running: 'serving' }, { draining: { leaving: 'asking' } }]);
  expect(isNews(answer, 7)).toBe(false);
  const news = [{ brokerEpoch: 6 }, { shouldShutDown: true }, { error: 'BROKER_ID_NOT_REGISTERED' }];
  for (const change of news) expect(isNews({ ...answer, ...change }, 7)).toBe(true);
});

it('C9 drains: asks to go, closes when let go, and ends with its marker', () => {
  const { actor, taken } = fencedBroker();
  actor.send({ type: 'unfenced', brokerEpoch: 7 });
  taken();
  actor.send({ type: 'stop', movesLeaderships: true });
  expect(taken()).toEqual(['heartbeat going of 7']);
  actor.send({ type: 'heartbeat answered', brokerEpoch: 7, error: 'NONE', shouldShutDown: true });
  expect(taken()).toEqual(['close 7']);
  actor.send({ type: 'stop', movesLeaderships: false });
  expect(taken()).toEqual([]);
  actor.send({ type: 'closed' });
  expect(taken()).toEqual(['ended']);
  expect(actor.getSnapshot().status).toBe('done');
});

it('C9 goes without the word of a controller once its patience ends', () => {
  const { actor, clock, taken } = fencedBroker();
  actor.send({ type: 'unfenced', brokerEpoch: 7 });
  actor.send({ type: 'stop', movesLeaderships: true });
  clock.advance(1000);
  expect(taken().at(-1)).toBe('close 7');
});

it('a controller that is no broker registers nowhere', () => {
  const { actor, taken } = brokerOnTestClock(false);
  actor.send({ type: 'metadata log opened' });
  expect(actor.getSnapshot().value).toEqual({ running: 'controlling' });
  expect(taken()).toEqual(['open metadata log']);
});
