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
} from '@odradek/storage';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { Supervisor } from './supervisor.ts';

export interface LogHome {
  readonly disk: Disk;
  readonly directory: LogDirectory;
  readonly flushGroup: FlushGroup;
  /** Of the disk where clients' records go. */
  readonly freeSpace?: FreeSpace;
  readonly clock: Clock;
  readonly compute: Compute;
  /** Lives each log's life. */
  readonly machine: typeof logMachine;
  /** Known once the node is there. */
  supervisor(): Supervisor;
}

/** Opens a log and starts its machine under the node's root. `isNamed`: its directory was just seen to be of this topic. */
export function startLogIn(
  home: LogHome,
  { isNamed, ...name }: PartitionName & { readonly isNamed: boolean },
  configuration: () => LogConfiguration,
  listener: LogOwner,
): OpenedLog {
  const { supervisor, ...place } = home;
  const opened = openLog({ ...name, ...place, isNamed, configuration, listener });
  const actor = supervisor().make(logActorId(name), opened.logic, opened.input);
  opened.attach(actor);
  actor.start();
  return opened;
}

/** How a log's actor is called. */
export function logActorId({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}/log`;
}
