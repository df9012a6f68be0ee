import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guardMutants } from '../src/mutants/guard-mutants.ts';
import { readFates, readSchedules } from './guards-table.ts';

describe('GUARDS.md', () => {
  const fates = readFates();

  it('says of each named guard of a machine what notices when it is weakened, and of nothing else', () => {
    expect([...fates.keys()].sort()).toEqual(guardMutants.map(({ name }) => name).sort());
  });

  it('names a schedule or a file of tests that there is, or a reason', () => {
    const names = readSchedules().map(({ name }) => name);
    const root = new URL('../../../', import.meta.url);
    const wrong = [...fates].filter(([, fate]) => {
      if ('killedBy' in fate) return !names.includes(fate.killedBy);
      return 'test' in fate ? !existsSync(new URL(fate.test, root)) : fate.harmless.length < 20;
    });
    expect(wrong).toEqual([]);
  });
});
