import { describe, expect, it } from 'vitest';
import { classifyRestart, decodeRun, encodeRun, isSameBoot, type RunRecord } from '../src/restart-class.ts';
import { append, DIRECTORY_ID, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const run: RunRecord = { flushPolicy: 'commit', bootId: 'a', directoryId: DIRECTORY_ID };
const now = { bootId: 'a', directoryId: DIRECTORY_ID };

describe('C5, C6: restart classes', () => {
  it('C6: the marker of a clean shutdown, with its broker epoch', () => {
    expect(classifyRestart({ run, cleanBrokerEpoch: 3 }, now)).toBe('clean');
  });

  it('`commit` keeps its word over a reboot, `os` only without one, `memory` never', () => {
    const classOf = (flushPolicy: RunRecord['flushPolicy'], bootId: string | undefined) =>
      classifyRestart({ run: { ...run, flushPolicy }, cleanBrokerEpoch: undefined }, { ...now, bootId });
    expect([classOf('commit', 'a'), classOf('commit', 'b'), classOf('commit', undefined)]).toEqual([
      'intact',
      'intact',
      'intact',
    ]);
    expect([classOf('os', 'a'), classOf('os', 'b'), classOf('os', undefined)]).toEqual([
      'intact',
      'lossy',
      'lossy',
    ]);
    expect(classOf('memory', 'a')).toBe('lossy');
  });

  it('D11: another directory, or one of which nothing is known, is lossy', () => {
    expect(classifyRestart({ run, cleanBrokerEpoch: 3 }, { ...now, directoryId: 'other' })).toBe('lossy');
    expect(classifyRestart({ run: undefined, cleanBrokerEpoch: 3 }, now)).toBe('lossy');
  });

  it('where the boot cannot be known, it counts as another', () => {
    expect(isSameBoot({ run: { ...run, bootId: null }, cleanBrokerEpoch: undefined }, undefined)).toBe(false);
  });

  it('D10: a record that is torn counts as missing', () => {
    const bytes = encodeRun(run);
    expect(decodeRun(bytes)).toEqual(run);
    expect(decodeRun(bytes.subarray(0, bytes.length - 5))).toBe(undefined);
    expect(decodeRun(new Uint8Array(0))).toBe(undefined);
  });

  it('judges by what the previous run wrote, not by how this one is configured', () => {
    const broker = new TestBroker({ policy: 'os' });
    append(broker.create(), 1);
    broker.settle();
    broker.power(seeded(3));
    const bootId = broker.disk.bootId;
    const { previous } = broker.directory;
    expect(previous.run?.flushPolicy).toBe('os');
    expect(classifyRestart(previous, { bootId, directoryId: DIRECTORY_ID })).toBe('lossy');
  });
});
