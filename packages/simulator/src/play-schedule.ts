// Plays a schedule that was read from a file: on the world that its header describes, with the nodes that ship or with a mutant.

import { ClusterWorld } from './cluster-world.ts';
import type { Coverage } from './coverage.ts';
import type { Mutant } from './mutant.ts';
import { QuorumWorld } from './quorum-world.ts';
import { checkStatement, play, ScheduleError } from './schedule.ts';
import type { ScheduleFile, WorldHeader } from './schedule-file.ts';
import type { TellingOptions } from './telling.ts';
import { SimulationFailure, type WorldOptions } from './world.ts';

export interface PlayOptions {
  readonly mutant?: Mutant | undefined;
  readonly repeat?: string;
  /** Who is told what happens. */
  readonly telling?: TellingOptions;
  readonly coverage?: Coverage;
}

/** What a schedule came to. */
export interface PlayResult {
  readonly trace: string;
  readonly virtualMs: number;
}

/**
 * Plays it to its end, then heals everything and calls in every promise. Throws a {@link SimulationFailure} when one is broken or an
 * expectation is not met, and a {@link ScheduleError} with file and line for a statement that nobody can play.
 */
export function playSchedule(file: ScheduleFile, options: PlayOptions = {}): PlayResult {
  const world = worldOf(file.header, options);
  for (const { text, line } of file.story) placed(file, line, () => checkStatement(world, text));
  beginSchedule(world);
  for (const { text, line } of file.story) placed(file, line, () => play(world, text));
  world.conclude();
  return { trace: world.trace.value, virtualMs: world.time.nowMs };
}

/** Everybody starts, and a cluster's nodes are waited for. */
export function beginSchedule(world: ClusterWorld | QuorumWorld): void {
  world.startAll();
  if (world instanceof ClusterWorld) world.play('until all-running within 10000 ms');
}

/** The world that a header describes, before anybody runs in it. */
export function worldOf(
  header: WorldHeader,
  { mutant, repeat, telling, coverage }: PlayOptions,
): ClusterWorld | QuorumWorld {
  const { seed = 1, shuffle = 0, minDiskMs, maxDiskMs, ...sizes } = header.options;
  const shared: WorldOptions = {
    seed,
    shuffles: shuffle > 0,
    network: header.network,
    ...(mutant === undefined ? {} : { mutant }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(telling === undefined ? {} : { telling }),
    ...(coverage === undefined ? {} : { coverage }),
  };
  const delay = maxDiskMs === undefined ? {} : { diskDelay: { minMs: minDiskMs ?? 0, maxMs: maxDiskMs } };
  return header.kind === 'cluster'
    ? new ClusterWorld({ ...shared, ...sizes, ...delay, settings: header.settings })
    : new QuorumWorld({ ...shared, ...sizes, ...delay });
}

/** Says where in the file it was. */
function placed(file: ScheduleFile, line: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    const place = `${file.name}:${line}`;
    if (error instanceof ScheduleError) throw new ScheduleError(`${place}: ${error.message}`);
    if (error instanceof SimulationFailure)
      throw new SimulationFailure(`${place}: ${error.message}`, { cause: error });
    throw error;
  }
}
