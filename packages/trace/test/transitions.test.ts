import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { actorTree, chartOf, type Frame, machinesOf, transitionObserver, watch } from '../src/index.ts';
import { brokerMachine, startVoter, voterMachine } from './sample-machines.ts';

function fail(error: unknown): never {
  throw error;
}

function recorder() {
  const frames: Frame[] = [];
  let timeMs = 0;
  const nowMs = () => {
    timeMs += 1;
    return timeMs;
  };
  return { frames, options: { nowMs, onFrame: (frame: Frame) => frames.push(frame), onFailure: fail } };
}

describe('watching transitions', () => {
  it('makes one frame per microstep, with edges, rule and the time handed in', () => {
    const { frames, options } = recorder();
    const voter = startVoter().start();
    watch(voter, options);
    voter.send({ type: 'xstate.after.electionTimeout.voter.follower' } as never);
    voter.send({ type: 'vote', epoch: 4 });
    voter.send({ type: 'vote', epoch: 5 });
    voter.send({ type: 'vote', epoch: 5 });

    expect(frames[0]).toEqual({
      timeMs: 1,
      actor: 'voter-1',
      machine: 'voter',
      event: 'xstate.after.electionTimeout.voter.follower',
      from: 'follower',
      to: 'candidate.asking',
      edges: [{ source: 'follower', target: 'candidate.asking' }],
      value: { candidate: 'asking' },
      values: [],
      orders: [{ name: 'stopChild' }, { name: 'countTimeout' }, { name: 'announce' }],
    });
    expect(frames[1]).toMatchObject({ from: 'candidate.asking', to: 'candidate.asking', rule: 'Q7' });
    expect(frames.slice(3).map((frame) => [frame.from, frame.to, frame.edges[0]?.guard])).toEqual([
      ['candidate.asking', 'candidate.asking', undefined],
      ['candidate.asking', 'candidate.elected', 'hasVotes(needed = 2)'],
    ]);
  });

  it('names edges as the chart does', () => {
    const { frames, options } = recorder();
    const voter = startVoter().start();
    watch(voter, options);
    voter.send({ type: 'fetched' });
    voter.send({ type: 'stop' });
    const edges = chartOf(voterMachine).edges;
    const taken = frames.flatMap((frame) => frame.edges.map((edge) => ({ event: frame.event, ...edge })));
    expect(taken).toHaveLength(2);
    for (const edge of taken) expect(edges).toContainEqual(expect.objectContaining(edge));
  });

  it('shows an ignored event as a frame without edges', () => {
    const { frames, options } = recorder();
    const voter = startVoter().start();
    watch(voter, options);
    voter.send({ type: 'vote', epoch: 9 });
    expect(frames).toEqual([
      expect.objectContaining({ event: 'vote', from: 'follower', to: 'follower', edges: [] }),
    ]);
  });

  it('names actors by paths of ids, never by session ids, and regions side by side', () => {
    const { frames, options } = recorder();
    const broker = createActor(brokerMachine, { id: 'broker-1' }).start();
    watch(broker, options);
    broker.getSnapshot().children['orders-0']?.send({ type: 'propose' });
    expect(frames.map((frame) => [frame.actor, frame.from, frame.to])).toEqual([
      ['broker-1/orders-0', 'log.establishing + inSyncSet.settled', 'log.establishing + inSyncSet.expanding'],
    ]);
    const unnamed = createActor(brokerMachine).start();
    expect(actorTree(unnamed).map((actor) => actor.path)).toEqual(['broker', 'broker/orders-0']);
  });

  it('sees the first steps when given to createActor, and each machine once before its frames', () => {
    const { frames, options } = recorder();
    const machines: string[] = [];
    const inspect = transitionObserver({ ...options, onMachine: (machine) => machines.push(machine.id) });
    createActor(brokerMachine, { id: 'broker-1', inspect }).start();
    expect(machines.sort()).toEqual(['broker', 'replica']);
    expect(frames.map((frame) => [frame.actor, frame.event, frame.from]).sort()).toEqual([
      ['broker-1', 'xstate.init', ''],
      ['broker-1/orders-0', 'xstate.init', ''],
    ]);
    expect(frames.find((frame) => frame.machine === 'replica')?.to).toBe(
      'log.establishing + inSyncSet.settled',
    );
  });

  it('stops when detached', () => {
    const { frames, options } = recorder();
    const voter = startVoter().start();
    const watching = watch(voter, options);
    watching.detach();
    voter.send({ type: 'fetched' });
    expect(frames).toEqual([]);
  });

  it('never throws into the watched system, and says once that watching failed', () => {
    const failures: unknown[] = [];
    const broken = new Error('no room for frames');
    const voter = startVoter().start();
    watch(voter, {
      nowMs: () => 0,
      onFrame: () => fail(broken),
      onFailure: (error) => {
        failures.push(error);
        fail(error);
      },
    });
    voter.send({ type: 'fetched' });
    voter.send({ type: 'stop' });
    expect(failures).toEqual([broken]);
    expect(voter.getSnapshot().value).toBe('stopped');
  });
});

describe('the tree of actors', () => {
  it('lists actors with machine and value, parents first, and the machines once', () => {
    const broker = createActor(brokerMachine, { id: 'broker-1' }).start();
    expect(actorTree(broker)).toEqual([
      { path: 'broker-1', machine: 'broker', value: {} },
      {
        path: 'broker-1/orders-0',
        machine: 'replica',
        value: { log: 'establishing', inSyncSet: 'settled' },
      },
    ]);
    expect(machinesOf(broker).map((machine) => machine.id)).toEqual(['broker', 'replica']);
  });

  it('finds the children that a supervisor of plain logic keeps in a Map', () => {
    const replica = createActor(brokerMachine, { id: 'orders-1' }).start();
    const supervisor = {
      id: 'partitions',
      sessionId: 's',
      getSnapshot: () => ({ children: new Map([['a', replica]]) }),
    };
    expect(actorTree(supervisor).map((actor) => actor.path)).toContain('partitions/orders-1');
  });
});
