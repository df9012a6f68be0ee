// The table of rules in ARCHITECTURE.md: each test file that it names is there, and has a test of that rule.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../workspace.ts';

const page = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
const rows = [...page.matchAll(/^\| (X\d+) \|[^|]*\|([^|]*)\|$/gm)].map(([, rule = '', places = '']) => ({
  rule,
  files: [...places.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file = '']) => file),
}));

it('names every rule of hostile input once', () => {
  expect(rows.map(({ rule }) => rule)).toEqual(Array.from({ length: 13 }, (_, index) => `X${index + 1}`));
});

it.each(rows)('$rule has a test wherever the table says so', ({ rule, files }) => {
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const text = readFileSync(join(repositoryRoot, file), 'utf8');
    const titles = text.match(/(['`])(?:(?!\1).)*\1/g) ?? [];
    expect(
      titles.some((title) => new RegExp(`\\b${rule}\\b`).test(title)),
      `${file} names ${rule}`,
    ).toBe(true);
  }
});
