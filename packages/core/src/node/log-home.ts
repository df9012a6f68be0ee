// Where logs live at a node, and how one is started there: the parts that all logs of a directory share.

import type { Clock, Compute, Disk } from '@odradek/model';
import {
  type FlushGroup,
  type FreeSpace,
  type LogConfiguration,
  type LogDirectory,
  type LogOwner,
  type logMachine,
  type OpenedLog,
  openLog,
  type PartitionLog,
  type TailBudget,
} from '@odradek/storage';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { Supervisor } from './supervisor.ts';

export interface LogHome {
  readonly disk: Disk;
  readonly directory: LogDirectory;
  readonly flushGroup: FlushGroup;
  /** Of the disk where clients' records go. */
  readonly freeSpace?: FreeSpace;
  readonly tails: TailBudget;
  readonly clock: Clock;
  readonly compute: Compute;
  /** Lives each log's life. */
  readonly machine: typeof logMachine;
  /** Known once the node is there. */
  supervisor(): Supervisor;
}

/** Opens a log and starts its machine under the node's root. `isNamed`: its directory can be of no other topic. */
export function startLogIn(
  home: LogHome,
  { isNamed, ...name }: PartitionName & { readonly isNamed: boolean },
  configuration: () => LogConfiguration,
  listener: LogOwner,
): OpenedLog {
  const { supervisor: _, ...place } = home;
  const opened = openLog({ ...name, ...place, isNamed, configuration, listener });
  start(home, name, opened);
  return opened;
}

/**
 * Wakes a log by `open`, at once: one that has rested since a clean end, or one that has no files yet. Its machine is made later: the log
 * may be needed within a transition of another. Throws a {@link DiskError}.
 */
export function wakeLogIn(
  home: LogHome,
  name: PartitionName,
  open: (opened: OpenedLog) => PartitionLog,
  configuration: () => LogConfiguration,
  listener: LogOwner,
): { readonly opened: OpenedLog; readonly log: PartitionLog } {
  const { supervisor, ...place } = home;
  const opened = openLog({ ...name, ...place, configuration, listener });
  const log = open(opened);
  const startMachine = (): void => {
    if (!opened.isAbandoned && supervisor().isAlive) start(home, name, opened);
  };
  home.clock.setTimeout(startMachine, 0);
  return { opened, log };
}

function start({ supervisor }: LogHome, name: PartitionName, opened: OpenedLog): void {
  const actor = supervisor().make(logActorId(name), opened.logic, opened.input);
  opened.attach(actor);
  actor.start();
}

/** How a log's actor is called. */
export function logActorId({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}/log`;
}
