import { describe, expect, it } from 'vitest';
import { createActor, type InspectionEvent } from 'xstate';
import { FlushGroup, type SyncOrder } from '../src/flush-group.ts';
import { type LogMachineHost, logMachine } from '../src/log.machine.ts';
import { ManualClock } from './support/queue.ts';

class Host implements LogMachineHost {
  readonly orders: string[] = [];
  isDirty = false;
  isAwaited = false;
  recover = (): void => void this.orders.push('recover');
  handOver = (): void => void this.orders.push('hand over');
  askForSync = (): void => void this.orders.push('ask for sync');
  tellFlushed = (): void => void this.orders.push('tell flushed');
  fail = (error: string): void => void this.orders.push(`fail: ${error}`);
  refuse = (error: string): void => void this.orders.push(`refuse: ${error}`);
}

function started(clock = new ManualClock()) {
  const host = new Host();
  const events: string[] = [];
  const actor = createActor(logMachine, {
    input: { host },
    clock,
    inspect: (event: InspectionEvent) => {
      if (event.type === '@xstate.event') events.push(event.event.type);
    },
  }).start();
  return { host, actor, events, value: () => actor.getSnapshot().value };
}

describe('the log machine', () => {
  it('D7: recovers, opens, and is clean when nothing waits for the disk', () => {
    const { host, actor, value } = started();
    expect([value(), host.orders]).toEqual(['recovering', ['recover']]);
    actor.send({ type: 'opened' });
    expect([value(), host.orders.at(-1)]).toEqual([{ open: 'clean' }, 'hand over']);
  });

  it('D11: that no file was to spare for its recovery is told, and is no failure', () => {
    const { host, actor, value } = started();
    actor.send({ type: 'no room', error: 'EMFILE' });
    expect([value(), host.orders.at(-1)]).toEqual(['refused', 'refuse: EMFILE']);
    actor.send({ type: 'close' });
    expect(value()).toBe('closed');
  });

  it('D7: what recovery found unflushed is flushed before anything else', () => {
    const { host, actor, value } = started();
    host.isDirty = true;
    actor.send({ type: 'opened' });
    expect([value(), host.orders.at(-1)]).toEqual([{ open: 'dirty' }, 'ask for sync']);
  });

  it('takes three events for a flush, and a second flush only for what came meanwhile', () => {
    const { host, actor, events, value } = started();
    actor.send({ type: 'opened' });
    events.length = 0;
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'sync began' });
    expect(value()).toEqual({ open: 'flushing' });
    actor.send({ type: 'sync ended' });
    expect([value(), events.length]).toEqual([{ open: 'clean' }, 3]);
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'sync began' });
    host.isDirty = true;
    actor.send({ type: 'sync ended' });
    expect([value(), host.orders.slice(-2)]).toEqual([{ open: 'dirty' }, ['tell flushed', 'ask for sync']]);
  });

  it('asks again when somebody begins to wait', () => {
    const { host, actor } = started();
    actor.send({ type: 'opened' });
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'became dirty' });
    expect(host.orders.filter((order) => order === 'ask for sync').length).toBe(1);
    host.isAwaited = true;
    actor.send({ type: 'became dirty' });
    expect(host.orders.filter((order) => order === 'ask for sync').length).toBe(2);
  });

  it('D6: short of room it asks again later, at once for somebody who waits', () => {
    const clock = new ManualClock();
    const { host, actor, value } = started(clock);
    actor.send({ type: 'opened' });
    host.isDirty = true;
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'sync began' });
    actor.send({ type: 'no room', error: 'ENOSPC' });
    actor.send({ type: 'became dirty' });
    expect(value()).toEqual({ open: 'short of room' });
    clock.advance(1000);
    expect(value()).toEqual({ open: 'dirty' });
    actor.send({ type: 'sync began' });
    actor.send({ type: 'no room', error: 'ENOSPC' });
    host.isAwaited = true;
    actor.send({ type: 'became dirty' });
    expect(value()).toEqual({ open: 'dirty' });
    expect(host.orders).not.toContain('tell flushed');
  });

  it('D1, D6: what asked in vain for room may be synced before it asks again, because a journal is to be emptied', () => {
    const { host, actor, value } = started();
    actor.send({ type: 'opened' });
    host.isDirty = true;
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'sync began' });
    actor.send({ type: 'no room', error: 'ENOSPC' });
    actor.send({ type: 'sync began' });
    expect(value()).toEqual({ open: 'flushing' });
    host.isDirty = false;
    actor.send({ type: 'sync ended' });
    expect(value()).toEqual({ open: 'clean' });
    expect(host.orders).toContain('tell flushed');
  });

  it('D3: a failed sync is final, also while flushing', () => {
    const { host, actor, value } = started();
    actor.send({ type: 'opened' });
    actor.send({ type: 'became dirty' });
    actor.send({ type: 'sync began' });
    actor.send({ type: 'disk failed', error: 'EIO' });
    expect([value(), host.orders.at(-1)]).toEqual(['failed', 'fail: EIO']);
    actor.send({ type: 'sync ended' });
    expect([value(), host.orders.at(-1)]).toEqual(['failed', 'fail: EIO']);
  });

  it('D8: damage is told, and the log does not open', () => {
    const { host, actor, value } = started();
    actor.send({ type: 'found damaged', error: 'bad batch' });
    actor.send({ type: 'opened' });
    expect([value(), host.orders.at(-1)]).toEqual(['failed', 'fail: bad batch']);
  });
});

describe('group commit', () => {
  const orderOf = (started: string[], name: string) => {
    const ends: (() => void)[] = [];
    const order: SyncOrder = {
      sync: (ended) => {
        started.push(name);
        ends.push(() => ended(true));
      },
    };
    return { order, end: () => ends.shift()?.() };
  };

  it('syncs logs in parallel, as many as it may', () => {
    const begun: string[] = [];
    const group = new FlushGroup({ policy: 'commit', clock: new ManualClock(), maxParallel: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => orderOf(begun, name));
    for (const log of [a, b, c]) if (log !== undefined) group.request(log.order, false);
    expect(begun).toEqual(['a', 'b']);
    b?.end();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('appends of one turn share a sync, where the host offers turns', () => {
    const begun: string[] = [];
    const soon: (() => void)[] = [];
    const group = new FlushGroup({
      policy: 'commit',
      clock: new ManualClock(),
      soon: (callback) => void soon.push(callback),
    });
    const log = orderOf(begun, 'a');
    group.request(log.order, false);
    group.request(log.order, false);
    expect(begun).toEqual([]);
    for (const callback of soon) callback();
    expect(begun).toEqual(['a']);
  });

  it('`os`: waits its time, unless somebody waits', () => {
    const begun: string[] = [];
    const clock = new ManualClock();
    const group = new FlushGroup({ policy: 'os', clock, lazyMs: 100 });
    const [a, b] = ['a', 'b'].map((name) => orderOf(begun, name));
    if (a !== undefined) group.request(a.order, false);
    clock.advance(99);
    expect(begun).toEqual([]);
    if (b !== undefined) group.request(b.order, true);
    expect(begun).toEqual(['b']);
    clock.advance(1);
    expect(begun).toEqual(['b', 'a']);
  });
});
