// Whose high watermark may have moved since it was written down (D10): of thousands of partitions hardly any.

import type { Offset } from '@odradek/model';
import type { HostedPartition, PartitionName } from '../partition/hosted-partition.ts';

export class MovedHighWatermarks {
  private readonly partitions = new Set<HostedPartition>();

  /** It has a new role, its leader has committed, or it has taken an answer of its leader. */
  note(hosted: HostedPartition | undefined): void {
    if (hosted !== undefined) this.partitions.add(hosted);
  }

  forget(hosted: HostedPartition): void {
    this.partitions.delete(hosted);
  }

  /** Those that have moved since this was asked last. */
  *take(): Iterable<readonly [PartitionName, Offset]> {
    for (const hosted of this.partitions) {
      const highWatermark = hosted.takeMovedHighWatermark();
      if (highWatermark !== undefined) yield [hosted.name, highWatermark];
    }
    this.partitions.clear();
  }
}
