// One random run of a quorum: faults and changes by seed, then everything is healed and the quorum must come together again.

import type { QuorumTimeouts } from '@odradek/election';
import { QuorumWorld } from './quorum-world.ts';
import { nextFault } from './random-faults.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TellingOptions } from './telling.ts';

export interface QuorumRunOptions {
  readonly seed: number;
  /** How many faults are drawn. */
  readonly steps?: number;
  readonly voters?: number;
  readonly timeouts?: Partial<QuorumTimeouts>;
  readonly repeat?: string;
  /** Who is told what happens. */
  readonly telling?: TellingOptions;
}

/** What a run came to. */
export interface QuorumRunResult {
  readonly trace: string;
  readonly virtualMs: number;
  readonly electedEpochs: number;
  readonly acknowledged: number;
  readonly unanswered: number;
  /** The schedule that was played, for whoever wants to shorten it. */
  readonly schedule: readonly string[];
}

/** Plays a seed. Throws a {@link SimulationFailure} when a promise is broken. */
export function runQuorum(options: QuorumRunOptions): QuorumRunResult {
  const draw = new SeededRandom(options.seed);
  const world = new QuorumWorld({
    seed: options.seed,
    voters: options.voters ?? draw.pick([3, 3, 3, 5, 1]),
    observers: draw.below(2),
    network: { maxDelayMs: draw.pick([2, 5, 30]), breakPercent: draw.pick([0, 0.5, 3]) },
    diskDelay: { minMs: 0, maxMs: draw.pick([1, 10, 60]) },
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
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
  let value = 0;
  for (let step = 0; step < (options.steps ?? 60); step++) {
    say(`run ${draw.pick([1, 5, 20, 50, 200, 700])} ms`);
    for (const { id, running } of world.nodes)
      if (running?.quorum.isLeader === true && world.isAwake(id))
        for (let change = draw.below(3); change > 0; change--) say(`append change-${++value} ${id}`);
    say(nextFault(draw, world.nodeStates, { losesPower: true, leaves: false }));
  }
  world.conclude();
  const acknowledged = world.changes.filter((change) => change.isAcknowledged).length;
  return {
    trace: world.trace.value,
    virtualMs: world.time.nowMs,
    electedEpochs: world.oracle.electedEpochs,
    acknowledged,
    unanswered: world.changes.length - acknowledged,
    schedule,
  };
}
