// The consumer's public face: promises and an async iterator over the engine.

import { ConsumerEngine, type ConsumerSettings } from './consumer/consumer-engine.ts';
import { type LookupResult, lookUp, type PositionWanted } from './consumer/offset-lookup.ts';
import { OdradekError } from './errors.ts';
import { type FacePorts, wholeNumber } from './face-ports.ts';
import type { Consumer, ConsumerOptions, ConsumerRecord, Position, TopicPartition } from './types.ts';

export function createConsumer(name: string, ports: FacePorts, options: ConsumerOptions): Consumer {
  return new PollingConsumer(name, ports, settingsOf(options));
}

class PollingConsumer implements Consumer {
  readonly #ports: FacePorts;
  readonly #engine: ConsumerEngine;
  /** Wakes the polls that wait. */
  #wake: (() => void)[] = [];
  /** Records that an iterator has taken and not given out yet. */
  #pending: readonly ConsumerRecord[] = [];
  #given = 0;
  #isClosed = false;

  constructor(name: string, ports: FacePorts, settings: ConsumerSettings) {
    this.#ports = ports;
    this.#engine = new ConsumerEngine(name, ports.cluster, settings, {
      compute: ports.compute,
      soon: ports.soon,
      ready: () => this.#wakeAll(),
      reset: (what) => ports.onEvent({ type: 'position reset', ...what }),
    });
  }

  assign(partitions: readonly (TopicPartition & { readonly from?: Position })[]): void {
    this.#refuseIfClosed();
    this.#forgetPending();
    this.#engine.assign(
      partitions.map(({ topic, partition, from }) => ({ topic, partition, from: checked(from ?? 'latest') })),
    );
    this.#wakeAll();
  }

  seek({ topic, partition }: TopicPartition, position: Position): void {
    this.#refuseIfClosed();
    const reader = this.#engine.reader(topic, partition);
    if (reader === undefined)
      throw new OdradekError('INVALID_REQUEST', `${topic}-${partition} is not assigned: assign it first`);
    const [next] = this.#pending.slice(this.#given);
    if (next?.topic === topic && next.partition === partition) this.#forgetPending();
    reader.seek(checked(position));
  }

  position({ topic, partition }: TopicPartition): number | undefined {
    const next = this.#pending[this.#given];
    if (next !== undefined && next.topic === topic && next.partition === partition) return next.offset;
    return this.#engine.reader(topic, partition)?.position;
  }

  async poll(timeoutMs = Number.POSITIVE_INFINITY): Promise<readonly ConsumerRecord[]> {
    const pending = this.#pending.slice(this.#given);
    if (pending.length > 0) {
      this.#forgetPending();
      return pending;
    }
    const { clock } = this.#ports.cluster;
    const deadlineMs = clock.nowMs() + timeoutMs;
    for (;;) {
      this.#refuseIfClosed();
      const taken = this.#engine.take();
      if (taken !== undefined) {
        const { topic, partition, records } = taken;
        return records.map((record) => ({ topic, partition, ...record }));
      }
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) return [];
      await this.#woken(leftMs);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord> {
    for (;;) {
      const next = this.#pending[this.#given];
      if (next !== undefined) {
        this.#given += 1;
        yield next;
        continue;
      }
      if (this.#isClosed) return;
      try {
        this.#pending = await this.poll();
      } catch (error) {
        // Closing is how an app ends its own loop.
        if (this.#isClosed) return;
        throw error;
      }
      this.#given = 0;
    }
  }

  async offsets(
    partitions: readonly TopicPartition[],
    position: Position,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    this.#refuseIfClosed();
    const wanted = checked(position);
    return Promise.all(
      partitions.map(async ({ topic, partition }) => {
        const offset = await offsetOf(this.#ports, topic, partition, wanted);
        return { topic, partition, offset };
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetPending();
    this.#engine.close();
    this.#wakeAll();
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new OdradekError('CLOSED', 'the consumer is closed');
  }

  #forgetPending(): void {
    this.#pending = [];
    this.#given = 0;
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #woken(timeoutMs: number): Promise<void> {
    const { clock } = this.#ports.cluster;
    return new Promise((resolve) => {
      if (timeoutMs === Number.POSITIVE_INFINITY) {
        this.#wake.push(resolve);
        return;
      }
      const wake = (): void => {
        clock.clearTimeout(timer);
        resolve();
      };
      const timer = clock.setTimeout(() => {
        this.#wake = this.#wake.filter((other) => other !== wake);
        resolve();
      }, timeoutMs);
      this.#wake.push(wake);
    });
  }
}

/** Asks until a leader answers or the request's time is over. A topic that nobody knows is told sooner. */
async function offsetOf(
  ports: FacePorts,
  topic: string,
  partition: number,
  wanted: PositionWanted,
): Promise<number> {
  if (typeof wanted === 'number' && wanted >= 0) return wanted;
  const { cluster } = ports;
  const startMs = cluster.clock.nowMs();
  for (let attempts = 1; ; attempts++) {
    const result = await new Promise<LookupResult>((resolve) =>
      lookUp(cluster, topic, partition, wanted, resolve),
    );
    if ('offset' in result) return result.offset;
    const patienceMs =
      result.error.code === 'UNKNOWN_TOPIC_OR_PARTITION'
        ? Math.min(3000, cluster.options.requestTimeoutMs)
        : cluster.options.requestTimeoutMs;
    if (!result.isAboutLeader || cluster.clock.nowMs() - startMs >= patienceMs) throw result.error;
    cluster.refresh();
    await changedOrLater(ports, cluster.backOffMs(attempts));
  }
}

/** Waits until more is known of the cluster, or for a while. An unreachable cluster that was never reached is an error. */
function changedOrLater({ cluster }: FacePorts, delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (then: () => void) => (): void => {
      stop();
      cluster.clock.clearTimeout(timer);
      then();
    };
    const timer = cluster.clock.setTimeout(end(resolve), delayMs);
    const stop = cluster.listen({
      changed: end(resolve),
      unreachable: (error, everAnswered) => end(everAnswered ? resolve : () => reject(error))(),
    });
  });
}

function settingsOf(options: ConsumerOptions): ConsumerSettings {
  const offsetReset = options.offsetReset ?? 'none';
  if (!['none', 'earliest', 'latest'].includes(offsetReset))
    throw new OdradekError(
      'INVALID_CONFIG',
      `offsetReset is ${offsetReset}: it must be none, earliest or latest`,
    );
  return {
    offsetReset,
    fetchAheadBytes: wholeNumber('fetchAheadBytes', options.fetchAheadBytes, 32 * 1024 * 1024, 1),
    maxPartitionFetchBytes: wholeNumber(
      'maxPartitionFetchBytes',
      options.maxPartitionFetchBytes,
      1024 * 1024,
      1,
    ),
    fetchMinBytes: wholeNumber('fetchMinBytes', options.fetchMinBytes, 1),
    fetchMaxWaitMs: wholeNumber('fetchMaxWaitMs', options.fetchMaxWaitMs, 500),
  };
}

function checked(position: Position): PositionWanted {
  if (position === 'earliest' || position === 'latest') return position;
  const number = typeof position === 'number' ? position : position.timestamp;
  if (Number.isSafeInteger(number) && (typeof position === 'number' || number >= 0)) return position;
  throw new OdradekError(
    'INVALID_REQUEST',
    `no position: ${JSON.stringify(position)}; an offset, -N, earliest, latest or { timestamp } in ms`,
  );
}
