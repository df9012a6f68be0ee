import type { PeerRequest } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { batchOf, directoryOf, type Member, World } from './support/world.ts';

/** A cluster at rest with its leader, and the others. */
function settled(voters = [1, 2, 3], observers: readonly number[] = []) {
  const world = new World(voters, observers).start();
  const leader = world.settle();
  world.run(1000);
  const followers = voters.filter((id) => id !== leader.id).map((id) => world.member(id));
  const [one = leader, other = leader] = followers;
  world.lines = [];
  return { world, leader, one, other };
}

function voteOf(from: number, to: number, epoch: number, changes: Partial<PeerRequest<'vote'>['body']> = {}) {
  const body = {
    clusterId: 'cluster',
    epoch,
    candidateId: from,
    candidateDirectoryId: directoryOf(from),
    voterId: to,
    voterDirectoryId: directoryOf(to),
    lastEpoch: 1,
    lastEpochEndOffset: 1,
    preVote: false,
    ...changes,
  };
  return { api: 'vote', body } as const;
}

function fetchOf(from: number, epoch: number, changes: Partial<PeerRequest<'fetchMetadata'>['body']> = {}) {
  const body = {
    clusterId: 'cluster',
    epoch,
    replicaId: from,
    replicaDirectoryId: directoryOf(from),
    fetchOffset: 1,
    lastFetchedEpoch: 1,
    highWatermark: 1,
    maxWaitMs: 0,
    maxBytes: 1_000_000,
    ...changes,
  };
  return { api: 'fetchMetadata', body } as const;
}

function contents({ log }: Member): readonly string[] {
  const read = log.read(log.logStartOffset, { upToOffset: log.logEndOffset, maxBytes: 1e9 });
  return read.outcome === 'records' ? read.records.map((batch) => batch.join()) : [];
}

describe('a vote', () => {
  it('Q2: is refused in an older epoch, to a shorter log, and where a leader is known', () => {
    const { world, one, other } = settled();
    expect(world.ask(one.id, other.id, voteOf(one.id, other.id, 0))()).toMatchObject({
      error: 'FENCED_LEADER_EPOCH',
      leaderEpoch: 1,
    });
    expect(world.ask(one.id, other.id, voteOf(one.id, other.id, 1))()).toMatchObject({ voteGranted: false });
    const short = voteOf(one.id, other.id, 5, { lastEpochEndOffset: 0 });
    const answer = world.ask(one.id, other.id, short);
    world.run(10);
    expect(answer()).toMatchObject({ error: 'NONE', voteGranted: false, leaderEpoch: 5 });
  });
  it('Q2, Q5: is refused to a log shorter than all of the own, flushed or not: an earlier life may have acknowledged it', () => {
    const { world, leader, one, other } = settled();
    other.holdsFlushes = true;
    leader.running.appendRecords([batchOf('a')]);
    world.run(10);
    expect([other.log.flushedEndOffset, other.log.logEndOffset]).toEqual([1, 2]);
    const answer = world.ask(one.id, other.id, voteOf(one.id, other.id, 5, { lastEpochEndOffset: 1 }));
    world.run(10);
    expect(answer()).toMatchObject({ error: 'NONE', voteGranted: false, leaderEpoch: 5 });
  });
  it('X8: is refused to another cluster, to one that is not who it says, and to strangers', () => {
    const { world, one, other } = settled();
    const asked = (from: number, changes: Partial<PeerRequest<'vote'>['body']>) =>
      world.ask(from, other.id, voteOf(one.id, other.id, 9, changes))()?.error;
    expect(asked(one.id, { clusterId: 'another' })).toBe('INCONSISTENT_CLUSTER_ID');
    expect(asked(8, {})).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect(asked(one.id, { candidateDirectoryId: directoryOf(8) })).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect(asked(8, { candidateId: 8, candidateDirectoryId: directoryOf(8) })).toBe('INCONSISTENT_VOTER_SET');
    expect(asked(one.id, { voterDirectoryId: directoryOf(8) })).toBe('INVALID_VOTER_KEY');
    expect(other.running.epoch).toBe(1);
  });
  it('Q1: nothing that depends on it leaves before it is durable', () => {
    const { world, one, other } = settled();
    other.holdsVoteStates = true;
    const answer = world.ask(one.id, other.id, voteOf(one.id, other.id, 5));
    world.run(50);
    expect(answer()).toBeUndefined();
    other.letVoteStatesThrough();
    world.run(5);
    expect(answer()).toMatchObject({ voteGranted: true, leaderEpoch: 5 });
    expect(other.durable.voteState).toMatchObject({ epoch: 5, votedFor: { id: one.id } });
  });
  it('Q3: before an election only pre-votes are asked, and a heard leader is not deposed by them', () => {
    const { world, leader, one, other } = settled();
    const pre = voteOf(one.id, other.id, 1, { preVote: true });
    expect(world.ask(one.id, other.id, pre)()).toMatchObject({ voteGranted: false, leaderId: leader.id });
    const toLeader = voteOf(one.id, leader.id, 1, { preVote: true });
    expect(world.ask(one.id, leader.id, toLeader)()).toMatchObject({ voteGranted: false });
    expect(leader.running.isLeader).toBe(true);
  });
  it('S71: an answer to a question that nobody asks any more changes nothing', () => {
    const { one } = settled();
    const before = one.running.actor.getSnapshot();
    const body = { error: 'NONE', leaderId: 9, leaderEpoch: 99, voteGranted: true };
    one.running.actor.send({ type: 'vote answered', from: 2, generation: -1, body });
    expect(one.running.actor.getSnapshot().context).toEqual(before.context);
  });
});

describe('a leader', () => {
  it('Q4: writes LeaderChange first and commits what a majority has flushed', () => {
    const { world, leader, one, other } = settled();
    expect(leader.running.appendRecords([batchOf('a'), batchOf('b')])).toEqual({
      outcome: 'appended',
      firstOffset: 1,
      lastOffset: 2,
    });
    other.end(true);
    world.until('commit', () => leader.running.highWatermark === 3, 20);
    world.until('the follower knows', () => one.running.highWatermark === 3, 20);
    expect(contents(one)).toEqual(contents(leader));
  });
  it('Q5: an end that is not flushed counts for nothing, nor does the own', () => {
    const { world, leader, one, other } = settled();
    for (const member of [one, other]) member.holdsFlushes = true;
    leader.running.appendRecords([batchOf('a')]);
    world.run(200);
    expect([one.log.logEndOffset, leader.running.highWatermark]).toEqual([2, 1]);
    one.log.flushNow();
    world.run(10);
    expect(leader.running.highWatermark).toBe(2);
  });
  it('Q8: resigns when no majority has fetched for one and a half fetch timeouts', () => {
    const { world, leader } = settled();
    world.isolate(leader.id);
    const cutMs = world.timeline.nowMs();
    world.until('resignation', () => leader.running.state === 'resigned', 2000);
    const silentMs = world.timeline.nowMs() - cutMs;
    expect(silentMs).toBeGreaterThan(600);
    expect(silentMs).toBeLessThanOrEqual(901);
    expect(leader.running.appendRecords([batchOf('late')])).toEqual({ outcome: 'not leader' });
  });
  it('Q8: stays while one of two others fetches', () => {
    const { world, leader, one } = settled();
    world.isolate(one.id);
    world.run(10_000);
    expect([leader.running.isLeader, leader.running.epoch]).toEqual([true, 1]);
    const reachable = leader.running.describe().voters.filter((voter) => voter.reachable);
    expect(reachable.map(({ id }) => id)).not.toContain(one.id);
  });
  it('S63: that sends but is not heard is followed by another', () => {
    const { world, leader, one, other } = settled();
    world.network.cut(one.id, leader.id);
    world.network.cut(other.id, leader.id);
    world.until('another leader', () => one.running.isLeader || other.running.isLeader, 5000);
    world.run(2000);
    expect(leader.running.isLeader).toBe(false);
  });
  it('S61: is kept while two of three hear it, though the third hears one of them only', () => {
    const { world, leader, one } = settled();
    world.network.cut(leader.id, one.id);
    world.network.cut(one.id, leader.id);
    world.run(20_000);
    expect([leader.running.isLeader, leader.running.epoch]).toEqual([true, 1]);
  });
  it('Q9: tells a voter that comes late who leads', () => {
    const world = new World([1, 2, 3]).start(1, 2);
    const leader = world.settle();
    world.run(2000).start(3);
    world.until('the third follows', () => world.member(3).running.leaderId === leader.id, 1000);
  });
  it('Q9 X13: one that claims to lead an epoch which another leads is not believed, and ends nobody', () => {
    const { world, leader, one, other } = settled();
    const body = {
      clusterId: 'cluster',
      leaderId: one.id,
      leaderEpoch: 1,
      voterDirectoryId: directoryOf(other.id),
    };
    const ended = { ...body, preferredSuccessors: [other.id] };
    const answers = [
      world.ask(one.id, other.id, { api: 'beginQuorumEpoch', body }),
      world.ask(one.id, other.id, { api: 'endQuorumEpoch', body: ended }),
    ];
    for (const answer of answers)
      expect(answer()).toMatchObject({ error: 'INVALID_REQUEST', leaderId: leader.id });
    expect(world.lines.join()).toContain(
      `node ${one.id} says that it leads epoch 1, which ${leader.id} leads (Q9): not believed`,
    );
    world.run(1000);
    expect([other.running.leaderId, other.running.epoch]).toEqual([leader.id, 1]);
  });
  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 17, -2])(
    'X9: a request of epoch %d, which no majority tells of, is refused: nobody would ever come down from there',
    (epoch) => {
      const { world, one, other } = settled();
      const candidate = { candidateId: one.id, candidateDirectoryId: directoryOf(one.id) };
      const voter = { voterId: other.id, voterDirectoryId: directoryOf(other.id) };
      const end = { lastEpoch: 1, lastEpochEndOffset: 99, clusterId: 'cluster' };
      const leads = { clusterId: 'cluster', leaderId: one.id, leaderEpoch: epoch };
      const answers = [
        ...[true, false].map((preVote) =>
          world.ask(one.id, other.id, {
            api: 'vote',
            body: { ...candidate, ...voter, ...end, epoch, preVote },
          }),
        ),
        world.ask(one.id, other.id, {
          api: 'beginQuorumEpoch',
          body: { ...leads, voterDirectoryId: directoryOf(other.id) },
        }),
        world.ask(one.id, other.id, {
          api: 'endQuorumEpoch',
          body: { ...leads, preferredSuccessors: [other.id] },
        }),
      ];
      for (const answer of answers) expect(answer()).toMatchObject({ error: 'INVALID_REQUEST' });
      expect(other.running.epoch).toBe(1);
    },
  );
  it('answers parked fetches when there is something to tell, at their time, and when it leaves', () => {
    const { world, leader, one } = settled();
    const parked = (maxWaitMs: number) => world.ask(one.id, leader.id, fetchOf(one.id, 1, { maxWaitMs }));
    const first = parked(100);
    world.run(99);
    expect(first()).toBeUndefined();
    world.run(1);
    expect(first()).toMatchObject({ error: 'NONE', records: [] });
    const second = parked(100);
    leader.running.appendRecords([batchOf('news')]);
    expect(second()?.records).toHaveLength(1);
    const third = world.ask(
      one.id,
      leader.id,
      fetchOf(one.id, 1, { fetchOffset: 2, highWatermark: 2, maxWaitMs: 100 }),
    );
    leader.running.resign(() => {});
    expect(third()).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER', leaderId: -1 });
  });
  it('A1: refuses fetches of other epochs, and a member that does not lead refuses all', () => {
    const { world, leader, one, other } = settled();
    const asked = (to: Member, epoch: number) => world.ask(one.id, to.id, fetchOf(one.id, epoch))()?.error;
    expect(asked(leader, 0)).toBe('FENCED_LEADER_EPOCH');
    expect(asked(leader, 2)).toBe('UNKNOWN_LEADER_EPOCH');
    expect(asked(other, 1)).toBe('NOT_LEADER_OR_FOLLOWER');
  });
  it('Q9 W4: that resigns is followed in the next epoch, as long as votes are flushed before candidates lose patience', () => {
    const epochsAfter = (seed: number, voteFlushMs: number): number => {
      const world = new World([1, 2, 3], [], seed).start();
      const leader = world.settle();
      world.run(1000);
      const { epoch } = leader.running;
      const others = [...world.members.values()].filter((member) => member !== leader);
      for (const member of others) member.holdsVoteStates = true;
      leader.running.resign(() => {});
      for (let passedMs = 0; passedMs < 3000; passedMs += voteFlushMs) {
        world.run(voteFlushMs);
        for (const member of others) {
          member.letVoteStatesThrough();
          member.holdsVoteStates = true;
        }
      }
      for (const member of others) member.letVoteStatesThrough();
      return world.settle().running.epoch - epoch;
    };
    // The candidate's flush and the voter's: one that takes longer than the least patience, 150 ms here, may cost more epochs.
    const seeds = Array.from({ length: 10 }, (_, index) => index + 1);
    for (const voteFlushMs of [20, 150])
      expect(seeds.map((seed) => epochsAfter(seed, voteFlushMs))).toEqual(seeds.map(() => 1));
  });
  it('that dies is followed by another well under half a second after its address refused', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World([1, 2, 3], [], seed).start();
      const leader = world.settle();
      world.run(3000);
      const diedMs = world.timeline.nowMs();
      leader.end(true);
      world.until('another leader', () => world.leader !== undefined);
      expect(world.timeline.nowMs() - diedMs).toBeLessThan(500);
    }
  });
});

describe('a follower', () => {
  it('Q7: cuts what the leader never had, and never below its high watermark', () => {
    const { world, leader, one, other } = settled();
    world.isolate(leader.id);
    leader.running.appendRecords([batchOf('lost'), batchOf('lost too')]);
    world.until('another leader', () => one.running.isLeader || other.running.isLeader, 5000);
    world.settle().running.appendRecords([batchOf('kept')]);
    world.run(2000);
    expect(leader.log.logEndOffset).toBe(3);
    world.network.heal();
    world.until('agreement', () => leader.running.highWatermark === one.log.logEndOffset, 5000);
    expect(contents(leader)).toEqual(contents(one));
  });
  it('Q7 X13: cuts nothing that is committed, whoever says so, and says that it does not', () => {
    const { world, leader, one } = settled();
    leader.running.appendRecords([batchOf('a')]);
    world.run(100);
    const before = contents(one);
    // A leader whose log was cut behind its back: what no correct member does.
    leader.log.truncateTo(1);
    leader.running.appendRecords([]);
    world.until('a complaint', () => world.lines.join().includes('below the high watermark'), 2000);
    world.run(2000);
    expect(contents(one).slice(0, before.length)).toEqual(before);
    expect(world.lines.join()).not.toContain('FAILED');
  });
  it('Q6: comes back as follower of the leader that it knew', () => {
    const { world, leader, one } = settled();
    one.end(false);
    one.start();
    expect([one.running.state, one.running.leaderId]).toEqual(['follower', leader.id]);
    world.until('it is heard again', () => one.running.highWatermark === 1, 100);
    expect(leader.running.epoch).toBe(1);
  });
  it('Q12: with another directory is a stranger that observes and has no vote', () => {
    const { world, leader, one } = settled();
    const body = fetchOf(one.id, 1, { fetchOffset: 99, replicaDirectoryId: directoryOf(8) });
    expect(world.ask(one.id, leader.id, body)()?.error).toBe('CLUSTER_AUTHORIZATION_FAILED');
  });
  it('D3: stops the node when its log has failed', () => {
    const { world, one } = settled();
    one.running.logFailed('EIO');
    expect(world.lines).toContain(`${one.id} FAILED: EIO`);
  });
});

describe('an observer', () => {
  it('Q13: follows the leader, counts for nothing and gives no vote', () => {
    const { world, leader, one, other } = settled([1, 2, 3], [7]);
    const observer = world.member(7);
    one.end(true);
    other.end(true);
    leader.running.appendRecords([batchOf('a')]);
    world.run(300);
    expect([observer.log.logEndOffset, leader.running.highWatermark]).toEqual([2, 1]);
    expect(leader.running.describe().observers).toMatchObject([{ id: 7, logEndOffset: 2 }]);
    const vote = world.ask(one.id, 7, voteOf(one.id, 7, 9));
    expect(vote()).toMatchObject({ error: 'INVALID_VOTER_KEY', voteGranted: false });
  });
  it('Q13: finds the next leader by asking the voters', () => {
    const { world, leader } = settled([1, 2, 3], [7]);
    leader.end(true);
    world.until(
      'the next leader is known',
      () => (world.leader?.id ?? -1) === world.member(7).running.leaderId,
      1000,
    );
  });
});

describe('a voter without a majority', () => {
  it('names the voters that are missing, and no other', () => {
    const { world, leader, one, other } = settled();
    const missing = (): readonly number[] =>
      one.running
        .describe()
        .voters.filter((voter) => !voter.reachable)
        .map(({ id }) => id);
    expect(missing()).toEqual([]);
    leader.end(false);
    other.end(false);
    world.run(5000);
    expect(missing()).toEqual([leader.id, other.id].toSorted((a, b) => a - b));
    other.start();
    world.until('the two have a leader', () => world.leader !== undefined, 10_000);
    world.run(1000);
    expect(missing()).toEqual([leader.id]);
  });
});

describe('a lone voter', () => {
  it('Q10: elects itself at once, also after a restart, in a new epoch', () => {
    const world = new World([1]).start();
    world.until('leader', () => world.leader !== undefined, 5);
    const { running } = world.settle();
    expect(running.epoch).toBe(1);
    world.member(1).end(false);
    world.start();
    world.until('leader', () => world.leader !== undefined, 5);
    expect(world.settle().running.epoch).toBe(2);
  });
  it('Q8: is its own majority, and sets no timer to hear of another', () => {
    const world = new World([1]).start();
    const { running } = world.settle();
    world.run(10_000);
    expect([running.isLeader, running.epoch]).toEqual([true, 1]);
    // Longer ones a platform's timers do not keep: Node fires them at once.
    expect(world.timeline.longestDelayMs).toBeLessThan(2 ** 31);
  });
});
