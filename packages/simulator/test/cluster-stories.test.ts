import { describe, expect, it } from 'vitest';
import { ClusterWorld, type ClusterWorldOptions } from '../src/cluster-world.ts';

/** Three brokers that run, with a topic of one partition that is written to and read. */
function cluster(config: string, options: Partial<ClusterWorldOptions> = {}): ClusterWorld {
  const world = new ClusterWorld({ seed: 1, ...options });
  world.startAll();
  world.play(`
    run until all-running within 5000 ms
    topic t 1 3 ${config}; run until led t-0 within 2000 ms
    let L = leader:t-0; let F = follower:t-0; let O = other:t-0
    write t-0; read t-0; run until acknowledged 10 within 2000 ms`);
  return world;
}

const own = { controllers: 1 };

/** What becomes of a topic that is deleted while the last readers look for records that rotted (D9). */
function concludeAnew(): ClusterWorld {
  const world = cluster('min.insync.replicas=2');
  world.play('until acknowledged 40; leave O; until dead O; start O; until all-running; rot O t-0 flip');
  expect(world.disks.hasRotted).toBe(true);
  world.play('recreate t');
  world.conclude();
  return world;
}

describe('a cluster on virtual time', () => {
  it('O3: a disk that is wiped is formatted in no time: nothing happens meanwhile that no oracle looks at', () => {
    const world = cluster('min.insync.replicas=2', own);
    world.play('crash O');
    const [{ nowMs }, { count }] = [world.time, world.trace];
    world.play('wipe O');
    expect([world.time.nowMs, world.trace.count]).toEqual([nowMs, count]);
    world.play('start O');
    world.conclude();
  });

  it('starts, makes a topic, takes records and gives them to readers', () => {
    const world = cluster('min.insync.replicas=2');
    world.conclude();
    expect(world.history.acknowledged.length).toBeGreaterThanOrEqual(10);
  });

  it('is held to its promises also while a topic is made anew whose records had rotted', () => {
    expect(concludeAnew().isConverged).toBe(true);
  });

  it('story 1: the leader is killed under load; nothing is lost, and the next acknowledgement comes within a second', () => {
    const world = cluster('min.insync.replicas=2');
    world.play('crash L');
    const before = world.history.acknowledged.length;
    const isAcknowledgedAgain = (): boolean => world.history.acknowledged.length > before;
    expect(world.runUntil(isAcknowledgedAgain, 1000)).toBe(true);
    world.play('start L; run 1000 ms');
    world.conclude();
  });

  it('story 1: a leader that is not the controller is killed; another leads after the grace of 200 ms and two flushes, also soon after it has come back (C7)', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = cluster('min.insync.replicas=2', { ...own, seed });
      for (let deaths = 0; deaths < 3; deaths++) {
        world.play(`
          let L = leader:t-0; let F = follower:t-0
          crash L; run until leads F t-0 within 260 ms
          start L; run until in-sync t-0 1 2 3 within 5000 ms`);
      }
      world.conclude();
    }
  });

  it('story 4: with min.insync.replicas=2 writing ends when the second replica dies, and goes on when one is back', () => {
    const world = cluster('min.insync.replicas=2', own);
    world.play(`
      crash F; run until in-sync t-0 L O within 5000 ms
      run 1000 ms; crash O; run until last-error NOT_ENOUGH_REPLICAS within 5000 ms`);
    const before = world.history.acknowledged.length;
    world.run(2000);
    expect(world.history.acknowledged.length).toBe(before);
    world.play(
      'start F; run until in-sync t-0 L F within 5000 ms; start O; run until in-sync t-0 L F O within 5000 ms',
    );
    world.conclude();
    expect(world.history.acknowledged.length).toBeGreaterThan(before);
  });

  it('story 4: with min.insync.replicas=1 writing goes on with the leader alone', () => {
    const world = cluster('min.insync.replicas=1', own);
    world.play('crash F; crash O; run until in-sync t-0 L within 5000 ms');
    const before = world.history.acknowledged.length;
    world.run(1000);
    expect(world.history.acknowledged.length).toBeGreaterThan(before);
    world.play('start F; run 500 ms; start O; run until in-sync t-0 L F O within 5000 ms');
    world.conclude();
  });

  it('story 5: all three dead: the partition waits for the one that has everything, whoever comes first', () => {
    const world = cluster('min.insync.replicas=1', own);
    world.play(`
      crash F; run until in-sync t-0 L O within 5000 ms; run 500 ms
      crash O; run until in-sync t-0 L within 5000 ms; run 500 ms
      crash L; run until not led t-0 within 5000 ms
      start F; run until running F within 5000 ms
      run 5000 ms; expect not led t-0
      start L; run until leads L t-0 within 5000 ms
      start O; run until in-sync t-0 L F O within 10000 ms`);
    world.conclude();
    expect(world.lostRecords).toBe(0);
  });

  it('story 6: all three dead, unclean: the first one back leads, and what is lost is named', () => {
    const world = cluster('min.insync.replicas=1 unclean.leader.election.enable=true', own);
    world.play(`
      crash F; run until in-sync t-0 L O within 5000 ms; run 500 ms
      crash O; run until in-sync t-0 L within 5000 ms; run 500 ms
      crash L; run until not led t-0 within 5000 ms
      start F; run until leads F t-0 within 10000 ms; run 500 ms
      start L; start O; run until in-sync t-0 L F O within 10000 ms`);
    world.conclude();
    expect(world.lostRecords).toBeGreaterThan(0);
    expect(world.clients.consumers[0]?.truncations.length).toBeGreaterThan(0);
  });

  it('story 7: everything is killed at once, twenty times, under load', () => {
    const world = cluster('min.insync.replicas=2');
    for (let round = 0; round < 20; round++) {
      world.play('crash L F O; run 50 ms; start L F O; run until led t-0 within 5000 ms');
      const before = world.history.acknowledged.length;
      const goesOn = (): boolean => world.history.acknowledged.length >= before + 5;
      expect(world.runUntil(goesOn, 10_000)).toBe(true);
    }
    world.conclude();
  });

  it('the power of all fails at once, five times, and what was acknowledged is there (flush policy commit, D2)', () => {
    const world = cluster('min.insync.replicas=2');
    for (let round = 0; round < 5; round++) {
      world.play('power L F O; run 50 ms; start L F O; run until led t-0 within 10000 ms');
      const before = world.history.acknowledged.length;
      const goesOn = (): boolean => world.history.acknowledged.length >= before + 5;
      expect(world.runUntil(goesOn, 10_000)).toBe(true);
    }
    world.conclude();
  });
});
