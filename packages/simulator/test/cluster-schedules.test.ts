import { describe, expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';

/** Plays a schedule on three brokers with a controller of its own, a writer and a reader; then calls in every promise. */
function story(
  schedule: string,
  config = 'min.insync.replicas=2',
  settings: Readonly<Record<string, string>> = {},
  diskDelay = { minMs: 0, maxMs: 2 },
): ClusterWorld {
  const world = new ClusterWorld({ seed: 2, controllers: 1, settings, diskDelay });
  world.startAll();
  world.play(`
    run until all-running within 5000 ms
    topic t 1 3 ${config}; run until led t-0 within 2000 ms
    let L = leader:t-0; let F = follower:t-0; let O = other:t-0
    write t-0; read t-0; run until acknowledged 10 within 2000 ms`);
  world.play(schedule);
  world.conclude();
  return world;
}

describe('schedules of partitions on virtual time', () => {
  it('S40 a leader is killed before it answers: the retry gets the original offset (P1)', () => {
    const world = story(`
      crash L; run until led t-0 within 5000 ms; run 200 ms; start L; run until in-sync t-0 L F O within 10000 ms
      let M = leader:t-0; crash M; run until led t-0 within 5000 ms; run 200 ms; start M`);
    const values = new Set(world.history.given.map(({ value }) => value));
    expect(values.size).toBe(world.history.given.length);
  });

  it('S41 a paused leader serves nothing that is no longer so when it goes on (L9, V9)', () => {
    story(`
      stop L; run until not leads L t-0 within 10000 ms; run 1000 ms
      cont L; run until in-sync t-0 L F O within 10000 ms`);
  });

  it('E2 the way between two brokers is cut, their controller hears both: the follower leaves, and returns (I3, I4)', () => {
    story(`
      cut L|O; run until in-sync t-0 L F within 10000 ms; run 500 ms
      heal; run until in-sync t-0 L F O within 10000 ms`);
  });

  it('the only controller is killed: writing goes on, and changes are made when it is back', () => {
    const world = story(`
      crash 101; run 500 ms; crash O; run 500 ms
      start 101; run until in-sync t-0 L F within 15000 ms; start O`);
    expect(world.history.acknowledged.length).toBeGreaterThan(10);
  });

  it('S23 a topic is deleted and made anew under load, and the power fails: nothing of the old one comes back (D1, D10)', () => {
    story(`
      run 6000 ms; recreate t; run until led t-0 within 5000 ms; run 20 ms
      power L F O 101; start L F O 101; run until led t-0 within 10000 ms; run 500 ms
      recreate t; power L F; run 100 ms; start L F; run until led t-0 within 10000 ms; run 500 ms`);
  });

  it('the power of the only controller fails after a snapshot: what it had committed is there (Q11, D10)', () => {
    const small = { 'metadata.log.max.record.bytes.between.snapshots': '300' };
    story(
      'power 101; run 100 ms; start 101; run 1000 ms; power 101; start 101; run 1000 ms',
      undefined,
      small,
    );
  });

  it.each([101, 'L'])(
    'D1, D8: the power of %s fails and its next process is killed within milliseconds: what was torn is no damage',
    (victim) => {
      const again = Array.from({ length: 40 }, (_, round) => {
        const wait = `recreate u; run ${20 + (round % 7)} ms; power ${victim}; run 20 ms; start ${victim}`;
        return `${wait}; run ${round % 12} ms; crash ${victim}; start ${victim}; run until all-running within 10000 ms`;
      });
      const schedule = `topic u 1 3; run until led u-0 within 2000 ms; ${again.join(';')}`;
      const world = story(schedule, 'min.insync.replicas=2', {}, { minMs: 2, maxMs: 12 });
      const torn = world.said.filter((line) => line.includes('of a torn tail'));
      expect(torn).not.toEqual([]);
      expect(world.said.filter((line) => line.includes('its log failed'))).toEqual([]);
    },
  );

  it('a broker stops in order while it leads, and comes back (C9)', () => {
    story(
      'leave L; run until not leads L t-0 within 5000 ms; run 500 ms; start L; run until in-sync t-0 L F O',
    );
  });
});
