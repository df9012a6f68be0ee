// One random run of a cluster: load, and faults by seed; then everything is healed, and every promise is called in (O1 to O4).

import { ClusterWorld } from './cluster-world.ts';
import { nextFault } from './random-faults.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TellingOptions } from './telling.ts';

export interface ClusterRunOptions {
  readonly seed: number;
  /** How many faults are drawn. */
  readonly steps?: number;
  readonly repeat?: string;
  /** Who is told what happens. */
  readonly telling?: TellingOptions;
}

/** What a run came to. */
export interface ClusterRunResult {
  readonly trace: string;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly read: number;
  readonly lost: number;
  readonly schedule: readonly string[];
}

/** Plays a seed. Throws a {@link SimulationFailure} when a promise is broken. */
export function runCluster(options: ClusterRunOptions): ClusterRunResult {
  const draw = new SeededRandom(options.seed);
  const losesPower = draw.chance(75);
  const isUnclean = draw.chance(35);
  const world = new ClusterWorld({
    seed: options.seed,
    brokers: draw.pick([3, 3, 4]),
    // All replicas die, and the quorum lives: else there is hardly ever an unclean election.
    controllers: draw.pick(isUnclean ? [1, 3] : [0, 0, 1, 3]),
    settings: {
      'odradek.flush.policy': losesPower ? 'commit' : 'os',
      'metadata.log.max.record.bytes.between.snapshots': draw.pick(['20000000', '2000', '300']),
      'log.retention.check.interval.ms': '400',
    },
    network: { maxDelayMs: draw.pick([2, 5, 20]), breakPercent: draw.pick([0, 0.5, 2]) },
    diskDelay: { minMs: 0, maxMs: draw.pick([1, 5, 30]) },
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    ...(options.telling === undefined ? {} : { telling: options.telling }),
  });
  const schedule: string[] = [];
  const say = (statement: string): void => {
    if (statement === '') return;
    schedule.push(statement);
    world.play(statement);
  };
  world.startAll();
  const partitions = draw.pick([1, 2]);
  const faults = {
    losesPower,
    leaves: !isUnclean,
    dieOneByOne: isUnclean,
    ...(draw.chance(30) ? { topic: 't' } : {}),
  };
  say('run until all-running');
  say(`topic t ${partitions} 3 ${topicSettings(draw, isUnclean).join(' ')}`);
  say('run until led t-0');
  for (let partition = 0; partition < partitions; partition++) {
    say(`write t-${partition}`);
    say(`read t-${partition}`);
  }
  for (let step = 0; step < (options.steps ?? 40); step++) {
    say(`run ${draw.pick([1, 5, 20, 100, 400, 1500])} ms`);
    say(nextFault(draw, world.nodeStates, faults));
  }
  world.conclude();
  const { sent, given } = world.history;
  const count = (outcome: string): number => sent.filter((one) => one.outcome === outcome).length;
  return {
    trace: world.trace.value,
    virtualMs: world.time.nowMs,
    acknowledged: count('acknowledged'),
    unknown: count('unknown'),
    read: given.length,
    lost: world.lostRecords,
    schedule,
  };
}

function topicSettings(draw: SeededRandom, isUnclean: boolean): string[] {
  return [
    `min.insync.replicas=${draw.pick(isUnclean ? [1, 1, 2] : [1, 2, 2])}`,
    `unclean.leader.election.enable=${isUnclean}`,
    ...(draw.chance(50) ? [`segment.bytes=${draw.pick([1024, 4096])}`] : []),
    ...(draw.chance(30) ? [`retention.bytes=${draw.pick([2000, 8000])}`] : []),
    ...(draw.chance(15) ? [`retention.ms=${draw.pick([500, 3000])}`] : []),
  ];
}
