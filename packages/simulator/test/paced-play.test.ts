import { describe, expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';
import { PacedPlay } from '../src/paced-play.ts';
import { SimulationFailure } from '../src/world.ts';

const schedule = `
  until all-running within 5000 ms; topic t 1,2,3; until in-sync t-0 1 2 3 within 5000 ms
  produce t-0 a b; until acked b within 2000 ms; run 333 ms
  crash 1; until leads-itself 2 t-0 within 5000 ms; start 1; run 2000 ms; expect in-sync t-0 1 2 3`;

function begun(): ClusterWorld {
  const world = new ClusterWorld({ seed: 3 });
  world.startAll();
  return world;
}

describe('a schedule played in pieces', () => {
  it.each([1, 7, 16.7, 5000])('E10: in pieces of %d ms the same happens as at once', (pieceMs) => {
    const whole = begun();
    whole.play(schedule);
    const world = begun();
    const play = new PacedPlay(world);
    play.add(schedule);
    while (!play.advance(pieceMs));
    expect(world.trace.value).toBe(whole.trace.value);
    expect(world.time.nowMs).toBe(whole.time.nowMs);
  });

  it('takes no more time than it is given, and stops where the schedule ends', () => {
    const world = begun();
    const begunMs = world.time.nowMs;
    const play = new PacedPlay(world);
    play.add('run 100 ms');
    expect(play.advance(60)).toBe(false);
    expect(world.time.nowMs).toBe(begunMs + 60);
    expect(play.advance(60)).toBe(true);
    expect(world.time.nowMs).toBe(begunMs + 100);
    expect(play.isDone).toBe(true);
  });

  it('says what did not come to hold', () => {
    const play = new PacedPlay(begun());
    play.add('until topic t within 300 ms');
    expect(() => {
      while (!play.advance(50));
    }).toThrow(/not within 300 ms: topic t/);
  });

  it('an expectation that is not met fails as it does at once', () => {
    const play = new PacedPlay(begun());
    play.add('run 10 ms; expect topic t');
    expect(() => play.advance(50)).toThrow(SimulationFailure);
  });

  it('changes a setting of a topic by a client’s command', () => {
    const world = begun();
    world.play(`until all-running within 5000 ms; topic t 1,2,3 min.insync.replicas=1
      until in-sync t-0 1 2 3 within 5000 ms; configure t unclean.leader.election.enable=true; run 200 ms`);
    expect(world.image?.configs.get('topic:t')?.get('unclean.leader.election.enable')).toBe('true');
  });
});
