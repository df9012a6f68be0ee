import { type LiveMessage, Recording } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';
import { mutants } from '../src/mutants/mutants.ts';
import { createSimulation, SimulationViolation, simulate } from '../src/simulation.ts';
import { SimulationFailure } from '../src/world.ts';

function toldBy(act: (tell: (message: LiveMessage) => void) => void): LiveMessage[] {
  const told: LiveMessage[] = [];
  act((message) => told.push(message));
  return told;
}

const messagesIn = (told: readonly LiveMessage[]) =>
  told.flatMap((message) => (message.kind === 'messages' ? message.sent : []));

const textsIn = (told: readonly LiveMessage[]) =>
  told.flatMap((message) => (message.kind === 'said' ? [message.text] : []));

/** Three brokers and a controller of its own, with a topic that broker 1 leads. */
function story(schedule: string): { readonly world: ClusterWorld; readonly told: LiveMessage[] } {
  const told: LiveMessage[] = [];
  const telling = { tell: (message: LiveMessage) => told.push(message) };
  const world = new ClusterWorld({ seed: 2, controllers: 1, telling });
  world.startAll();
  world.play(`until all-running within 5000 ms
    topic t 1,2,3 min.insync.replicas=1 unclean.leader.election.enable=true
    until in-sync t-0 1 2 3 within 5000 ms; ${schedule}`);
  return { world, told };
}

/** A short day, told. */
function day(seed: number, tell: (message: LiveMessage) => void): string {
  return simulate({ seed, ops: 80, telling: { tell } }).trace;
}

describe('what a simulation tells', () => {
  it.each([5, 6, 8])(
    'E10: seed %d tells the same again, and its day is the same whether it is told or not',
    (seed) => {
      const hashes: string[] = [];
      const once = toldBy((tell) => hashes.push(day(seed, tell)));
      const again = toldBy((tell) => hashes.push(day(seed, tell)));
      expect(again).toEqual(once);
      const untold = simulate({ seed, ops: 80 }).trace;
      expect(hashes).toEqual([untold, untold]);
    },
  );

  it('has every kind of message', () => {
    const kinds = ['hello', 'machine', 'step', 'gone', 'cluster', 'replicas', 'messages', 'said'];
    const told = new Set<string>();
    // Not every day has an actor that ends, or somebody who says something.
    for (let seed = 1; told.size < kinds.length && seed < 100; seed++)
      for (const { kind } of toldBy((tell) => day(seed, tell))) told.add(kind);
    expect([...told].sort()).toEqual(kinds.sort());
  });

  it('makes the picture that the world has: brokers, leaders, ends of logs, actors in their states', () => {
    const { world, told } = story('produce t-0 a b c; until acked c within 2000 ms; run 300 ms');
    const { now } = recorded(told);
    expect([...now.brokers.values()].map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(now.controller.id).toBe(101);
    expect(now.topics.get('t')?.partitions[0]).toMatchObject({ leader: 1, inSyncReplicas: [1, 2, 3] });
    for (const { broker, log, highWatermark } of world.replicasOf('t-0'))
      expect(now.replicas.get(`${broker}/t-0`)).toMatchObject({
        role: broker === 1 ? 'leader' : 'follower',
        logEndOffset: log.logEndOffset,
        highWatermark,
      });
    expect(now.actors.get('broker-1/t-0')?.value).toEqual({ hosted: 'leading' });
    expect(now.actors.get('controller-101/controller')?.value).toBe('active');
  });

  it('tells every message with its way and its times, between nodes and of clients', () => {
    const { told } = story('produce t-0 a; until acked a within 2000 ms');
    const messages = messagesIn(told);
    for (const { sentMs = -1, arrivesMs = -2 } of messages) expect(arrivesMs).toBeGreaterThanOrEqual(sentMs);
    expect(messages).toContainEqual(
      expect.objectContaining({ from: 'client', to: 1, name: 'produce', partition: 't-0' }),
    );
    expect(messages).toContainEqual(
      expect.objectContaining({ from: 1, to: 'client', name: 'produce answer', partition: 't-0' }),
    );
    const fetches = messages.filter(
      ({ name, from, to }) => name === 'fetchReplicas' && from === 2 && to === 1,
    );
    expect(fetches.length).toBeGreaterThan(0);
  });

  it('tells that what is sent over a cut way is lost, and what is heard after all', () => {
    const { told } = story('cut 1>101; run 500 ms; heal; run 500 ms');
    const cut = told.findIndex((message) => message.kind === 'said' && message.event === 'cut');
    const healed = told.findIndex((message) => message.kind === 'said' && message.event === 'heal');
    const during = messagesIn(told.slice(cut, healed)).filter(({ from, to }) => from === 1 && to === 101);
    expect(during.length).toBeGreaterThan(0);
    expect(during.every(({ isLost }) => isLost)).toBe(true);
    const late = messagesIn(told.slice(healed)).filter(
      ({ from, to, isLost, sentMs = 0, arrivesMs = 0 }) =>
        from === 1 && to === 101 && isLost !== true && arrivesMs - sentMs > 100,
    );
    expect(late.length).toBeGreaterThan(0);
  });

  it('shows one actor closely: its values, and what can happen to it next', () => {
    const { world } = story('run 100 ms');
    const looked = world.telling?.lookAt(7, 'broker-1/t-0');
    expect(looked).toMatchObject({
      id: 7,
      state: { machine: 'partition', value: { hosted: 'leading' } },
      context: { place: { leader: 1 } },
    });
    expect(looked?.next?.length).toBeGreaterThan(0);
    expect(world.telling?.lookAt(8, 'broker-9/t-0').state).toBeUndefined();
  });

  it('tells a death: the broker is down, its actors are gone, its log stays as it was', () => {
    const { told } = story('produce t-0 a; until acked a within 2000 ms; run 600 ms; crash 2; run 1 ms');
    const { now } = recorded(told);
    expect(now.brokers.get(2)?.state).toBe('down');
    expect([...now.actors.keys()].filter((path) => path.startsWith('broker-2'))).toEqual([]);
    expect(now.replicas.get('2/t-0')).toMatchObject({ role: 'none', logEndOffset: 1 });
    expect(textsIn(told)).toContain('node 2 is killed: what was written stays on the disk');
  });

  it('Q8: a controller that stands still and does not know of its successor is not told as the controller', () => {
    const told: LiveMessage[] = [];
    const telling = { tell: (message: LiveMessage) => told.push(message) };
    const world = new ClusterWorld({ seed: 1, brokers: 3, telling });
    world.startAll();
    world.play('until all-running within 5000 ms; run 100 ms');
    const recording = recorded(told);
    const first = recording.now.controller;
    world.play(`stop ${first.id}; run 10000 ms`);
    for (const message of told.slice(recording.end)) recording.add(message, '');
    expect(recording.now.controller.id).not.toBe(first.id);
    expect(recording.now.controller.epoch).toBeGreaterThan(first.epoch);
    expect(recording.now.brokers.get(first.id)?.state).toBe('paused');
    const fenced = recording.now.story.find(({ event }) => event === 'broker fenced');
    expect(fenced?.actor).toBe(`broker-${recording.now.controller.id}/controller`);
  });

  it('F7: an unclean election is told with what it lost, and with what a reader was told', () => {
    const { told } = story(`read t-0; produce t-0 a; until acked a within 2000 ms; run 600 ms
      crash 2 3; until in-sync t-0 1 within 10000 ms; produce t-0 b; until given b within 5000 ms
      crash 1; start 2; until leads-itself 2 t-0 within 20000 ms; produce t-0 c d; until acked d within 5000 ms
      start 1 3; settle`);
    const texts = textsIn(told);
    expect(texts).toContain('b is acknowledged: it is offset 1 of t-0');
    expect(texts).toContain('c is not acknowledged (OUT_OF_ORDER_SEQUENCE_NUMBER)');
    expect(texts).toContain('t-0: offsets 1 to 1 (1 record) are lost to the unclean election of epoch 1');
    expect(texts).toContain('a reader of t-0 had read up to 2, and hears that the log parts at 1');
    expect(recorded(told).now.losses).toEqual([
      { topic: 't', partition: 0, leaderEpoch: 1, fromOffset: 1, toOffset: 2 },
    ]);
  });

  it('ends with the promise that was broken', () => {
    const mutant = mutants.get('M13');
    if (mutant === undefined) throw new Error('there is no M13');
    for (let seed = 1; seed <= 30; seed++) {
      const told: LiveMessage[] = [];
      const telling = { tell: (message: LiveMessage) => told.push(message) };
      try {
        createSimulation({ seed, ops: 120, faults: ['power', 'restart loop'], mutant, telling }).run();
      } catch (error) {
        expect(error).toBeInstanceOf(SimulationViolation);
        if (!(error instanceof Error && error.cause instanceof SimulationFailure)) throw error;
        const last = told.at(-1);
        expect(last).toMatchObject({ kind: 'said', level: 'error', event: 'promise broken' });
        expect(error.message).toContain(last?.kind === 'said' ? last.text : 'a sentence');
        return;
      }
    }
    throw new Error('thirty days do not kill M13');
  });
});

function recorded(told: readonly LiveMessage[]): Recording {
  const recording = new Recording();
  for (const message of told) recording.add(message);
  return recording;
}
