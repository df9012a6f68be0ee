// What must hold where disks have taken more than the promise covers: several copies of a record, or what power could have torn (D14).
// Records may be lost then; what must not be is that anybody notices by missing them. The quorum's own disks are whole.

import { walkBatches } from '@odradek/format';
import { type MetadataImage, NO_LEADER, type NodeId, partitionsOf } from '@odradek/model';
import type { MemoryDisk } from '@odradek/storage';
import type { PartitionName, Violation } from './client-history.ts';
import type { ReplicaSeen } from './partition-oracle.ts';
import type { ToldDamage } from './told-damage.ts';

/** Loss is told: a promise to a client is broken only where damage was told of its partition, or where nobody leads it. */
export function untold(
  violations: readonly Violation[],
  told: ToldDamage,
  isLed: (partition: PartitionName) => boolean,
): Violation[] {
  return violations.filter(({ partition }) => told.of(partition) === undefined && isLed(partition));
}

/** Unavailable is called so: whoever the metadata names as a leader leads. */
export function ledByNobody(
  image: MetadataImage,
  replicasOf: (partition: PartitionName) => readonly ReplicaSeen[],
): string | undefined {
  for (const { topic, partition, state } of partitionsOf(image)) {
    if (state.leader === NO_LEADER) continue;
    const name = `${topic.name}-${partition}`;
    if (!replicasOf(name).some(({ broker, leads }) => leads && broker === state.leader))
      return `W1: ${state.leader} is to lead ${name}, and does not`;
  }
  return undefined;
}

/** Damage is not handed on: a batch whose bytes are not those of its checksum lies only where the disk itself has spoilt that log (D8, D9). */
export function spreadDamage(
  disks: Iterable<readonly [NodeId, MemoryDisk]>,
  rotten: ReadonlyMap<NodeId, ReadonlySet<string>>,
): string | undefined {
  for (const [id, disk] of disks)
    for (const log of disk.list('')) {
      if (rotten.get(id)?.has(log) === true) continue;
      for (const name of disk.list(log).filter((file) => file.endsWith('.log'))) {
        const { fault } = walkBatches(disk.readFile(`${log}/${name}`) ?? new Uint8Array(0), () => {});
        if (fault !== undefined)
          return `D9: ${log} is damaged at ${id}, whose disk is sound there, so it was handed on: ${name}, ${fault.message}`;
      }
    }
  return undefined;
}
