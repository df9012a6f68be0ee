import type { PartitionExplanation } from '@odradek/client';
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/explain/findings.ts';
import { brokersText, clockText } from '../../src/explain/words.ts';

type Words = PartitionExplanation['words'][number];
type Broker = PartitionExplanation['brokers'][number];

const sinceMs = new Date(2026, 0, 31, 12, 3, 11).getTime();

function words(broker: number, more: Partial<Words> = {}): Words {
  const ends = {
    logStartOffset: 0,
    logEndOffset: 100,
    flushedEndOffset: 100,
    lastEpoch: 4,
    highWatermark: 100,
  };
  const asLeader = { minInSync: -1, lagTimeMaxMs: -1, pendingKind: '', pendingReplicas: [], followers: [] };
  const place = { topicId: 'id', partition: 1, broker, leaderEpoch: 4 };
  const itself = { state: 'following', role: 'caught up', failure: '', noRoom: '' };
  return { ...place, ...ends, ...asLeader, ...itself, ...more };
}

function leads(more: Partial<Words> = {}): Words {
  return words(1, { state: 'leading', role: 'serving', minInSync: 2, lagTimeMaxMs: 3000, ...more });
}

function broker(id: number, more: Partial<Broker> = {}): Broker {
  const life = { isRegistered: true, isFenced: false, isShuttingDown: false, brokerEpoch: id * 10, sinceMs };
  return { id, trouble: '', ...life, address: `10.0.0.${id}:9092`, ...more };
}

function told(more: Partial<PartitionExplanation> = {}): PartitionExplanation {
  return {
    ...{ topic: 'laser', topicId: 'id', partition: 1, leader: 1, leaderEpoch: 4, replicas: [1, 2, 3] },
    ...{ inSyncReplicas: [1, 2, 3], eligibleLeaderReplicas: [], lastKnownLeaders: [], failedReplicas: [] },
    ...{ minInSyncReplicas: 2, isUncleanEnabled: false, controllerId: 2, missingQuorum: '', waitingFor: [] },
    brokers: [broker(1), broker(2), broker(3)],
    words: [leads(), words(2), words(3)],
    ...more,
  };
}

const follower = { broker: 3, logEndOffset: 60, flushedEndOffset: 50, caughtUpAgoMs: 4200 };

describe('why a partition is as it is', () => {
  it('of one that is well nothing is found', () => {
    expect(findingsOf(told())).toEqual([]);
  });

  it('C3 offline: who held what was committed, since when it is gone, what helps, and what that would cost', () => {
    const partition = told({
      ...{ leader: -1, leaderEpoch: 5, inSyncReplicas: [3], waitingFor: [3] },
      brokers: [broker(1), broker(2), broker(3, { isFenced: true })],
      words: [words(1, { state: 'offline', role: '' }), words(2, { state: 'offline', role: '' })],
    });
    expect(findingsOf(partition)).toEqual([
      {
        kind: 'offline',
        text: `laser-1 is offline since leader epoch 5: its last replica with all that was committed is broker 3 (broker epoch 30), which is fenced since ${clockText(sinceMs)}. It waits for broker 3.`,
        help: [
          'Start broker 3 again, with the directory it had: then nothing is lost.',
          'Or give up what only broker 3 may have, and let brokers 1 and 2 lead: odradek topic elect laser --partition 1 --kind unclean',
        ],
      },
    ]);
  });

  it('C3 offline with nobody else alive: no unclean election is offered', () => {
    const gone = [1, 2, 3].map((id) => broker(id, { isFenced: true }));
    const partition = told({ leader: -1, inSyncReplicas: [1], waitingFor: [1], brokers: gone, words: [] });
    expect(findingsOf(partition)[0]?.help).toEqual([
      'Start broker 1 again, with the directory it had: then nothing is lost.',
    ]);
  });

  it('L6 too few in sync: writes are refused by the leader’s own count', () => {
    const partition = told({
      inSyncReplicas: [1],
      brokers: [broker(1), broker(2, { isFenced: true }), broker(3, { isFenced: true, sinceMs: -1 })],
      words: [leads()],
    });
    const [refuses, two, three] = findingsOf(partition);
    expect(refuses).toMatchObject({
      kind: 'refuses writes',
      text: 'laser-1 refuses writes with acks=all, and commits nothing: 1 of 3 replicas is in sync (broker 1), min.insync.replicas asks for 2. Records below the high watermark can be read.',
    });
    expect(refuses?.help).toContain(
      'Or accept fewer copies: odradek topic alter laser --set min.insync.replicas=1',
    );
    expect(two?.text).toContain(`broker 2 is not in sync: it is fenced since ${clockText(sinceMs)}`);
    expect(two?.help[0]).toContain("curl 'http://10.0.0.2:9092/readyz?verbose'");
    expect(three?.text).toContain('broker 3 is not in sync: it is fenced, so');
  });

  it('C9 one that was stopped in order is no riddle', () => {
    const partition = told({
      inSyncReplicas: [1, 3],
      brokers: [broker(1), broker(2, { isFenced: true, isShuttingDown: true }), broker(3)],
      words: [leads(), words(3)],
    });
    const [two] = findingsOf(partition);
    expect(two?.text).toContain(
      `broker 2 is not in sync: it was stopped in order, at ${clockText(sinceMs)}.`,
    );
    expect(two?.help).toEqual(['Start broker 2.']);
  });

  it('I3 a follower that lives: the clause of the guard that speaks against it, and what it says itself', () => {
    const of = (obstacle: string, more: Partial<Words> = {}) =>
      findingsOf(
        told({
          inSyncReplicas: [1, 2],
          words: [
            leads({ followers: [{ ...follower, obstacle }], ...more }),
            words(2),
            words(3, { role: 'reconciling', logEndOffset: 60 }),
          ],
        }),
      ).map(({ text }) => text);
    expect(of('is below the high watermark')).toEqual([
      'laser-1 is under-replicated: broker 3 is not in sync: it is below the high watermark, 50 records behind; it was last caught up 4.2 s ago. It says: reconciling, its log ends at 60.',
    ]);
    const silent = { ...follower, obstacle: 'is below the high watermark' };
    const [unheard] = findingsOf(
      told({ inSyncReplicas: [1, 2], words: [leads({ followers: [silent] }), words(2)] }),
    );
    expect(unheard?.text).toContain('It does not answer, or knows nothing of it yet.');
    expect(unheard?.help).toEqual(['See what is between broker 3 and its peers at 10.0.0.3:9092.']);
    expect(of('has not fetched in this leader epoch')[0]).toContain(
      'it has not fetched from broker 1 in epoch 4.',
    );
    expect(of('', { pendingKind: 'expand', pendingReplicas: [3] })[0]).toContain(
      'its leader has asked the controller to take it in',
    );
  });

  it('D3 a log that has failed, with the disk’s own words', () => {
    const failure = 'fdatasync of laser-1/00000000000000000000.log failed: EIO';
    const partition = told({
      ...{ inSyncReplicas: [1, 2], failedReplicas: [3] },
      words: [leads(), words(2), words(3, { state: 'failed', role: '', failure })],
    });
    expect(findingsOf(partition)).toMatchObject([
      { kind: 'failed log', text: expect.stringContaining(failure) },
    ]);
  });

  it('D6 a leader whose disk has no room, and who could lead meanwhile', () => {
    const noRoom = 'the disk has less than 100 bytes left: records are refused until there is room';
    const [finding, ...others] = findingsOf(told({ words: [leads({ noRoom }), words(2), words(3)] }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'refuses writes',
      text: `laser-1 refuses writes: on broker 1, its leader, ${noRoom}. What is there can be read.`,
    });
    expect(finding?.help[1]).toBe(
      'Or wait: broker 2 or broker 3 leads instead once its disk has had room for a while.',
    );
    const [alone] = findingsOf(
      told({ words: [leads({ noRoom }), words(2, { noRoom }), words(3, { noRoom })] }),
    );
    expect(alone?.help[1]).toBe('Or on that of another replica: in sync and with room it leads instead.');
    expect(findingsOf(told({ words: [leads(), words(2, { noRoom }), words(3)] }))).toEqual([]);
  });

  it('D11 a log that is not open for want of a file is not lost, and comes by itself', () => {
    const failure = 'open of laser-1/00000000000000000000.log failed: EMFILE';
    const partition = told({
      ...{ inSyncReplicas: [1, 2], failedReplicas: [3] },
      words: [leads(), words(2), words(3, { state: 'refused', role: '', failure })],
    });
    expect(findingsOf(partition)).toMatchObject([
      { kind: 'refused log', text: expect.stringContaining(`${failure}. Nothing of it is lost`) },
    ]);
  });

  it('D6 a broker that cannot write what is new in the metadata is told as such, where it leads and where it follows', () => {
    const trouble = 'it cannot write what is new in the metadata, and hears of no leader and no topic';
    const brokers = [broker(1, { trouble }), broker(2), broker(3)];
    expect(findingsOf(told({ brokers, words: [words(2), words(3)] }))[0]).toEqual({
      kind: 'unsettled',
      text: `laser-1 is led by broker 1 in epoch 4, but that broker does not lead it: ${trouble}.`,
      help: [
        'Make room on the disk of broker 1: it goes on by itself. Or stop it in order until there is room: then another leads.',
      ],
    });
    const led = told({ brokers, leader: 2, inSyncReplicas: [2, 3], words: [words(2), words(3)] });
    expect(findingsOf(led).at(-1)).toEqual({
      kind: 'under-replicated',
      text: `laser-1 is under-replicated: broker 1 is not in sync: ${trouble}.`,
      help: ['Make room on the disk of broker 1: it goes on by itself, and catches up.'],
    });
  });

  it('a leader that does not answer, or has not heard of it, is said to be so', () => {
    expect(findingsOf(told({ words: [words(2), words(3)] }))[0]).toMatchObject({
      kind: 'unsettled',
      text: 'laser-1 is led by broker 1 in epoch 4, but that broker does not answer at 10.0.0.1:9092 when the others ask, or knows nothing of it yet.',
      help: [expect.stringContaining("See what it says: curl 'http://10.0.0.1:9092/readyz?verbose'.")],
    });
    const alone = findingsOf(told({ inSyncReplicas: [1, 2], words: [words(2), words(3)] }));
    expect(alone.at(-1)?.text).toContain(
      'broker 3 is not in sync; why, broker 1 would know, which leads and does not answer. It says: caught up',
    );
    const behind = told({ words: [words(1, { leaderEpoch: 3 }), words(2), words(3)] });
    expect(findingsOf(behind)[0]?.text).toContain('that broker says: following in epoch 3');
  });

  it('L8 a leader that does not know yet what is committed; no quorum', () => {
    expect(findingsOf(told({ words: [leads({ role: 'establishing' })] }))).toMatchObject([
      { kind: 'establishing' },
    ]);
    const missingQuorum = 'no quorum: 2 of 3 controllers must be there (missing: 2, 3)';
    expect(findingsOf(told({ missingQuorum }))[0]?.text).toContain(`There is ${missingQuorum}.`);
  });
});

it('several brokers are named as people name them', () => {
  expect([[], [1], [1, 2], [1, 2, 3]].map(brokersText)).toEqual([
    'nobody',
    'broker 1',
    'brokers 1 and 2',
    'brokers 1, 2 and 3',
  ]);
});
