import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Coverage } from '../src/coverage.ts';
import { edgesTakenBy, readRareEdges, unexplained } from './coverage-table.ts';
import { readSchedules } from './guards-table.ts';

describe('COVERAGE.md', () => {
  const rare = readRareEdges();

  it('speaks of edges that the machines have, of each once, and says why seeds do not take it', () => {
    const { edges } = new Coverage().counts;
    expect(rare.map(({ edge }) => edge).filter((edge) => !(edge in edges))).toEqual([]);
    expect(new Set(rare.map(({ edge }) => edge)).size).toBe(rare.length);
    expect(rare.filter(({ why }) => why.length < 20)).toEqual([]);
  });

  it('names schedules that take the edge, or a file of tests that there is', () => {
    const root = new URL('../../../', import.meta.url);
    const schedules = new Map(readSchedules().map((file) => [file.name, file]));
    const taken = new Map<string, ReadonlySet<string>>();
    const wrong = rare.filter(({ edge, takenBy }) => {
      if (takenBy === 'nobody') return false;
      if ('test' in takenBy) return !existsSync(new URL(takenBy.test, root));
      const file = schedules.get(takenBy.schedule);
      if (file === undefined) return true;
      const edges = taken.get(file.name) ?? edgesTakenBy(file);
      taken.set(file.name, edges);
      return !edges.has(edge);
    });
    expect(wrong).toEqual([]);
  });

  it('an edge that no seed has taken and that has no line is told', () => {
    const [{ edge } = { edge: '' }] = rare;
    const present = [edge, 'quorum new --x--> y', 'quorum met --x--> y'];
    const edges = { [edge]: 0, 'quorum met --x--> y': 3, 'quorum gone --x--> y': 0 };
    expect(unexplained({ edges }, rare, present)).toEqual(['quorum new --x--> y']);
  });
});
