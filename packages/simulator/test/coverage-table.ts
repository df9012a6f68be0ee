// COVERAGE.md: the edges that days by seed hardly ever take, or never, and what takes them instead, read from its table.

import { readFileSync } from 'node:fs';
import { Coverage, type CoverageCounts, playSchedule, type ScheduleFile } from '../src/index.ts';

export const coveragePath = new URL('../COVERAGE.md', import.meta.url);

/** What takes an edge that seeds do not: a schedule, or a file of tests beside its machine; and why seeds do not. */
export interface RareEdge {
  readonly edge: string;
  readonly takenBy: { readonly schedule: string } | { readonly test: string } | 'nobody';
  readonly why: string;
}

export function readRareEdges(text = readFileSync(coveragePath, 'utf8')): readonly RareEdge[] {
  return text.split('\n').flatMap((line) => {
    const [, edge = '', by = '', why = '', end] = line.split('|').map((cell) => cell.trim());
    if (end === undefined || edge === 'edge' || edge.startsWith('---')) return [];
    const takenBy = by.includes('/') ? { test: by } : by === 'nobody' ? 'nobody' : { schedule: by };
    return [{ edge: edge.replaceAll('`', ''), takenBy, why }];
  });
}

/** The edges that a schedule takes. */
export function edgesTakenBy(file: ScheduleFile): ReadonlySet<string> {
  const coverage = new Coverage();
  playSchedule(file, { coverage });
  const { edges } = coverage.counts;
  return new Set(Object.keys(edges).filter((edge) => (edges[edge] ?? 0) > 0));
}

/** The edges of the machines as they are now that no seed of a report has taken, and that the table has no line for. */
export function unexplained(
  { edges }: Pick<CoverageCounts, 'edges'>,
  rare = readRareEdges(),
  present = Object.keys(new Coverage().counts.edges),
): string[] {
  const known = new Set(rare.map(({ edge }) => edge));
  return present.filter((edge) => (edges[edge] ?? 0) === 0 && !known.has(edge));
}
