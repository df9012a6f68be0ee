// Logs that nobody opens after a clean end, until they are needed.

import { DiskError, type LogReadDone, memoryLog } from '@odradek/model';
import { type DiskOperation, emptyLog, type RestingLog } from '@odradek/storage';
import { describe, expect, it } from 'vitest';
import { SleepingLog } from '../../src/node/sleeping-log.ts';
import type { PartitionLog } from '../../src/partition/partition-log.ts';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const resting = emptyLog('TTTTTTTTTTTTTTTTTTTTTA');

/** One that has ten records, the last of epoch 4. */
const written: RestingLog = { ...resting, logEndOffset: 10, epochs: [{ epoch: 4, startOffset: 2 }] };
const everything = { upToOffset: 100, maxBytes: 1000 };
const asLeader = { leaderEpoch: 7, wallMs: 0, origin: 'client' } as const;

function sleeping(state: RestingLog) {
  const later: (() => void)[] = [];
  const failures: string[] = [];
  const refusals: string[] = [];
  const disk: { refusal: string | undefined; opened: PartitionLog | undefined } = {
    refusal: undefined,
    opened: undefined,
  };
  const log = new SleepingLog(state, {
    later: (callback) => later.push(callback),
    failed: (error) => failures.push(error.message),
    refused: (error) => refusals.push(error),
    open: () => {
      if (disk.refusal !== undefined) throw new DiskError(disk.refusal, 'open', 'laser-0');
      const memory = memoryLog({ later: (callback) => later.push(callback) });
      disk.opened = Object.assign(memory, {
        sizeInBytes: 0,
        offsetForTimestamp: (_: number, done: (found: undefined) => void) => done(undefined),
      });
      return disk.opened;
    },
  });
  return { log, disk, failures, refusals, runLater: () => later.splice(0).map((callback) => callback()) };
}

describe('a log that sleeps', () => {
  it('L2 L9 answers for its ends, epochs and the reads that wait at its end, without being opened', () => {
    const { log, disk } = sleeping(written);
    log.startEpoch(7);
    expect([log.logStartOffset, log.logEndOffset, log.flushedEndOffset, log.lastEpoch]).toEqual([
      0, 10, 10, 4,
    ]);
    expect(log.epochs).toEqual([
      { epoch: 4, startOffset: 2 },
      { epoch: 7, startOffset: 10 },
    ]);
    expect(log.read(10, everything)).toEqual({ outcome: 'records', records: [], nextOffset: 10 });
    expect(log.read(3, { upToOffset: 3, maxBytes: 1 }).outcome).toBe('records');
    expect(log.read(3, everything).outcome).toBe('cold');
    expect(log.read(11, everything).outcome).toBe('out of range');
    let end: unknown;
    log.flush((result) => {
      end = result;
    });
    expect([disk.opened, log.isAsleep]).toEqual([undefined, true]);
    expect(end).toBeUndefined();
  });

  it('L2 is opened by the first append, in the epochs that have begun meanwhile', () => {
    const { log, disk, failures } = sleeping(resting);
    log.startEpoch(3);
    log.startEpoch(7);
    const appended = log.appendAsLeader(clientBatch('a'), asLeader);
    expect(appended).toEqual({ outcome: 'appended', firstOffset: 0, lastOffset: 0 });
    expect(disk.opened?.epochs).toEqual([{ epoch: 7, startOffset: 0 }]);
    expect([log.logEndOffset, log.lastEpoch, log.isAsleep]).toEqual([1, 7, false]);
    expect(failures).toEqual([]);
  });

  it('F5 KAFKA-10706 a cut that cuts no record does not open it, and ends the epochs that have none', () => {
    const { log, disk } = sleeping(written);
    log.startEpoch(7);
    log.truncateTo(10);
    expect([disk.opened, log.epochs]).toEqual([undefined, written.epochs]);
    log.startEpoch(8);
    log.appendAsLeader(clientBatch('a'), { ...asLeader, leaderEpoch: 8 });
    expect(disk.opened?.epochs).toEqual([{ epoch: 8, startOffset: expect.any(Number) }]);
  });

  it('D11 without a file to spare it refuses, and is opened by who comes later', () => {
    const { log, disk, failures, refusals, runLater } = sleeping(resting);
    disk.refusal = 'EMFILE';
    expect(log.appendAsLeader(clientBatch('a'), asLeader)).toMatchObject({
      outcome: 'refused',
      mayPass: true,
    });
    const together = log.appendTogetherAsLeader([clientBatch('a'), clientBatch('b')], asLeader);
    expect(together.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
    expect(log.appendAsFollower([clientBatch('a')]).outcome).toBe('corrupt');
    expect(refusals).toHaveLength(3);
    let read: LogReadDone | undefined;
    log.readLater(0, everything, (result) => {
      read = result;
    });
    expect(read).toBeUndefined();
    runLater();
    expect(read).toEqual({ outcome: 'failed' });
    disk.refusal = undefined;
    expect(log.appendAsLeader(clientBatch('a'), asLeader).outcome).toBe('appended');
    expect(failures).toEqual([]);
  });

  it('P2 says that nobody has written where that is so, and is opened for what is known of those who have', () => {
    const { log, disk } = sleeping(written);
    expect([log.producersAtStart(1000), disk.opened]).toEqual([new Uint8Array(0), undefined]);
    const other = sleeping({ ...written, hasProducers: true });
    other.disk.refusal = 'EMFILE';
    expect(other.log.producersAtStart(1000)).toBeUndefined();
    other.disk.refusal = undefined;
    expect([other.log.producersAtStart(1000), other.log.isAsleep]).toEqual([new Uint8Array(0), false]);
    other.log.truncateFullyAndStartAt(7, Uint8Array.of(1));
    expect([other.disk.opened?.producersAtStart(1000), other.failures]).toEqual([Uint8Array.of(1), []]);
  });

  it('D3 fails for good when the disk would not give it, and says so once', () => {
    const { log, disk, failures } = sleeping(resting);
    disk.refusal = 'EIO';
    expect(log.appendAsLeader(clientBatch('a'), asLeader)).toMatchObject({
      outcome: 'refused',
      mayPass: false,
    });
    disk.refusal = undefined;
    expect(log.appendAsLeader(clientBatch('a'), asLeader).outcome).toBe('refused');
    log.truncateFullyAndStartAt(5);
    expect([failures, disk.opened]).toEqual([['open of laser-0 failed: EIO'], undefined]);
  });

  it('D11 without a file to spare for what cannot wait it is over: nobody goes on as if it were done', () => {
    const { log, disk, failures } = sleeping(written);
    disk.refusal = 'EMFILE';
    log.truncateTo(5);
    expect(failures).toEqual(['open of laser-0 failed: EMFILE']);
    disk.refusal = undefined;
    expect(log.appendAsLeader(clientBatch('a'), asLeader).outcome).toBe('refused');
  });

  it('D9 nobody opens one that was given up', () => {
    const { log, disk, failures } = sleeping(resting);
    log.end();
    expect(log.appendAsLeader(clientBatch('a'), asLeader).outcome).toBe('refused');
    expect([disk.opened, failures]).toEqual([undefined, []]);
  });
});

/** A node with a topic of three partitions, the first of which has a record, stopped in order. */
function stoppedCluster() {
  const cluster = new MadeUpCluster([1]);
  const node = cluster.start(1);
  cluster.until('it runs', () => node.state === 'running');
  const topicId = created(cluster, 3);
  cluster.until('leaders', () => leaders(cluster) === 3);
  expect(produced(cluster, topicId, 0)).toBe('NONE');
  restart(cluster);
  return { cluster, topicId };
}

function created(cluster: MadeUpCluster, partitions: number): string {
  const topic = { name: 'laser', partitions, replicationFactor: 1, assignment: [], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  return cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
}

function restart(cluster: MadeUpCluster): void {
  let hasEnded = false;
  cluster.nodes.get(1)?.stop({ movesLeaderships: false }, () => {
    hasEnded = true;
  });
  cluster.until('its end', () => hasEnded);
}

function leaders(cluster: MadeUpCluster): number {
  return [...(cluster.nodes.get(1)?.hosted.values() ?? [])].filter(({ leader }) => leader !== undefined)
    .length;
}

function produced(cluster: MadeUpCluster, topicId: string, partition: number): string {
  const part = { topicId, partition, leaderEpoch: -1, records: [clientBatch('a')] };
  const body = { acks: -1, timeoutMs: 5000, partitions: [part] };
  return cluster.ask(1, { api: 'produce', body }).partitions[0]?.error ?? '';
}

/** The operations on the files of the topic's logs from now on. */
function operations(cluster: MadeUpCluster): [DiskOperation, string][] {
  const seen: [DiskOperation, string][] = [];
  cluster.diskFaults.set(1, (operation, path) => {
    if (path.startsWith('laser-')) seen.push([operation, path]);
    return undefined;
  });
  return seen;
}

describe('a new topic', () => {
  it('D1 has no file before its first record, and then those of one partition, whatever the number of partitions', () => {
    const cluster = new MadeUpCluster([1]);
    const node = cluster.start(1);
    cluster.until('it runs', () => node.state === 'running');
    const seen = operations(cluster);
    const topicId = created(cluster, 500);
    cluster.until('leaders', () => leaders(cluster) === 500);
    cluster.clock.advance(60_000);
    expect(seen).toEqual([]);
    expect(produced(cluster, topicId, 7)).toBe('NONE');
    expect(new Set(seen.map(([, path]) => path.split('/')[0]))).toEqual(new Set(['laser-7']));
    cluster.kill(1);
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 500);
    const ends = [...(cluster.nodes.get(1)?.hosted.values() ?? [])].map(({ log }) => log?.logEndOffset ?? -1);
    expect(ends).toEqual(Array.from({ length: 500 }, (_, partition) => (partition === 7 ? 1 : 0)));
    expect(produced(cluster, topicId, 8)).toBe('NONE');
  });
});

describe('a node that was stopped in order', () => {
  it('D7 leads again without reading or writing a log, opens those that are written, and has all after the next crash', () => {
    const { cluster, topicId } = stoppedCluster();
    const seen = operations(cluster);
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    cluster.clock.advance(60_000);
    // That the file is as long as it was the disk tells without opening it.
    expect(seen).toEqual([]);
    expect(cluster.nodes.get(1)?.root.getSnapshot().children.has('laser-1/log')).toBe(false);

    for (const partition of [0, 1]) expect(produced(cluster, topicId, partition)).toBe('NONE');
    cluster.clock.advance(60_000);
    expect(seen.filter(([, path]) => path.startsWith('laser-2'))).toEqual([]);
    expect(cluster.nodes.get(1)?.root.getSnapshot().children.has('laser-1/log')).toBe(true);

    cluster.kill(1);
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    const ends = [...(cluster.nodes.get(1)?.hosted.values() ?? [])].map(({ log }) => log?.logEndOffset);
    expect(ends).toEqual([2, 1, 0]);
  });

  it('D7 may be stopped and started again and again while its logs sleep', () => {
    const { cluster, topicId } = stoppedCluster();
    for (let again = 0; again < 3; again++) {
      cluster.start(1);
      cluster.until('leaders', () => leaders(cluster) === 3);
      restart(cluster);
    }
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    const read = {
      ...{ topicId, partition: 0, leaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, maxBytes: 1000 },
    };
    const body = { maxWaitMs: 1000, minBytes: 1, maxBytes: 1000, partitions: [read] };
    const answer = cluster.ask(1, { api: 'fetch', body }).partitions[0];
    expect([answer?.error, answer?.records.length]).toEqual(['NONE', 1]);
  });

  it('D7 does not trust what it left once it was killed', () => {
    const { cluster, topicId } = stoppedCluster();
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    for (const partition of [1, 2]) expect(produced(cluster, topicId, partition)).toBe('NONE');
    restart(cluster);
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    expect(produced(cluster, topicId, 0)).toBe('NONE');
    cluster.kill(1);
    const seen = operations(cluster);
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    expect(new Set(seen.map(([, path]) => path.split('/')[0]))).toEqual(
      new Set(['laser-0', 'laser-1', 'laser-2']),
    );
    const ends = [...(cluster.nodes.get(1)?.hosted.values() ?? [])].map(({ log }) => log?.logEndOffset);
    expect(ends).toEqual([2, 1, 1]);
  });

  it('S14 hears at its start that a log is gone', () => {
    const { cluster } = stoppedCluster();
    // biome-ignore lint/complexity/useLiteralKeys: somebody wipes it
    cluster['disks'].get(1)?.remove('laser-0');
    cluster.start(1);
    cluster.until('the other leaders', () => leaders(cluster) === 2);
    const states = [...(cluster.nodes.get(1)?.hosted.values() ?? [])].map(({ state }) => state);
    cluster.until('it is known', () => states.length === 3);
    expect(states).toContain('failed');
  });

  it('C10 removes a sleeping log with its topic, and one of the same name begins anew', () => {
    const { cluster } = stoppedCluster();
    cluster.start(1);
    cluster.until('leaders', () => leaders(cluster) === 3);
    cluster.ask(1, { api: 'deleteTopics', body: { timeoutMs: 5000, names: ['laser'] } });
    // biome-ignore lint/complexity/useLiteralKeys: what lies in its directory
    const names = (): readonly string[] => cluster['disks'].get(1)?.list('') ?? [];
    cluster.until('nothing is left', () => !names().some((name) => name.startsWith('laser')));
    const topicId = created(cluster, 1);
    cluster.until('its leader', () => leaders(cluster) === 1);
    expect(produced(cluster, topicId, 0)).toBe('NONE');
    restart(cluster);
    cluster.start(1);
    cluster.until('its leader again', () => leaders(cluster) === 1);
    const ends = [...(cluster.nodes.get(1)?.hosted.values() ?? [])].map(({ log }) => log?.logEndOffset);
    expect(ends).toEqual([1]);
  });
});
