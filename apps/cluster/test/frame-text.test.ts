import { describe, expect, it } from 'vitest';
import { frameLine } from '../src/up/report.ts';

const frame = {
  timeMs: 1,
  actor: 'broker-1/quorum',
  machine: 'quorum',
  event: 'vote answered',
  from: 'candidate.asking',
  to: 'leader',
  edges: [],
  value: 'leader',
};
const noon = new Date(2026, 0, 1, 12, 0, 0, 7);

describe('a step as a line', () => {
  it('has actor, from, event, to and rule', () => {
    expect(frameLine({ ...frame, rule: 'Q2' }, noon)).toBe(
      '12:00:00.007  broker-1/quorum  candidate.asking —vote answered→ leader  (Q2)',
    );
  });

  it('names a delay as the machine does, and a beginning as such', () => {
    const event = 'xstate.after.election timeout.quorum.candidate.asking';
    expect(frameLine({ ...frame, event, edges: [{ source: 'candidate.asking' }] }, noon)).toContain(
      '—after election timeout→',
    );
    expect(frameLine({ ...frame, event: 'xstate.init', from: '' }, noon)).toContain('· —→ leader');
  });
});
