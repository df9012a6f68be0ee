// Topics that a producer has sent to and that are gone. What is under way to one fails as soon as what is sent to a topic that never
// was: until its delivery's time is over its records would only be tried again, and whoever waits for them would wait in vain.

import type { Cluster } from '../cluster/cluster.ts';
import { errorNamed, type OdradekError } from '../errors.ts';
import { UNKNOWN_TOPIC_PATIENCE_MS } from './waiting-records.ts';

export class DeletedTopics {
  readonly #cluster: Cluster;
  /** Since when brokers say that a topic is not there. */
  readonly #sinceMs = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Why nothing that is under way to a topic will arrive; undefined while it is there, or may only have been overlooked. */
  error(topic: string): OdradekError | undefined {
    const missing = this.#cluster.image.missing.get(topic);
    if (missing === undefined) {
      this.#sinceMs.delete(topic);
      return undefined;
    }
    const nowMs = this.#cluster.clock.nowMs();
    const sinceMs = this.#sinceMs.get(topic) ?? nowMs;
    this.#sinceMs.set(topic, sinceMs);
    if (nowMs - sinceMs < UNKNOWN_TOPIC_PATIENCE_MS) return undefined;
    return errorNamed(missing.error, missing.message, `topic ${topic}`);
  }
}
