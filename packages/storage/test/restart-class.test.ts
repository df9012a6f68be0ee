import { describe, expect, it } from 'vitest';
import {
  carefulRun,
  classifyRestart,
  decodeRun,
  encodeRun,
  isSameBoot,
  type RunRecord,
} from '../src/restart-class.ts';
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

  it('D1: until a run is known to the controller it promises no more than the one before it', () => {
    const later = (
      previous: Partial<RunRecord>,
      cleanBrokerEpoch?: number,
      present: Partial<RunRecord> = {},
    ) => carefulRun({ run: { ...run, ...previous }, cleanBrokerEpoch }, { ...run, ...present });
    expect(later({})).toEqual(run);
    expect(later({ bootId: 'before' })).toEqual({ ...run, bootId: null });
    expect(later({ flushPolicy: 'os' })?.flushPolicy).toBe('os');
    expect(later({}, undefined, { flushPolicy: 'os' })?.flushPolicy).toBe('os');
    expect(later({ flushPolicy: 'memory' }, 3)?.flushPolicy).toBe('memory');
    // Everything was on the disk.
    expect(later({ flushPolicy: 'os', bootId: 'before' }, 3)).toEqual(run);
    // D11: what is another directory's stays so.
    expect(later({ directoryId: 'other' })?.directoryId).toBe('other');
    expect(carefulRun({ run: undefined, cleanBrokerEpoch: undefined }, run)).toBe(undefined);
  });

  it('D1: killed before it was known to the controller, a run leaves the class of the one before it', () => {
    const broker = new TestBroker({ policy: 'os' });
    append(broker.create(), 1);
    broker.settle();
    const classes = [];
    for (const step of ['power', 'kill', 'kill', 'known', 'kill', 'power'] as const) {
      if (step === 'known') broker.open();
      else if (step === 'kill') broker.kill();
      else broker.power(seeded(3));
      const { bootId } = broker.disk;
      classes.push(classifyRestart(broker.directory.previous, { bootId, directoryId: DIRECTORY_ID }));
    }
    expect(classes).toEqual(['lossy', 'lossy', 'lossy', 'lossy', 'intact', 'lossy']);
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
