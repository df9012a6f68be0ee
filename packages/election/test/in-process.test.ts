import { memoryLog } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import {
  createQuorum,
  LocalNetwork,
  type MetadataAppend,
  memoryQuorumStorage,
  noVoteState,
  type Quorum,
  type QuorumOptions,
  quorumHandler,
} from '../src/index.ts';
import { SeededRandom, Timeline } from './support/timeline.ts';
import { batchOf, directoryOf } from './support/world.ts';

function inProcess(
  ids: readonly number[],
  parent?: QuorumOptions['parent'],
  more: Partial<QuorumOptions['listener']> = {},
) {
  const timeline = new Timeline();
  const random = new SeededRandom(7);
  const later = (callback: () => void) => void timeline.setTimeout(callback, 1);
  const local = new LocalNetwork(later);
  const voters = ids.map((id) => ({ id, directoryId: directoryOf(id), host: 'localhost', port: 9000 + id }));
  const failures: string[] = [];
  const appended: MetadataAppend[] = [];
  const quorums = voters.map((self): Quorum => {
    const flushed = (end: number): void => quorum.logFlushed(end);
    const network = local.port({ ...self, incarnation: `life of ${self.id}` });
    const quorum = createQuorum({
      clusterId: 'cluster',
      self,
      voters,
      log: memoryLog({ later, listener: { flushed, failed: () => {} } }),
      voteState: noVoteState,
      storage: memoryQuorumStorage(later),
      ports: { clock: timeline, random, network },
      listener: {
        failed: (error) => failures.push(error),
        becameLeader: () => appended.push(quorum.appendRecords([batchOf('first')])),
        ...more,
      },
      ...(parent === undefined ? {} : { parent }),
    });
    network.serve(quorumHandler(quorum));
    quorum.start();
    return quorum;
  });
  const leader = () => quorums.find((quorum) => quorum.isLeader);
  return { timeline, local, quorums, leader, failures, appended };
}

describe('a quorum in one process', () => {
  it('elects, and elects again when its leader has left', () => {
    const { timeline, local, quorums, leader } = inProcess([1, 2, 3]);
    expect(timeline.run(5000, () => quorums.every((quorum) => quorum.highWatermark === 2))).toBe(true);
    const first = leader();
    first?.stop();
    local.leave(first?.leaderId ?? 0);
    expect(timeline.run(5000, () => leader() !== undefined && leader() !== first)).toBe(true);
  });
  it('takes records as soon as it tells that it leads', () => {
    const { timeline, leader, appended } = inProcess([1, 2, 3]);
    timeline.run(5000, () => (leader()?.highWatermark ?? 0) === 2);
    expect(appended).toEqual([{ outcome: 'appended', firstOffset: 1, lastOffset: 1 }]);
  });
  it('Q11: keeps the latest snapshot', () => {
    const { timeline, leader, quorums } = inProcess([1, 2, 3]);
    timeline.run(5000, () => quorums.every((quorum) => quorum.highWatermark === 2));
    leader()?.takeSnapshot({ endOffset: 2, epoch: 1 }, new Uint8Array(3));
    timeline.run(100);
    expect(leader()?.describe()).toMatchObject({ state: 'leader', epoch: 1, highWatermark: 2 });
  });
  it('lives under another actor, in its system', () => {
    const parent = createActor(createMachine({ id: 'node' }), { id: 'node' }).start();
    const { quorums } = inProcess([1, 2, 3], parent);
    expect(quorums[0]?.actor.system).toBe(parent.system);
    for (const quorum of quorums) quorum.stop();
  });
  it('hears of it when whoever is told finds an invariant broken: it has failed', () => {
    const { timeline, failures } = inProcess([1], undefined, {
      highWatermarkMoved: () => {
        throw new Error('what is committed cannot be replayed');
      },
    });
    timeline.run(5000, () => failures.length > 0);
    expect(failures).toEqual(['what is committed cannot be replayed']);
  });
  it('says nothing more once it is stopped', () => {
    const { timeline, quorums, failures } = inProcess([1, 2, 3]);
    timeline.run(5000, () => quorums.every((quorum) => quorum.highWatermark === 2));
    for (const quorum of quorums) quorum.stop();
    for (const quorum of quorums) quorum.logFailed('too late');
    timeline.run(5000);
    expect(failures).toEqual([]);
    expect(quorums.some((quorum) => quorum.isLeader)).toBe(false);
  });
});
