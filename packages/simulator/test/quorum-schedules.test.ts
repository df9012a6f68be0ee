import { describe, it } from 'vitest';
import { QuorumWorld, type QuorumWorldOptions } from '../src/quorum-world.ts';

/** Plays a schedule on a quorum that has elected a leader, called L; the others are F and O. */
function story(schedule: string, options: Partial<QuorumWorldOptions> = {}): void {
  const world = new QuorumWorld({ seed: 1, ...options });
  world.startAll();
  world.play('run until leader; run until converged; let L = leader');
  if (world.nodes.length > 1) world.play('let F = follower; let O = other');
  world.play(schedule);
}

describe('the quorum on virtual time', () => {
  it('elects a leader, commits a change, and elects another when the leader is killed', () =>
    story(`
      append x; run until acknowledged x within 500 ms
      crash L; run until leader within 1500 ms
      append y; run until acknowledged y within 500 ms
      start L; run until converged within 1000 ms`));

  it('S63 a leader that hears nobody resigns, though it is heard (Q8)', () =>
    story(`
      cut F>L O>L; run until not leads L within 1000 ms
      run until leader within 5000 ms
      heal; run until converged within 5000 ms`));

  it('S63 progress through one bridge: 1-2 and 2-3, not 1-3', () =>
    story(`
      cut F|O; crash L; run 2000 ms; expect not leader
      start L; run until leader within 10000 ms
      append x; run until acknowledged x within 1000 ms`));

  it('S65 a leader that lost its tail with the power does not write it anew in the same epoch (Q6)', () =>
    story(`
      disk L 200
      append x; append y
      power L; start L
      run until leader within 10000 ms; append z; run until acknowledged z within 2000 ms
      run until converged within 10000 ms`));

  it('S69 a voter with an empty disk is a stranger: it observes and has no vote (Q12, Q13)', () =>
    story(`
      append x; run until acknowledged x within 500 ms
      crash O; wipe O; start O; run until converged within 5000 ms
      expect is O observer
      crash L; run 5000 ms; expect not leader
      start L; run until leader within 5000 ms`));

  it('S70 a leader that was paused learns that it is none before it commits anything (Q8)', () =>
    story(`
      stop L; run until leader within 5000 ms; append x; run until acknowledged x within 500 ms
      cont L; run until converged within 5000 ms
      expect not leads L`));

  it('the power of all fails at once, and nothing acknowledged is lost', () =>
    story(`
      append x; append y; run until acknowledged y within 500 ms
      append z; power L F O; start L F O
      run until converged within 10000 ms`));
});
