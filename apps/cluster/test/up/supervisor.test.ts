import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { obey } from '../../src/up/obey.ts';
import type { Order } from '../../src/up/orders.ts';
import { Supervisor } from '../../src/up/supervisor.ts';
import { FakeNode } from '../support/fake-node.ts';

interface Fixture {
  readonly supervisor: Supervisor;
  readonly news: string[];
  /** Every process ever started, by node. */
  readonly processes: (id: number) => readonly FakeNode[];
  readonly current: (id: number) => FakeNode;
}

function fixture(
  ids: readonly number[] = [1, 2, 3],
  onSpawn = readyAtOnce,
  voters: readonly number[] = [1],
): Fixture {
  const spawned = new Map<number, FakeNode[]>(ids.map((id) => [id, []]));
  const news: string[] = [];
  const processes = (id: number): FakeNode[] => spawned.get(id) ?? [];
  const supervisor = new Supervisor({
    ids,
    isController: (id) => voters.includes(id),
    spawn: (id) => {
      const node = new FakeNode(100 * id + processes(id).length);
      processes(id).push(node);
      onSpawn(node);
      return node;
    },
    listener: {
      news: (id, text) => news.push(`${id}: ${text}`),
      frame: () => {},
      changed: () => {},
      ordered: (order) => obey(supervisor, order as Order),
    },
    startTimeoutMs: 1000,
    stopTimeoutMs: 2000,
  });
  const current = (id: number): FakeNode => {
    const node = processes(id).at(-1);
    if (node === undefined) throw new Error(`node ${id} was never started`);
    return node;
  };
  return { supervisor, news, processes, current };
}

function readyAtOnce(node: FakeNode): void {
  queueMicrotask(() => node.say({ type: 'ready' }));
}

async function startAll({ supervisor }: Fixture): Promise<void> {
  await Promise.all(supervisor.nodes().map(({ id }) => supervisor.start(id)));
}

describe('the supervisor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('starts every node and waits until each serves', async () => {
    const all = fixture();
    await startAll(all);
    expect(all.supervisor.nodes()).toEqual([
      { id: 1, state: 'running', pid: 100 },
      { id: 2, state: 'running', pid: 200 },
      { id: 3, state: 'running', pid: 300 },
    ]);
  });

  it('says when a node is not ready in time, and when it ended before', async () => {
    const silent = fixture([1], () => {});
    const waiting = expect(silent.supervisor.start(1)).rejects.toThrow('not ready after 1000 ms');
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
    const dying = fixture([1], (node) => queueMicrotask(() => node.emit('exit', 1, null)));
    await expect(dying.supervisor.start(1)).rejects.toThrow('ended before it was ready');
  });

  it('starts one voter of three, says that it runs and which voters are missing, and does not wait for them', async () => {
    // A node serves once a majority of the voters listens.
    const listening = new Set<FakeNode>();
    const all = fixture(
      [1, 2, 3, 4],
      (node) => {
        queueMicrotask(() => {
          node.say({ type: 'listening' });
          listening.add(node);
          node.once('exit', () => listening.delete(node));
          const awake = [...listening].filter(({ signals }) => signals.at(-1) !== 'SIGSTOP');
          if (awake.length > 1) for (const one of awake) one.say({ type: 'ready' });
        });
      },
      [1, 2, 3],
    );
    await startAll(all);
    await obey(all.supervisor, { do: 'kill', nodes: [1, 2, 3, 4] });
    all.news.length = 0;
    const alone = await obey(all.supervisor, { do: 'start', nodes: [1] });
    expect(alone.text).toBe(
      'started node 1, which runs and does not serve yet: voters 2 and 3 are down, and without one of them no quorum can form (odradek chaos start 2 3)',
    );
    expect(alone.nodes[0]).toMatchObject({ state: 'starting' });
    await obey(all.supervisor, { do: 'pause', nodes: [1] });
    await obey(all.supervisor, { do: 'resume', nodes: [1] });
    const both = await obey(all.supervisor, { do: 'start', nodes: [2] });
    expect([both.text, both.nodes[0]?.state]).toEqual(['started node 2', 'running']);
    expect(all.news).toEqual([
      expect.stringMatching(/^1: runs, and does not serve yet: voters 2 and 3 are down/),
      '1: paused (SIGSTOP)',
      '1: goes on (SIGCONT)',
      '1: serves now',
    ]);
    await obey(all.supervisor, { do: 'kill', nodes: [2] });
    await obey(all.supervisor, { do: 'pause', nodes: [1] });
    expect((await obey(all.supervisor, { do: 'start', nodes: [4] })).text).toContain(
      'voters 2 and 3 are down, voter 1 is paused, and without 2 of them no quorum can form (odradek chaos start 2 3; odradek chaos resume 1)',
    );
  });

  it('says so too when the others go while it waits', async () => {
    const all = fixture([1, 2], (node) => queueMicrotask(() => node.say({ type: 'listening' })), [1, 2]);
    const both = obey(all.supervisor, { do: 'start', nodes: [1, 2] });
    await vi.advanceTimersByTimeAsync(100);
    await expect(Promise.all([both, obey(all.supervisor, { do: 'kill', nodes: [2] })])).rejects.toThrow(
      'node 2 ended before it was ready',
    );
    expect(all.news.at(-1)).toBe(
      '1: runs, and does not serve yet: voter 2 is down, and without it no quorum can form (odradek chaos start 2)',
    );
  });

  it('restarts no node by itself, and says how one does', async () => {
    const all = fixture();
    await startAll(all);
    all.current(2).emit('exit', 1, null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(all.news).toEqual(['2: died (exit code 1); odradek chaos start 2 brings it back']);
    expect(all.processes(2)).toHaveLength(1);
  });

  it('kills with SIGKILL and starts again under a new process', async () => {
    const all = fixture();
    await startAll(all);
    await obey(all.supervisor, { do: 'kill', nodes: [2, 3] });
    expect([all.current(2).signals, all.current(3).signals]).toEqual([['SIGKILL'], ['SIGKILL']]);
    await expect(obey(all.supervisor, { do: 'kill', nodes: [2] })).rejects.toThrow('node 2 is down');
    const started = await obey(all.supervisor, { do: 'start', nodes: [2] });
    expect(started.nodes[1]).toEqual({ id: 2, state: 'running', pid: 201 });
    await expect(obey(all.supervisor, { do: 'start', nodes: [2] })).rejects.toThrow(
      'node 2 is running (pid 201)',
    );
  });

  it('hears nothing from a process that is no longer the one', async () => {
    const all = fixture([1]);
    await startAll(all);
    const first = all.current(1);
    await obey(all.supervisor, { do: 'kill', nodes: [1] });
    await all.supervisor.start(1);
    first.say({ type: 'news', text: 'from the grave' });
    expect(all.news).toEqual(['1: killed (SIGKILL)']);
  });

  it('pauses and resumes with real signals', async () => {
    const all = fixture([1]);
    await startAll(all);
    await obey(all.supervisor, { do: 'pause', nodes: [1] });
    await expect(obey(all.supervisor, { do: 'pause', nodes: [1] })).rejects.toThrow('paused already');
    await obey(all.supervisor, { do: 'resume', nodes: [1] });
    expect(all.current(1).signals).toEqual(['SIGSTOP', 'SIGCONT']);
    await expect(obey(all.supervisor, { do: 'resume', nodes: [1] })).rejects.toThrow(
      'not paused but running',
    );
  });

  it('restarts as an operator would: leaderships move first', async () => {
    const all = fixture([1]);
    await startAll(all);
    const first = all.current(1);
    await obey(all.supervisor, { do: 'restart', nodes: [1] });
    expect(first.heard).toEqual([{ type: 'stop', movesLeaderships: true }]);
    expect(all.supervisor.nodes()).toEqual([{ id: 1, state: 'running', pid: 101 }]);
  });

  it('stops all together, controllers stopping to decide first, so that no leadership moves', async () => {
    const all = fixture([1, 2]);
    await startAll(all);
    const order: string[] = [];
    for (const id of [1, 2]) {
      const node = all.current(id);
      const { onTold } = node;
      node.onTold = (message) => {
        order.push(`${id} ${message.type}`);
        onTold(message);
      };
    }
    await all.supervisor.stopAll();
    expect(order).toEqual(['1 stop deciding', '1 stop', '2 stop']);
    expect(all.news).toEqual(['1: stopped', '2: stopped']);
  });

  it('wakes a paused node to stop it, and kills one that does not end', async () => {
    const all = fixture([2, 3]);
    await startAll(all);
    all.supervisor.pause(2);
    all.current(3).onTold = () => {};
    const stopped = all.supervisor.stopAll();
    await vi.advanceTimersByTimeAsync(2000);
    await stopped;
    expect(all.current(2).signals).toEqual(['SIGSTOP', 'SIGCONT']);
    expect(all.current(3).signals).toEqual(['SIGKILL']);
  });

  it('keeps cuts over a restart of the node, and heals all', async () => {
    const all = fixture([1, 2]);
    await startAll(all);
    await obey(all.supervisor, { do: 'cut', from: 1, to: 2, isOneWay: true });
    await obey(all.supervisor, { do: 'kill', nodes: [1] });
    await all.supervisor.start(1);
    expect(all.current(1).heard).toMatchObject([{ type: 'faults', faults: { cutTo: [2] } }]);
    expect(all.current(2).heard).toEqual([]);
    await obey(all.supervisor, { do: 'heal' });
    expect(all.current(1).heard.at(-1)).toMatchObject({ faults: { cutTo: [] } });
  });

  it('cuts both ways unless told otherwise, and refuses nodes that are not there', async () => {
    const all = fixture([1, 2]);
    await startAll(all);
    await obey(all.supervisor, { do: 'cut', from: 1, to: 2, isOneWay: false });
    expect(all.current(2).heard).toMatchObject([{ faults: { cutTo: [1] } }]);
    const wrong = obey(all.supervisor, { do: 'cut', from: 1, to: 7, isOneWay: false });
    await expect(wrong).rejects.toThrow('there is no node 7');
  });

  it('tells of every fault, and of its end where there was one', async () => {
    const all = fixture([1, 2, 3]);
    await startAll(all);
    await obey(all.supervisor, { do: 'cut', from: 1, to: 2, isOneWay: true });
    await obey(all.supervisor, { do: 'slow', node: 3, what: 'disk', delayMs: 70 });
    await obey(all.supervisor, { do: 'heal' });
    await obey(all.supervisor, { do: 'heal' });
    expect(all.news).toEqual([
      '1: is cut off from node 2, which hears nothing from it',
      '3: every flush takes 70 ms longer',
      '1: is whole again: no cut, no delay, room on its disk',
      '3: is whole again: no cut, no delay, room on its disk',
    ]);
  });

  it('obeys an order that a node hands on, and tells the node how it ended', async () => {
    const all = fixture([1, 2]);
    await startAll(all);
    all.current(1).say({ type: 'order', id: 7, order: { do: 'pause', nodes: [2] } });
    await vi.advanceTimersByTimeAsync(0);
    expect(all.current(2).signals).toEqual(['SIGSTOP']);
    expect(all.current(1).heard).toMatchObject([
      { type: 'obeyed', id: 7, data: { text: 'paused node 2; odradek chaos resume 2 lets it go on' } },
    ]);
    all.current(1).say({ type: 'order', id: 8, order: { do: 'pause', nodes: [2] } });
    await vi.advanceTimersByTimeAsync(0);
    expect(all.current(1).heard.at(-1)).toMatchObject({
      ...{
        type: 'disobeyed',
        id: 8,
        failure: { code: 'INVALID_REQUEST', message: 'node 2 is paused already' },
      },
    });
  });
});
