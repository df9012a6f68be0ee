import type {
  Clock,
  Disk,
  DiskFile,
  Network,
  PeerAnswer,
  PeerEvidence,
  PeerHandler,
  PeerRequest,
} from '@odradek/model';
import { DiskError } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { type Faults, noFaults } from '../../src/faults/faults.ts';
import { faultyDisk } from '../../src/faults/faulty-disk.ts';
import { faultyNetwork } from '../../src/faults/faulty-network.ts';

/** A clock that a test moves by hand. */
class HandClock implements Clock {
  #nowMs = 0;
  #timers: { readonly dueMs: number; readonly callback: () => void }[] = [];
  nowMs = () => this.#nowMs;
  wallMs = () => this.#nowMs;
  setTimeout(callback: () => void, delayMs: number): object {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return timer;
  }
  clearTimeout(handle: object | number): void {
    this.#timers = this.#timers.filter((timer) => timer !== handle);
  }
  pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter((timer) => timer.dueMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const timer of due) timer.callback();
  }
}

const request: PeerRequest = {
  api: 'describePartitions',
  body: { partitions: [] },
};
const response: PeerAnswer = { api: 'describePartitions', body: { error: 'NONE', partitions: [] } };

describe('a network with faults', () => {
  function network(faults: () => Faults) {
    const clock = new HandClock();
    const asked: number[] = [];
    let handler: PeerHandler | undefined;
    const inner: Network = {
      request: (to) => void asked.push(to),
      address: () => {},
      probe: (id) => void asked.push(-id),
      serve: (served) => (handler = served),
    };
    return { clock, asked, handler: () => handler, port: faultyNetwork(inner, clock, faults) };
  }

  it('loses what goes over a cut: the asker hears of it by its own timeout', () => {
    const { clock, asked, port } = network(() => ({ ...noFaults, cutTo: [2] }));
    const outcomes: unknown[] = [];
    port.request(2, 'control', request, 500, (reply) => outcomes.push(reply));
    port.request(3, 'control', request, 500, () => {});
    port.probe(2);
    clock.pass(499);
    expect([asked, outcomes]).toEqual([[3], []]);
    clock.pass(1);
    expect(outcomes).toEqual([{ outcome: 'failed', reason: 'timed out' }]);
  });

  it('loses answers over a cut, and learns nothing by reaching the other side', () => {
    let cutTo: readonly number[] = [2];
    const { handler, port } = network(() => ({ ...noFaults, cutTo }));
    const seen: PeerEvidence[] = [];
    port.serve({
      handle: (_peer, _request, answer) => answer(response),
      observe: (evidence) => void seen.push(evidence),
    });
    const answers: unknown[] = [];
    const peer = { id: 2, directoryId: 'd', incarnation: 'i' };
    handler()?.handle(peer, request, (answer) => answers.push(answer));
    handler()?.observe({ type: 'reached', id: 2 });
    handler()?.observe({ type: 'unlinked', peer });
    expect([answers, seen]).toEqual([[], [{ type: 'unlinked', peer }]]);
    cutTo = [];
    handler()?.handle(peer, request, (answer) => answers.push(answer));
    expect(answers).toHaveLength(1);
  });

  it('delays what leaves', () => {
    const { clock, asked, port } = network(() => ({ ...noFaults, networkDelayMs: 100 }));
    port.request(3, 'data', request, 500, () => {});
    clock.pass(99);
    expect(asked).toEqual([]);
    clock.pass(1);
    expect(asked).toEqual([3]);
  });
});

describe('a disk with faults', () => {
  function disk(faults: () => Faults) {
    const clock = new HandClock();
    const done: string[] = [];
    const file: DiskFile = {
      path: 'a.log',
      size: 7,
      append: () => void done.push('append'),
      write: () => void done.push('write'),
      read: () => 0,
      readLater: () => {},
      truncate: () => {},
      sync: (finished) => finished(),
      close: () => {},
    };
    const inner: Disk = {
      bootId: 'boot',
      freeBytes: () => 1000,
      open: () => file,
      exists: (path) => path === 'a.log',
      sizeOf: () => 7,
      list: () => [],
      makeDirectory: () => {},
      readFile: () => undefined,
      writeFile: () => void done.push('writeFile'),
      replaceFile: (_path, _bytes, finished) => finished(),
      syncDirectory: (_path, finished) => finished(),
      rename: () => {},
      remove: () => {},
      removeLater: (_path, finished) => finished(),
    };
    return { clock, done, port: faultyDisk(inner, clock, faults) };
  }

  it('has no room: appends and new files fail with ENOSPC, what is there can be read and written over', () => {
    const { clock, done, port } = disk(() => ({ ...noFaults, isDiskFull: true }));
    const file = port.open('a.log', { create: true });
    expect(() => file.append([])).toThrow(DiskError);
    expect(() => port.open('b.log', { create: true })).toThrow('ENOSPC');
    expect(() => port.writeFile('c', new Uint8Array())).toThrow('ENOSPC');
    file.write(0, new Uint8Array());
    expect([done, file.size]).toEqual([['write'], 7]);
    const errors: unknown[] = [];
    port.replaceFile('d', new Uint8Array(), (error) => errors.push(error?.code));
    expect(errors).toEqual([]);
    clock.pass(0);
    expect(errors).toEqual(['ENOSPC']);
  });

  it('fails flushes of partitions, and later on does not (D3 is the log’s to keep)', () => {
    let failsFlushes = true;
    const { clock, port } = disk(() => ({ ...noFaults, failsFlushes }));
    const file = port.open('a.log', { create: false });
    const ends: unknown[] = [];
    file.sync((error) => ends.push(error?.code));
    expect(ends).toEqual([]);
    clock.pass(0);
    failsFlushes = false;
    file.sync((error) => ends.push(error?.code));
    expect(ends).toEqual(['EIO', undefined]);
  });

  it('flushes slowly', () => {
    let diskDelayMs = 50;
    const { clock, port } = disk(() => ({ ...noFaults, diskDelayMs }));
    let flushes = 0;
    const file = port.open('a.log', { create: false });
    file.sync(() => (flushes += 1));
    clock.pass(49);
    expect(flushes).toBe(0);
    clock.pass(1);
    expect(flushes).toBe(1);
    diskDelayMs = 0;
    file.sync(() => (flushes += 1));
    expect(flushes).toBe(2);
  });
});
