// The load generators, the same for both paths.

/** Where batches go: the raw path or the cluster, over one connection for each producer. */
export interface Target {
  /** `acknowledged` is called once, with what went wrong if something did. */
  send(batch: Uint8Array, partition: number, acknowledged: (error?: string) => void): void;
}

export interface Load {
  readonly batch: Uint8Array;
  /** Batches of each producer. */
  readonly inFlight: number;
  /** Producers go around them, each from another one on. */
  readonly partitions: number;
  /** Not counted: connections, files and code get warm. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

/** Closed loop: each acknowledgement sends the next batch. Acknowledged bytes per second. */
export function throughput(targets: readonly Target[], load: Load): Promise<number> {
  const { batch, inFlight, partitions, warmUpMs, durationMs } = load;
  return new Promise((resolve, reject) => {
    const countsFromMs = performance.now() + warmUpMs;
    let open = 0;
    let bytes = 0;
    /** Of the first and the last acknowledgement that count. */
    let firstMs = 0;
    let lastMs = 0;
    let failure: string | undefined;
    const next = (target: Target, partition: number): void => {
      open += 1;
      target.send(batch, partition, (error) => {
        open -= 1;
        failure ??= error;
        const nowMs = performance.now();
        if (firstMs === 0 && nowMs >= countsFromMs) firstMs = nowMs;
        else if (firstMs > 0 && failure === undefined && nowMs < countsFromMs + durationMs) {
          bytes += batch.length;
          lastMs = nowMs;
        }
        if (failure === undefined && nowMs < countsFromMs + durationMs)
          next(target, (partition + 1) % partitions);
        else if (open === 0) finish();
      });
    };
    const finish = (): void => {
      if (failure !== undefined) reject(new Error(failure));
      else resolve(bytes === 0 ? 0 : (bytes * 1000) / (lastMs - firstMs));
    };
    targets.forEach((target, producer) => {
      for (let count = 0; count < inFlight; count++) next(target, (producer + count) % partitions);
    });
  });
}

/** Open loop: so many requests a second, whatever the answers. Milliseconds from when each was due to its acknowledgement, ascending. */
export function latencies(
  target: Target,
  { batch, warmUpMs, durationMs }: Load,
  perSecond: number,
): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const measured: number[] = [];
    const startMs = performance.now();
    let sent = 0;
    let open = 0;
    // All that is due is sent, also what a busy loop could not send in time: left out, it would make the measure look better.
    const total = Math.round(((warmUpMs + durationMs) * perSecond) / 1000);
    const finish = (error?: string): void => {
      if (error !== undefined) reject(new Error(error));
      else if (sent >= total && open === 0) resolve(ascending(measured));
    };
    const sendDue = (): void => {
      const elapsedMs = performance.now() - startMs;
      const due = Math.min(total, (elapsedMs * perSecond) / 1000);
      for (; sent < due; sent++) {
        const dueMs = startMs + (sent * 1000) / perSecond;
        open += 1;
        target.send(batch, 0, (error) => {
          open -= 1;
          if (dueMs - startMs >= warmUpMs) measured.push(performance.now() - dueMs);
          finish(error);
        });
      }
      // A timer's grain is a millisecond, and longer than many a latency.
      if (sent < total) setImmediate(sendDue);
      else finish();
    };
    sendDue();
  });
}

export function ascending(values: readonly number[]): number[] {
  return values.toSorted((one, other) => one - other);
}

/** Of none NaN. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of values that ascend, the one below which so many percent lie. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

/** The value in the middle; of none NaN. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
