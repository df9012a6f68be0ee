// What viewers are told is what happens: the picture that its messages make is the state of the actors.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, assign, createActor, setup } from 'xstate';
import { edgeKey, type LiveMessage, Teller, type TellerOptions, World } from '../../src/index.ts';
import { brokerMachine, replicaMachine, startVoter } from '../sample-machines.ts';

/** A timer that a test turns by hand. */
function handTimer() {
  const callbacks = new Set<() => void>();
  return {
    callbacks,
    every(_periodMs: number, callback: () => void) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    turn() {
      for (const callback of [...callbacks]) callback();
    },
  };
}

function tellerOf(roots: readonly AnyActorRef[], options: Partial<TellerOptions> = {}) {
  const timer = handTimer();
  let timeMs = 0;
  const teller = new Teller({
    hello: { about: 'a test', allowed: [] },
    nowMs: () => ++timeMs,
    every: timer.every,
    onFailure(error) {
      throw error;
    },
    ...options,
  });
  for (const root of roots) teller.attach(root);
  return { teller, timer };
}

function watching(teller: Teller) {
  const heard: LiveMessage[] = [];
  const world = new World();
  const viewer = teller.open((message) => {
    heard.push(message);
    world.apply(message);
  });
  const kinds = (): string[] => heard.map((message) => message.kind);
  const of = <Kind extends LiveMessage['kind']>(kind: Kind) =>
    heard.filter((message): message is Extract<LiveMessage, { kind: Kind }> => message.kind === kind);
  return { heard, world, viewer, kinds, of };
}

const lampMachine = setup({
  types: { events: {} as { type: 'switch' } | { type: 'break' }, context: {} as { switched: number } },
  actions: { note: assign({ switched: ({ context }) => context.switched + 1 }) },
}).createMachine({
  id: 'lamp',
  context: { switched: 0 },
  initial: 'dark',
  on: { break: '.broken' },
  states: {
    dark: { on: { switch: { target: 'lit', actions: 'note' } } },
    lit: { on: { switch: 'dark' } },
    broken: { type: 'final' },
  },
});

describe('Teller', () => {
  test('a viewer is told who tells, each machine before its actors, and the actors as they are', () => {
    const broker = createActor(brokerMachine, { id: 'broker-1' }).start();
    const { kinds, of, world } = watching(tellerOf([broker]).teller);
    expect(kinds()).toEqual(['hello', 'machine', 'machine', 'actors', 'values', 'values']);
    expect(of('hello')[0]).toMatchObject({ about: 'a test', version: 2 });
    expect(of('actors')[0]).toMatchObject({ all: true });
    expect([...world.actors.keys()].sort()).toEqual(['broker-1', 'broker-1/orders-0']);
    expect(world.actors.get('broker-1/orders-0')?.value).toEqual({
      log: 'establishing',
      inSyncSet: 'settled',
    });
  });

  test('steps are told with edges, and the edge of an `always` transition has its own event', () => {
    const voter = startVoter().start();
    const { of, world } = watching(tellerOf([voter]).teller);
    voter.send({ type: 'xstate.after.electionTimeout.voter.follower' } as never);
    voter.send({ type: 'vote', epoch: 5 });
    voter.send({ type: 'vote', epoch: 5 });
    expect(of('step').map(({ from, to }) => [from, to])).toEqual([
      ['follower', 'candidate.asking'],
      ['candidate.asking', 'candidate.asking'],
      ['candidate.asking', 'candidate.asking'],
      ['candidate.asking', 'candidate.elected'],
    ]);
    const always = world.charts.get('voter')?.edges.find((edge) => edge.always === true);
    expect(always).toBeDefined();
    if (always !== undefined)
      expect(world.edgesTaken.get('voter')?.get(edgeKey(always.event, always))).toBe(1);
  });

  test('actors that begin and end while somebody watches come and go in the picture', () => {
    const house = setup({ actors: { lamp: lampMachine } }).createMachine({
      id: 'house',
      on: {
        open: '.lit',
        shut: '.dark',
      },
      initial: 'dark',
      states: { dark: {}, lit: { invoke: { src: 'lamp', id: 'lamp' } } },
    });
    const root = createActor(house, { id: 'house' }).start();
    const { world } = watching(tellerOf([root]).teller);
    expect([...world.actors.keys()]).toEqual(['house']);
    root.send({ type: 'open' });
    expect([...world.actors.keys()].sort()).toEqual(['house', 'house/lamp']);
    expect(world.actors.get('house/lamp')?.value).toBe('dark');
    root.send({ type: 'shut' });
    expect([...world.actors.keys()]).toEqual(['house']);
    expect(world.statesOf('lamp').size).toBe(0);
  });

  test('a machine that is too busy is counted: steps and counts together are all there were', () => {
    const lamps = Array.from({ length: 3 }, (_, n) => createActor(lampMachine, { id: `lamp-${n}` }).start());
    const { teller, timer } = tellerOf(lamps, { stepsPerSecond: 20, periodMs: 100 });
    const { of, world } = watching(teller);
    for (let round = 1; round <= 100; round++) {
      for (const lamp of lamps) lamp.send({ type: 'switch' });
      if (round % 10 === 0) timer.turn();
    }
    timer.turn();
    const told = of('step').length;
    const counted = of('counts').flatMap(({ edges }) => edges.map(([, taken]) => taken));
    // The first twenty, and two more after each of nine periods.
    expect(told).toBe(20 + 2 * 9);
    expect(told + counted.reduce((sum, taken) => sum + taken, 0)).toBe(300);
    expect([...(world.edgesTaken.get('lamp')?.values() ?? [])]).toEqual([150, 150]);
    for (const lamp of lamps) expect(world.actors.get(lamp.id)?.value).toBe(lamp.getSnapshot().value);
    expect([...world.statesOf('lamp')]).toEqual([['dark', 3]]);
    lamps[0]?.send({ type: 'switch' });
    for (let round = 0; round < 9; round++) lamps[1]?.send({ type: 'switch' });
    timer.turn();
    expect(Object.fromEntries(world.statesOf('lamp'))).toEqual({ dark: 1, lit: 2 });
  });

  test('an actor that begins while its machine is only counted is told of', () => {
    const { teller, timer } = tellerOf([], { stepsPerSecond: 0 });
    const { world } = watching(teller);
    const lamp = createActor(lampMachine, { id: 'lamp-1' });
    teller.attach(lamp);
    lamp.start();
    lamp.send({ type: 'switch' });
    timer.turn();
    expect(world.actors.get('lamp-1')?.value).toBe('lit');
  });

  test('a viewer says which machines it wants told step by step; others are counted, for it alone', () => {
    const lamp = createActor(lampMachine, { id: 'lamp' }).start();
    const { teller, timer } = tellerOf([lamp]);
    const [all, none] = [watching(teller), watching(teller)];
    none.viewer.ask({ ask: 'watch', machines: ['voter'], everyMs: 50 });
    lamp.send({ type: 'switch' });
    timer.turn();
    expect(all.of('step')).toHaveLength(1);
    expect(all.of('counts')).toEqual([]);
    expect(none.of('step')).toEqual([]);
    expect(none.of('counts')).toMatchObject([{ machine: 'lamp', states: [['lit', 1]] }]);
    expect(none.world.actors.get('lamp')?.value).toBe('lit');
    expect(none.world.edgesTaken).toEqual(all.world.edgesTaken);
  });

  test('nothing watched, nothing paid: no inspection and no timer before the first viewer and after the last', () => {
    const lamp = createActor(lampMachine, { id: 'lamp' }).start();
    let observers = 0;
    const counting = Object.create(lamp, {
      system: {
        value: {
          inspect(observer: Parameters<typeof lamp.system.inspect>[0]) {
            observers += 1;
            const subscription = lamp.system.inspect(observer);
            return {
              unsubscribe() {
                observers -= 1;
                subscription.unsubscribe();
              },
            };
          },
        },
      },
    });
    const { teller, timer } = tellerOf([counting]);
    expect([observers, timer.callbacks.size]).toEqual([0, 0]);
    const one = watching(teller);
    const two = watching(teller);
    expect([observers, timer.callbacks.size]).toEqual([1, 1]);
    one.viewer.close();
    one.viewer.close();
    expect([observers, timer.callbacks.size]).toEqual([1, 1]);
    two.viewer.close();
    expect([observers, timer.callbacks.size]).toEqual([0, 0]);
    lamp.send({ type: 'switch' });
    const three = watching(teller);
    expect(three.world.actors.get('lamp')?.value).toBe('lit');
    expect(two.of('step')).toEqual([]);
  });

  test('a root that is let go of takes its actors out of the picture, and leaves others alone', () => {
    const { teller } = tellerOf([]);
    const { world } = watching(teller);
    const detach = teller.attach(createActor(lampMachine, { id: 'lamp' }).start(), 'house-1');
    teller.attach(createActor(lampMachine, { id: 'lamp' }).start(), 'house-10');
    expect([...world.actors.keys()].sort()).toEqual(['house-1/lamp', 'house-10/lamp']);
    detach();
    expect([...world.actors.keys()]).toEqual(['house-10/lamp']);
  });

  test('a viewer that throws hears nothing more; actors and other viewers go on', () => {
    const lamp = createActor(lampMachine, { id: 'lamp' }).start();
    const failures: unknown[] = [];
    const { teller } = tellerOf([lamp], { onFailure: (error) => failures.push(error) });
    let heard = 0;
    teller.open((message) => {
      heard += 1;
      if (message.kind === 'step') throw new Error('no room');
    });
    const other = watching(teller);
    lamp.send({ type: 'switch' });
    const heardUntilThen = heard;
    lamp.send({ type: 'switch' });
    expect(heard).toBe(heardUntilThen);
    expect(failures).toHaveLength(1);
    expect(other.of('step')).toHaveLength(2);
  });

  test('who comes later is told the story so far once, and the facts as they are', () => {
    const { teller, timer } = tellerOf([], {
      facts: {
        cluster: () => ({
          metadataEnd: 7,
          controller: { id: 1, epoch: 2 },
          voters: [1],
          brokers: [],
          losses: [],
          topics: new Map(),
        }),
      },
    });
    teller.say({ kind: 'said', timeMs: 1, level: 'info', actor: 'broker-1', event: 'e', text: 'before' });
    const { world, of, viewer } = watching(teller);
    expect(of('said').map(({ text }) => text)).toEqual(['before']);
    expect(world.controller).toEqual({ id: 1, epoch: 2 });
    timer.turn();
    viewer.tellAll();
    expect(of('said')).toHaveLength(1);
    expect(of('hello')).toHaveLength(2);
  });
});

describe('looking at one actor', () => {
  test('its values, what can happen next, and which guard says no', () => {
    const voter = startVoter().start();
    voter.send({ type: 'xstate.after.electionTimeout.voter.follower' } as never);
    const { viewer } = watching(tellerOf([voter]).teller);
    const looked = viewer.ask({ ask: 'look', id: 3, path: 'voter-1' });
    expect(looked).toMatchObject({
      answer: 'look',
      id: 3,
      state: { machine: 'voter', value: { candidate: 'asking' } },
      context: { epoch: 5, votes: 0 },
    });
    const said = looked?.next?.map(({ event, guard, target, guardSays }) => [
      event,
      guard,
      target,
      guardSays,
    ]);
    expect(said).toEqual([
      ['vote', 'isStale', undefined, 'depends on the event'],
      ['vote', undefined, undefined, 'no guard'],
      ['', 'hasVotes(needed = 2)', 'candidate.elected', 'no'],
      ['stop', undefined, 'stopped', 'no guard'],
    ]);
    expect(looked?.next?.[0]?.rule).toBe('Q7');
  });

  test('an actor that is not there is said not to be', () => {
    const { viewer } = watching(tellerOf([]).teller);
    expect(viewer.ask({ ask: 'look', id: 1, path: 'nobody' })).toEqual({
      answer: 'look',
      id: 1,
      path: 'nobody',
    });
  });

  test('looking changes nothing', () => {
    const replica = createActor(replicaMachine, { id: 'replica' }).start();
    const before = replica.getSnapshot();
    const { viewer, of } = watching(tellerOf([replica]).teller);
    viewer.ask({ ask: 'look', id: 1, path: 'replica' });
    expect(replica.getSnapshot()).toBe(before);
    expect(of('step')).toEqual([]);
  });

  test('of few actors all values are told from the beginning on, of one that starts with its start', () => {
    const lamp = createActor(lampMachine, { id: 'lamp' }).start();
    const { teller } = tellerOf([lamp]);
    lamp.send({ type: 'switch' });
    const { world } = watching(teller);
    const held = (path: string) => world.actors.get(path)?.held?.values.get('switched')?.value;
    expect(held('lamp')).toBe(1);
    const later = createActor(lampMachine, { id: 'later' });
    teller.attach(later);
    later.start();
    expect(held('later')).toBe(0);
    for (const actor of [lamp, later, lamp]) actor.send({ type: 'switch' });
    expect([held('lamp'), held('later')]).toEqual([2, 1]);
  });

  test('of many, those of an actor that is looked at, and with its steps what of them changes', () => {
    const lamp = createActor(lampMachine, { id: 'lamp' }).start();
    const other = createActor(lampMachine, { id: 'other' }).start();
    const { teller } = tellerOf([lamp, other], { smallNode: 1 });
    const { viewer, world, of } = watching(teller);
    lamp.send({ type: 'switch' });
    expect(of('step')[0]).not.toHaveProperty('changed');
    viewer.ask({ ask: 'look', id: 1, path: 'lamp' });
    viewer.ask({ ask: 'look', id: 2, path: 'lamp' });
    expect(of('values')).toEqual([expect.objectContaining({ path: 'lamp', values: [['switched', 1]] })]);
    for (const actor of [lamp, lamp, other]) actor.send({ type: 'switch' });
    expect(of('step').map(({ changed }) => changed)).toEqual([undefined, [], [['switched', 2]], undefined]);
    expect(world.actors.get('lamp')?.held?.values.get('switched')?.value).toBe(2);
    expect(world.actors.get('other')?.held).toBeUndefined();
    // Who was not told the steps is told the values when it wants them.
    const apart = watching(teller);
    apart.viewer.ask({ ask: 'watch', machines: [], everyMs: 50 });
    lamp.send({ type: 'switch' });
    lamp.send({ type: 'switch' });
    const switched = (by: World) => by.actors.get('lamp')?.held?.values.get('switched')?.value;
    expect([switched(world), switched(apart.world)]).toEqual([3, 2]);
    apart.viewer.ask({ ask: 'watch', machines: 'all', everyMs: 50 });
    expect(switched(apart.world)).toBe(3);
    // Who comes later is told what is known.
    const late = watching(teller);
    expect(switched(late.world)).toBe(3);
    expect(late.world.actors.get('lamp')?.held?.timeMs).toBe(world.actors.get('lamp')?.held?.timeMs);
  });

  test('what leaves over the network belongs to the step whose order sends it', () => {
    const { teller } = tellerOf([]);
    const machine = setup({
      types: { events: {} as { type: 'ask' } },
      actions: { 'ask the peer': () => teller.sent('node 2', 'vote', { epoch: 4 }) },
    }).createMachine({ id: 'voter', on: { ask: { actions: 'ask the peer' } } });
    const voter = createActor(machine, { id: 'voter' }).start();
    teller.attach(voter, 'node-1');
    voter.send({ type: 'ask' });
    const { of } = watching(teller);
    teller.sent('node 3', 'heartbeat', {});
    voter.send({ type: 'ask' });
    const sent = { to: 'node 2', name: 'vote', values: [['epoch', 4]] };
    expect(of('step').map(({ orders }) => orders)).toEqual([[{ name: 'ask the peer', sent: [sent] }]]);
  });
});
