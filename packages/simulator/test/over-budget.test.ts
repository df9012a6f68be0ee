import { buildBatch, stampBatch, textBytes } from '@odradek/format';
import { emptyImage } from '@odradek/model';
import { MemoryDisk } from '@odradek/storage';
import { describe, expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';
import { ledByNobody, spreadDamage, untold } from '../src/over-budget.ts';
import { simulate } from '../src/simulation.ts';
import { ToldDamage } from '../src/told-damage.ts';

describe('D14: over budget', () => {
  it('days keep what must hold even then, and are the same each time', () => {
    for (const seed of [1, 2, 3, 5]) {
      const day = { seed, ops: 100, isOverBudget: true };
      const { trace, schedule } = simulate(day);
      expect(simulate(day).trace).toBe(trace);
      expect(schedule.header.options).toMatchObject({ overBudget: 1 });
      // The quorum's own disks are whole: no broker votes.
      expect(schedule.header.options.controllers).toBeGreaterThan(0);
    }
  });

  it('a loss of which nobody has said anything is found, unless nobody leads', () => {
    const told = new ToldDamage();
    const lost = { rule: 'V1', partition: 't-0', message: 'x was acknowledged, and is lost' };
    expect(untold([lost], told, () => true)).toEqual([lost]);
    expect(untold([lost], told, () => false)).toEqual([]);
    told.said('t-1: its log failed: EIO');
    expect(untold([lost], told, () => true)).toEqual([lost]);
    told.said('t-0/00000000000000000000.log: cut 93 bytes of a torn tail at 12: checksum');
    expect(untold([lost], told, () => true)).toEqual([]);
  });

  it.each([
    ['t-0: its log failed: t-0 at 0: its segments are missing', true],
    ['t-0: its log was flushed once, and is gone', true],
    ['t-0: no other replica is in sync, so all but what is damaged is served: checksum', true],
    ['t-0: removed, its topic is gone or was made anew', false],
    ['fences broker 2: it was not heard for 3000 ms', false],
  ])('"%s" tells of damage: %s', (line, isTold) => {
    const told = new ToldDamage();
    told.said(line);
    expect(told.of('t-0') !== undefined).toBe(isTold);
  });

  it('D9: a damaged batch on a disk that is sound was handed on', () => {
    const disk = new MemoryDisk({ later: () => {} });
    const batch = buildBatch({ records: [{ timestamp: 1, key: null, value: textBytes('a') }] });
    stampBatch(batch, 0, 0, 0);
    disk.makeDirectory('t-0');
    disk.writeFile('t-0/00000000000000000000.log', batch);
    expect(spreadDamage([[1, disk]], new Map())).toBe(undefined);
    disk.corrupt('t-0/00000000000000000000.log', batch.length - 1, Uint8Array.of(7));
    expect(spreadDamage([[1, disk]], new Map())).toMatch(/^D9: t-0 is damaged at 1/);
    expect(spreadDamage([[1, disk]], new Map([[1, new Set(['t-0'])]]))).toBe(undefined);
  });

  it('W1: whoever is named as a leader leads', () => {
    const world = new ClusterWorld({ seed: 1, overBudget: 1 });
    world.startAll();
    world.play('until all-running within 10000 ms; topic t 1,2,3; until leads-itself 1 t-0');
    const image = world.image ?? emptyImage;
    expect(ledByNobody(image, (name) => world.replicasOf(name))).toBe(undefined);
    expect(ledByNobody(image, () => [])).toBe('W1: 1 is to lead t-0, and does not');
  });
});
