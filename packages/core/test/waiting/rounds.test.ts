import { describe, expect, it } from 'vitest';
import { Rounds } from '../../src/waiting/rounds.ts';
import { TestClock } from '../support/test-clock.ts';

describe('rounds', () => {
  it('come again and again, each at its own interval, until they are closed', () => {
    const clock = new TestClock();
    const rounds = new Rounds(clock);
    const done: string[] = [];
    rounds.every(100, () => done.push('checkpoint'));
    rounds.every(250, () => done.push('retention'));
    clock.advance(500);
    expect(done.filter((what) => what === 'checkpoint')).toHaveLength(5);
    expect(done.filter((what) => what === 'retention')).toHaveLength(2);
    rounds.close();
    clock.advance(500);
    expect(done).toHaveLength(7);
  });
});
