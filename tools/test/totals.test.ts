import { join } from 'node:path';
import { expect, it } from 'vitest';
import { totalsOf } from '../test.ts';
import { house } from './sample-house.ts';

it('the totals add up all reports, and a test file that could not be loaded counts as failed', () => {
  const ran = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ],
  };
  const unloaded = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    testResults: [{ status: 'failed', assertionResults: [] }],
  };
  const root = house({ 'a.json': JSON.stringify(ran), 'b.json': JSON.stringify(unloaded) });
  expect(totalsOf([join(root, 'a.json'), join(root, 'b.json')])).toEqual({
    passed: 3,
    failed: 2,
    skipped: 2,
  });
});
