import { describe, expect, it } from 'vitest';
import { Coverage, neverMet } from '../src/coverage.ts';
import type { Mutant } from '../src/mutant.ts';
import { mutants } from '../src/mutants/mutants.ts';
import { playSchedule } from '../src/play-schedule.ts';
import { formatScheduleFile, parseScheduleFile } from '../src/schedule-file.ts';
import { shrinkSchedule } from '../src/shrink-schedule.ts';
import { createSimulation, SimulationViolation, simulate } from '../src/simulation.ts';

const seeds = [3, 4, 9, 15];

describe('days of a cluster, by seed', () => {
  it.each(seeds)(
    'seed %i: every promise is kept, and the same seed gives the same day (O1 to O5, E10)',
    (seed) => {
      const report = simulate({ seed, ops: 150 });
      expect(report.acknowledged).toBeGreaterThan(0);
      expect(simulate({ seed, ops: 150 })).toEqual(report);
      expect(Object.keys(report.unchecked)).toEqual(['V25', 'V32', 'V33', 'V34', 'V40', 'V41', 'V42']);
    },
  );

  it('S55: without any faults every record is acknowledged, none is refused or left open', () => {
    const { acknowledged, refused, unknown, lost } = simulate({ seed: 2, ops: 150, faults: [] });
    expect({ refused, unknown, lost }).toEqual({ refused: 0, unknown: 0, lost: 0 });
    expect(acknowledged).toBeGreaterThanOrEqual(150);
  });

  it('W4: an election on a day without faults breaks a promise', () => {
    const simulation = createSimulation({ seed: 3, ops: 40, faults: [] });
    simulation.begin();
    simulation.world.play('let L = leader:t-0; crash L; run 1000 ms; start L; run 2000 ms');
    expect(violationOf(() => simulation.conclude()).message).toMatch(/^W4: \d+ elections of \d+ partitions/);
  });

  it('is a schedule that plays the same day again', () => {
    const { schedule, trace } = simulate({ seed: 4, ops: 60 });
    expect(playSchedule(parseScheduleFile('again', formatScheduleFile(schedule))).trace).toBe(trace);
  });

  it('a day that breaks a promise ends with it, and shrinks to fewer statements that break it still', () => {
    const mutant = mutants.get('M13');
    if (mutant === undefined) throw new Error('there is no M13');
    const violation = firstViolation(mutant);
    const [promise = ''] = /^V\d+: /.exec(violation.message) ?? [];
    expect(promise).not.toBe('');
    let tries = 0;
    const shrunk = shrinkSchedule(violation.schedule, { mutant, mayGoOn: () => ++tries < 6 });
    expect(shrunk?.schedule.story.length).toBeLessThan(violation.schedule.story.length);
    const file = parseScheduleFile('shrunk', formatScheduleFile(shrunk?.schedule ?? violation.schedule));
    expect(() => playSchedule(file, { mutant })).toThrow(promise);
    expect(() => playSchedule(file)).not.toThrow();
  });

  it('a shrunk schedule fails as it is written, though a statement that had lost its sense did a part of what it says', () => {
    const text = `world cluster brokers=3 controllers=1
never dead 1 2 3
crash 1 3
start 1
crash 2 1
run 10 ms`;
    const shrunk = shrinkSchedule(parseScheduleFile('in-part', text), { mayGoOn: () => true });
    if (shrunk === undefined) throw new Error('nothing must never be');
    const again = parseScheduleFile('again', formatScheduleFile(shrunk.schedule));
    expect(() => playSchedule(again)).toThrow('must never be: dead 1 2 3');
  });

  it('a node that ends by itself leaves a day whose schedule plays it again, to the last line of its trace', () => {
    const { schedule, trace } = simulate({
      seed: 44,
      ops: 150,
      faults: ['disk error', 'short write', 'leave', 'restart loop', 'late message'],
    });
    expect(playSchedule(parseScheduleFile('again', formatScheduleFile(schedule))).trace).toBe(trace);
  });

  it('counts the edges, rules and faults that were met, and names the others', () => {
    const coverage = new Coverage();
    simulate({ seed: 9, ops: 60, coverage });
    const { edges, rules, faults } = coverage.counts;
    expect(edges['controller standby --leader epoch started--> replaying']).toBeGreaterThan(0);
    expect(rules.L1).toBeGreaterThan(0);
    expect(neverMet(edges)).toContain('quorum  --log failed--> failed');
    expect(Object.keys(faults)).toContain('bit rot');
  });

  it('takes the promises of others, and their actors on its clock', () => {
    const simulation = createSimulation({ seed: 3, ops: 40, faults: [] });
    let rings = 0;
    const ring = (): void => {
      rings++;
      simulation.world.clock.setTimeout(ring, 100);
    };
    ring();
    simulation.world.addOracle(() => (rings > 5 ? 'W9: the bell rang too often' : undefined));
    expect(violationOf(() => simulation.run()).message).toMatch(/^W9: the bell/);
  });
});

function firstViolation(mutant: Mutant): SimulationViolation {
  for (let seed = 1; seed <= 30; seed++) {
    try {
      simulate({ seed, ops: 120, faults: ['power', 'restart loop'], mutant });
    } catch (error) {
      if (error instanceof SimulationViolation) return error;
      throw error;
    }
  }
  throw new Error(`thirty days do not kill ${mutant.name}`);
}

function violationOf(act: () => unknown): SimulationViolation {
  try {
    act();
  } catch (error) {
    if (error instanceof SimulationViolation) return error;
    throw error;
  }
  throw new Error('nothing was broken');
}
