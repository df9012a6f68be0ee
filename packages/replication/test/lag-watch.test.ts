import { expect, it } from 'vitest';
import type { LeaderReplica } from '../src/faces.ts';
import { LagWatch } from '../src/lag-watch.ts';
import { TestClock } from './support/test-clock.ts';

/** A watch over leaders of which those in `lacking` have a follower that lacks something. */
function watchOver(lacking: Set<string>) {
  const clock = new TestClock();
  const checked: string[] = [];
  const leaderOf = (key: string): LeaderReplica | undefined => {
    if (key === 'gone') return undefined;
    const checkLag = (): boolean => {
      checked.push(key);
      return lacking.has(key);
    };
    return { checkLag } as LeaderReplica;
  };
  return { clock, checked, watch: new LagWatch({ clock, leaderOf, lagTimeMaxMs: 1000 }) };
}

it('I4 looks at leaders with followers that lack something, every half of the lag time, on one timer', () => {
  const lacking = new Set(['a', 'b']);
  const { clock, checked, watch } = watchOver(lacking);
  for (const key of ['a', 'b', 'c', 'gone']) watch.watch(key);
  expect(clock.pending).toBe(1);
  clock.pass(500);
  expect(checked).toEqual(['a', 'b', 'c']);
  lacking.delete('a');
  clock.pass(500);
  clock.pass(500);
  expect(checked).toEqual(['a', 'b', 'c', 'a', 'b', 'b']);
});

it('W2 no timer runs where nobody lacks anything, or after the end', () => {
  const { clock, watch } = watchOver(new Set(['b']));
  expect(clock.pending).toBe(0);
  watch.watch('a');
  clock.pass(500);
  expect(clock.pending).toBe(0);
  watch.watch('b');
  clock.pass(500);
  expect(clock.pending).toBe(1);
  watch.close();
  expect(clock.pending).toBe(0);
});
