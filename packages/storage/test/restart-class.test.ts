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

const run: RunRecord = {
  ...{ flushPolicy: 'commit', bootId: 'a', directoryId: DIRECTORY_ID },
  incarnations: ['one'],
};
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
    const both = { ...run, incarnations: ['one', 'one'] };
    expect(later({})).toEqual(both);
    expect(later({ bootId: 'before' })).toEqual({ ...both, bootId: null });
    expect(later({ flushPolicy: 'os' })?.flushPolicy).toBe('os');
    expect(later({}, undefined, { flushPolicy: 'os' })?.flushPolicy).toBe('os');
    expect(later({ flushPolicy: 'memory' }, 3)?.flushPolicy).toBe('memory');
    // Everything was on the disk.
    expect(later({ flushPolicy: 'os', bootId: 'before' }, 3)).toEqual(both);
    // D11: what is another directory's stays so.
    expect(later({ directoryId: 'other' })?.directoryId).toBe('other');
    expect(carefulRun({ run: undefined, cleanBrokerEpoch: undefined }, run)).toBe(undefined);
  });

  it('D11: a run names every process that may be registered of its directory, until it has seen itself registered', () => {
    const broker = new TestBroker();
    append(broker.create(), 1);
    broker.settle();
    const known = () => broker.directory.previous.run?.incarnations;
    broker.kill();
    expect(known()).toEqual(['life 1']);
    // Killed before it could see whether it was registered: both may be.
    broker.kill();
    expect(known()).toEqual(['life 1', 'life 2']);
    broker.stopCleanly();
    broker.kill();
    expect(known()).toEqual(['life 1', 'life 2', 'life 3', 'life 4']);
    broker.open();
    broker.kill();
    expect(known()).toEqual(['life 5']);
  });

  it('D11: an old copy knows nothing of the processes that came after it', () => {
    const broker = new TestBroker();
    append(broker.create(), 1);
    broker.settle();
    const copy = broker.disk.copy();
    broker.kill();
    broker.open();
    broker.disk.putBack(copy);
    broker.kill();
    expect(broker.directory.previous.run?.incarnations).toEqual(['life 1']);
  });

  it('D11: of processes that began again and again, the first and the last are named', () => {
    let { incarnations } = run;
    for (let life = 0; life < 500; life++)
      incarnations =
        carefulRun(
          { run: { ...run, incarnations }, cleanBrokerEpoch: undefined },
          { ...run, incarnations: [`${life}`] },
        )?.incarnations ?? [];
    expect([incarnations.length, incarnations[0], incarnations.at(-1)]).toEqual([100, 'one', '499']);
  });

  it('D11: a record of before it named processes can be read, and names none', () => {
    const { incarnations: _, ...old } = run;
    const bytes = new TextEncoder().encode(JSON.stringify({ version: 1, ...old }));
    expect(decodeRun(bytes)).toEqual({ ...run, incarnations: [] });
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
