// That the command measures: what its parts share with the tests of the browser must work outside of them too.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chromiumPath } from '../browser/chromium.ts';

const path = chromiumPath();

test.skipIf(path === undefined)('the console is measured by a command: its size, and its first paint', () => {
  const told = execFileSync(
    process.execPath,
    [join(import.meta.dirname, 'measure.ts'), 'size', 'paint', '--turns', '1'],
    { encoding: 'utf8' },
  );
  expect(told).toMatch(/fetched before the page can be used, compressed +\d+\.\d kB/);
  expect(told).toMatch(/first paint +\d+\.\d ms median of 1/);
  expect(told).toMatch(/a cluster runs in the tab +\d+\.\d ms median of 1/);
});
