import type { LossReport } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { Load, offsetsIn } from '../support/load.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const CONTROLLER = 101;
const UNCLEAN = { 'unclean.leader.election.enable': 'true' };

/** Three brokers and a controller of its own, so that every replica may die while the quorum lives; broker 1 leads. */
function started(config: Readonly<Record<string, string>>): { cluster: MadeUpCluster; load: Load } {
  const cluster = new MadeUpCluster([1, 2, 3], {}, [CONTROLLER]);
  for (const id of [CONTROLLER, 1, 2, 3]) cluster.start(id);
  cluster.until('three running brokers', () =>
    [1, 2, 3].every((id) => cluster.nodes.get(id)?.state === 'running'),
  );
  const load = new Load(cluster, 1, [1, 2, 3], config);
  cluster.until('a leader', () => load.describe(1)?.leader === 1);
  return { cluster, load };
}

/** Kills a broker and waits until the controller has taken note, seen from one that lives. */
function killSeen(cluster: MadeUpCluster, load: Load, id: number, from: number): void {
  cluster.kill(id);
  cluster.until(
    `${id} leaves the in-sync set`,
    () => load.describe(from)?.inSyncReplicas.includes(id) === false,
  );
}

function startInSync(cluster: MadeUpCluster, load: Load, id: number, from: number): void {
  cluster.start(id);
  cluster.until(`${id} is in sync`, () => load.describe(from)?.inSyncReplicas.includes(id) === true);
}

/** Starts a broker, which is elected uncleanly, and has it take five records; says its epoch. */
function leadUncleanly(cluster: MadeUpCluster, load: Load, id: number, acks = -1): number {
  const lost = load.unanswered.size;
  cluster.start(id);
  cluster.until('an unclean leader', () => load.describe(id)?.leader === id);
  load.write(id, 5, acks);
  load.settle(lost);
  return load.describe(id)?.leaderEpoch ?? -1;
}

/** Every acknowledged record that is missing is named; whatever else is named was never answered. */
function expectExact(load: Load, broker: number): LossReport[] {
  const missing = load.missing(broker);
  const { losses } = load.losses(broker);
  const named = offsetsIn(losses);
  expect(named).toEqual(expect.arrayContaining([...missing]));
  expect(named.length - missing.length).toBeLessThanOrEqual(load.unanswered.size);
  return [...losses];
}

/** Under load the replicas die one after another, 2 first, the leader last with records on their way. */
function allDie(cluster: MadeUpCluster, load: Load): void {
  load.write(1, 10);
  load.settle();
  killSeen(cluster, load, 2, 1);
  load.write(1, 10);
  load.settle();
  killSeen(cluster, load, 3, 1);
  load.write(1, 10);
  cluster.kill(1);
  cluster.clock.advance(500);
}

describe('all replicas died, the second answer (story 6)', () => {
  it('C4 F7 V9 losses name every acknowledged record that is missing, and none but acknowledged or unanswered ones', () => {
    const { cluster, load } = started(UNCLEAN);
    allDie(cluster, load);
    const leaderEpoch = leadUncleanly(cluster, load, 2);
    startInSync(cluster, load, 3, 2);
    expect(load.losses(2).losses).toMatchObject([{ toOffset: null, reportedBy: [3] }]);
    startInSync(cluster, load, 1, 2);
    const losses = expectExact(load, 2);
    expect(losses).toMatchObject([
      { topic: 'laser', partition: 0, leaderEpoch, fromOffset: 10, reportedBy: [1, 3] },
    ]);
    expect(load.missing(2).length).toBeGreaterThanOrEqual(10);
    for (const broker of [1, 2, 3]) expect(load.losses(broker)).toEqual({ losses, discarded: [] });
  });

  it('F7 a report waits for the controller, and survives a restart of everything', () => {
    const { cluster, load } = started(UNCLEAN);
    allDie(cluster, load);
    leadUncleanly(cluster, load, 2);
    startInSync(cluster, load, 3, 2);
    cluster.kill(CONTROLLER);
    cluster.start(1);
    cluster.clock.advance(2000);
    cluster.start(CONTROLLER);
    cluster.until('1 is in sync', () => load.describe(2)?.inSyncReplicas.includes(1) === true);
    const losses = expectExact(load, 2);
    expect(losses).toMatchObject([{ fromOffset: 10, reportedBy: [1, 3] }]);
    for (const id of [1, 2, 3, CONTROLLER]) cluster.kill(id);
    for (const id of [CONTROLLER, 1, 2, 3]) cluster.start(id);
    cluster.until('all in sync again', () => load.describe(1)?.inSyncReplicas.length === 3);
    expect(load.losses(1).losses).toEqual(losses);
  });

  it('V14 a replica that dies after its report and before its cut tells the same again, and it counts once', () => {
    const { cluster, load } = started(UNCLEAN);
    allDie(cluster, load);
    leadUncleanly(cluster, load, 2);
    cluster.start(1);
    const reports = (): number =>
      [...(cluster.nodes.get(CONTROLLER)?.image.uncleanElections.values() ?? [])]
        .flatMap(([election]) => election?.truncations ?? [])
        .filter(({ brokerId }) => brokerId === 1).length;
    while (reports() === 0) cluster.clock.advance(1);
    expect(cluster.said.filter((line) => line.startsWith('1:') && line.includes('drops'))).toEqual([]);
    cluster.kill(1);
    startInSync(cluster, load, 1, 2);
    expect(cluster.said.filter((line) => line.startsWith('1:') && line.includes('drops'))).toHaveLength(1);
    expect(reports()).toBe(1);
    expect(expectExact(load, 2)).toMatchObject([{ fromOffset: 10, reportedBy: [1] }]);
  });

  it('C5 L3 with two needed in sync, a member that cuts nothing proves that what others drop was never committed', () => {
    const { cluster, load } = started({ ...UNCLEAN, 'min.insync.replicas': '2' });
    load.write(1, 10);
    load.settle();
    killSeen(cluster, load, 3, 1);
    killSeen(cluster, load, 2, 1);
    load.write(1, 10, 1);
    load.settle();
    cluster.kill(1);
    cluster.clock.advance(500);
    leadUncleanly(cluster, load, 3, 1);
    cluster.start(1);
    cluster.until('what 1 has to say', () => load.losses(3).losses.length > 0);
    expect(load.losses(3).losses).toMatchObject([{ fromOffset: 10, toOffset: null, knownToOffset: 20 }]);
    startInSync(cluster, load, 2, 3);
    const { losses, discarded } = load.losses(3);
    expect(losses).toEqual([]);
    expect(discarded).toMatchObject([{ fromOffset: 10, toOffset: 20, records: 10, reportedBy: [1] }]);
  });

  it('F7 what a leader that never stopped acknowledged while it was cut off is named by its high watermark', () => {
    const { cluster, load } = started(UNCLEAN);
    load.write(1, 10);
    load.settle();
    killSeen(cluster, load, 2, 1);
    killSeen(cluster, load, 3, 1);
    cluster.isolate(1);
    cluster.start(2);
    // Reached by its clients alone, it commits with its last in-sync set: itself.
    load.write(1, 10);
    load.settle();
    cluster.until('an unclean leader', () => load.describe(2)?.leader === 2);
    load.write(1, 10);
    load.settle();
    cluster.rejoin(1);
    cluster.until('1 is in sync', () => load.describe(2)?.inSyncReplicas.includes(1) === true);
    expect(expectExact(load, 2)).toMatchObject([
      { fromOffset: 10, toOffset: 30, records: 20, reportedBy: [1] },
    ]);
    expect(load.losses(2).discarded).toEqual([]);
  });

  it('F7 L3 what it could not commit meanwhile is discarded, whoever else has not come back', () => {
    const { cluster, load } = started({ ...UNCLEAN, 'min.insync.replicas': '2' });
    load.write(1, 10);
    load.settle();
    cluster.isolate(1);
    load.write(1, 10);
    cluster.kill(2);
    cluster.clock.advance(500);
    cluster.kill(3);
    cluster.clock.advance(5000);
    leadUncleanly(cluster, load, 2, 1);
    cluster.rejoin(1);
    cluster.until('1 is in sync', () => load.describe(2)?.inSyncReplicas.includes(1) === true);
    const { losses, discarded } = load.losses(2);
    expect([load.missing(2), losses]).toEqual([[], []]);
    expect(discarded).toMatchObject([{ fromOffset: 10, toOffset: 20, reportedBy: [1] }]);
  });

  it('C4 after two unclean elections each loss belongs to the one that caused it', () => {
    const { cluster, load } = started(UNCLEAN);
    allDie(cluster, load);
    const first = leadUncleanly(cluster, load, 2);
    cluster.kill(2);
    cluster.clock.advance(500);
    const second = leadUncleanly(cluster, load, 3);
    startInSync(cluster, load, 2, 3);
    startInSync(cluster, load, 1, 3);
    const losses = expectExact(load, 3);
    expect(losses).toMatchObject([
      { leaderEpoch: first, fromOffset: 20, reportedBy: [1] },
      { leaderEpoch: second, fromOffset: 10, toOffset: 15, reportedBy: [2] },
    ]);
  });
});

describe('all replicas died, again and again', () => {
  it('F7 a member that comes back only to be elected uncleanly itself brings back what it has, and that is no loss', () => {
    const { cluster, load } = started({ ...UNCLEAN, 'min.insync.replicas': '2' });
    load.write(1, 10);
    load.settle();
    killSeen(cluster, load, 3, 1);
    load.write(1, 10);
    load.settle();
    killSeen(cluster, load, 2, 1);
    load.write(1, 10, 1);
    load.settle();
    cluster.kill(1);
    cluster.clock.advance(500);
    leadUncleanly(cluster, load, 3, 1);
    startInSync(cluster, load, 1, 3);
    expect(load.losses(3).losses).toMatchObject([{ fromOffset: 10, toOffset: null, knownToOffset: 30 }]);
    cluster.kill(1);
    cluster.kill(3);
    cluster.clock.advance(500);
    const second = leadUncleanly(cluster, load, 2, 1);
    startInSync(cluster, load, 3, 2);
    startInSync(cluster, load, 1, 2);
    const { losses, discarded } = load.losses(2);
    // What 2 still had of the twenty is back; the five that 3 took meanwhile had two in sync, and are lost.
    expect(losses).toMatchObject([{ leaderEpoch: second, fromOffset: 10, toOffset: 15 }]);
    expect(discarded).toMatchObject([{ fromOffset: 20, toOffset: 30, reportedBy: [1] }]);
  });
});

describe('all replicas died, the first answer (story 5)', () => {
  it('C3 V1 the wrong one leads nothing, and one is told for whom it waits; the right one leads, and nothing is lost', () => {
    const { cluster, load } = started({ 'unclean.leader.election.enable': 'false' });
    allDie(cluster, load);
    cluster.start(2);
    cluster.until('2 runs', () => cluster.nodes.get(2)?.state === 'running');
    cluster.clock.advance(10_000);
    expect(load.describe(2)).toMatchObject({ leader: -1, waitingFor: [1] });
    const status = cluster.ask(2, { api: 'clusterStatus', body: {} });
    expect(status.offlinePartitions).toEqual([{ topic: 'laser', partition: 0, waitingFor: [1] }]);
    cluster.start(1);
    cluster.until('the right leader', () => load.describe(2)?.leader === 1);
    startInSync(cluster, load, 3, 1);
    cluster.until('all in sync', () => load.describe(1)?.inSyncReplicas.length === 3);
    expect(load.missing(1)).toEqual([]);
    expect(load.losses(1)).toEqual({ losses: [], discarded: [] });
  });
});
