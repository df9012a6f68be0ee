// The storage that a node's configuration asks for: on its disk, or with the partitions in memory.

import { type logMachine, MemoryDisk } from '@odradek/storage';
import { DirectoryStorage } from './directory-storage.ts';
import type { NodeOptions } from './node-options.ts';

export function directoryStorage(
  { ports, configuration, identity, soon, next = soon }: NodeOptions,
  machine: typeof logMachine,
): DirectoryStorage {
  const { clock, compute, disk } = ports;
  const isInMemory = configuration.values['odradek.flush.policy'] === 'memory';
  return new DirectoryStorage({
    disk,
    partitionDisk: isInMemory
      ? new MemoryDisk({ later: soon ?? ((callback) => clock.setTimeout(callback, 0)) })
      : disk,
    clock,
    compute,
    configuration,
    directoryId: identity.directoryId,
    incarnation: identity.incarnation,
    machine,
    // What one call has appended shares a flush; what producers sent in one turn is one call already.
    ...(next === undefined ? {} : { soon: next }),
  });
}
