import { describe, expect, it } from 'vitest';
import { defaultCapMs, play, type ScheduleTarget, statementsOf } from '../src/schedule.ts';

function aTarget() {
  const said: string[] = [];
  let clock = 0;
  const target: ScheduleTarget = {
    verbs: { crash: (words) => said.push(`crash ${words.join(',')}`) },
    conditions: { late: ([ms = '0']) => clock >= Number(ms), broken: () => false },
    run: (ms) => {
      clock += ms;
    },
    runUntil: (condition, capMs) => {
      said.push(`waits ${capMs}`);
      clock += capMs;
      return condition();
    },
    never: (text) => said.push(`never ${text}`),
    fail: (message) => {
      throw new Error(message);
    },
  };
  return { target, said };
}

describe('schedules', () => {
  it('are statements by line or semicolon, without remarks', () => {
    expect(statementsOf('crash 1; start 1 # again\n\n  run 5 ms')).toEqual([
      'crash 1',
      'start 1',
      'run 5 ms',
    ]);
  });

  it('are played in order', () => {
    const { target, said } = aTarget();
    play(target, 'crash 1 2; run 500 ms; expect late 500; never broken; run until late 600 within 100 ms');
    expect(said).toEqual(['crash 1,2', 'never broken', 'waits 100']);
  });

  it('wait for a condition no longer than their cap', () => {
    const { target, said } = aTarget();
    expect(() => play(target, 'run until broken')).toThrow(`not within ${defaultCapMs} ms: broken`);
    expect(said).toEqual([`waits ${defaultCapMs}`]);
    expect(() => play(target, 'expect not late 1')).toThrow('not so: not late 1');
  });

  it('say which words they know', () => {
    const { target } = aTarget();
    expect(() => play(target, 'explode 1')).toThrow(
      'no such verb. Known: run, tick, until, expect, never, crash',
    );
    expect(() => play(target, 'expect peace')).toThrow('no such condition. Known: late, broken');
    expect(() => play(target, 'run for a while')).toThrow('a time is written as in "500 ms"');
  });
});
