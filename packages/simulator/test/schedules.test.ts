import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from '../src/mutants/mutants.ts';
import { playSchedule } from '../src/play-schedule.ts';
import { parseScheduleFile } from '../src/schedule-file.ts';
import { SimulationFailure } from '../src/world.ts';

const folder = new URL('schedules/', import.meta.url);

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.schedule'))
  .sort()
  .map((name) =>
    parseScheduleFile(name.replace('.schedule', ''), readFileSync(new URL(name, folder), 'utf8')),
  );

describe('schedules', () => {
  it.each(files)('$title', (file) => {
    const first = playSchedule(file);
    // E10: the same seed, the same run, to the last message.
    expect(playSchedule(file)).toEqual(first);
  });

  const killings = files.flatMap((file) => file.mutants.map((name) => ({ name, file })));

  it.each(killings)('$name is killed by $file.name', ({ name, file }) => {
    const mutant = mutants.get(name);
    if (mutant === undefined) throw new Error(`${file.name} names no mutant that there is: ${name}`);
    expect(() => playSchedule(file, { mutant })).toThrow(SimulationFailure);
  });
});
