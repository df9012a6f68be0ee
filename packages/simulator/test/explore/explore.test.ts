import { describe, expect, test } from 'vitest';
import { explore, type Model } from '../../src/explore/explorer.ts';
import { exploreByName, formatCounterexample, hunts, replayCounterexample } from '../../src/explore/runs.ts';
import { StateSet } from '../../src/explore/state-set.ts';

/** Two counters that go up to a bound, and are broken where both are `brokenAt`. */
function counters(bound: number, brokenAt: number): Model<readonly [number, number]> {
  return {
    start: [0, 0],
    *steps([one, other]) {
      if (one < bound) yield { label: 'one', next: [one + 1, other] };
      if (other < bound) yield { label: 'other', next: [one, other + 1] };
    },
    fingerprint: (world) => world,
    violation: ([one, other]) => (one === brokenAt && other === brokenAt ? 'both are there' : undefined),
  };
}

describe('exploring by breadth', () => {
  test('sees every state once', () => {
    const { states, transitions, isComplete, depth } = explore(counters(9, -1), { maxStates: 1000 });
    expect({ states, transitions, isComplete, depth }).toEqual({
      states: 100,
      transitions: 180,
      isComplete: true,
      depth: 19,
    });
  });

  test('finds the shortest way to what is broken', () => {
    const { counterexample } = explore(counters(9, 2), { maxStates: 1000 });
    expect(counterexample?.violation).toBe('both are there');
    expect(counterexample?.steps).toHaveLength(4);
  });

  test('says when it was not complete', () => {
    expect(explore(counters(9, -1), { maxStates: 50 }).isComplete).toBe(false);
  });

  test('a set of states keeps what it has when it grows', () => {
    const set = new StateSet(4);
    for (let number = 0; number < 5000; number++) expect(set.add([number, -number])).toBe(true);
    for (let number = 0; number < 5000; number++) expect(set.add([number, -number])).toBe(false);
    expect(set.size).toBe(5000);
  });
});

describe('the shipped machines, in every interleaving within the bounds', () => {
  test('a partition whose follower lags keeps V2 to V8, V15 and V16', () => {
    const { counterexample, states } = exploreByName('partition-lag', { maxStates: 15_000 });
    expect(counterexample).toBeUndefined();
    expect(states).toBe(15_000);
  });

  test('a quorum with three elections keeps V20 to V23', () => {
    const { counterexample, states } = exploreByName('quorum-three-elections', { maxStates: 15_000 });
    expect(counterexample).toBeUndefined();
    expect(states).toBe(15_000);
  });
});

/** What comes of the steps: the machines that ship may not even take them. */
function endOf(file: string): string {
  try {
    return replayCounterexample(file) ?? 'nothing broken';
  } catch (error) {
    return String(error);
  }
}

describe('a mutant is found, by the shortest way to it', () => {
  test.each([
    ['M10', 'V4'],
    ['M11', 'V4'],
    ['M17', 'V21'],
    ['M19', 'V22'],
  ])('%s breaks %s, and its file shows it again', (mutant, invariant) => {
    const name = hunts.get(mutant) ?? '';
    const found = exploreByName(name, { maxStates: 100_000 }, mutant);
    expect(found.counterexample?.violation).toMatch(new RegExp(`^${invariant}:`));
    const file = formatCounterexample(name, mutant, found);
    expect(replayCounterexample(file)).toBe(found.counterexample?.violation);
    expect(endOf(file.replace(/^mutants .*\n/m, ''))).not.toMatch(/^V/);
  });
});
