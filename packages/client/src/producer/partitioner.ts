// Which partition a record goes to: the one it names, the one its key hashes to, else one until its batch is full ("sticky").

import { partitionOfKey } from '@odradek/format';
import type { Random } from '@odradek/model';
import type { TopicImage } from '../cluster/cluster-image.ts';

export class Partitioner {
  readonly #random: Random;
  readonly #sticky = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** The partition of a record; a number that the topic does not have is for the caller to refuse. */
  choose(topic: TopicImage, partition: number | undefined, key: Uint8Array | null): number {
    if (partition !== undefined) return partition;
    if (key !== null) return partitionOfKey(key, topic.partitions.length);
    return this.#sticky.get(topic.name) ?? this.#stick(topic);
  }

  /** A batch is complete: records without a key go elsewhere from now on. */
  batchSealed(topic: string, partition: number): void {
    if (this.#sticky.get(topic) === partition) this.#sticky.delete(topic);
  }

  /** Of the partitions that have a leader; of all, when none has. */
  #stick(topic: TopicImage): number {
    const led = topic.partitions.flatMap(({ leader }, partition) => (leader >= 0 ? [partition] : []));
    const among = led.length > 0 ? led : topic.partitions.map((_, partition) => partition);
    const chosen = among[this.#random.below(Math.max(among.length, 1))] ?? 0;
    this.#sticky.set(topic.name, chosen);
    return chosen;
  }
}
