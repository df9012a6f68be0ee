// The load generator, the same for both paths: so many batches in flight, each acknowledgement sends the next.

/** Where batches go: the raw path or the cluster. */
export interface Target {
  /** `acknowledged` is called once, with what went wrong if something did. */
  send(batch: Uint8Array, acknowledged: (error?: string) => void): void;
}

export interface Load {
  readonly batch: Uint8Array;
  readonly inFlight: number;
  /** Not counted: connections, files and code get warm. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

/** Acknowledged bytes per second. */
export function throughput(target: Target, load: Load): Promise<number> {
  const { batch, inFlight, warmUpMs, durationMs } = load;
  return new Promise((resolve, reject) => {
    const countsFromMs = performance.now() + warmUpMs;
    let open = 0;
    let bytes = 0;
    /** Of the first and the last acknowledgement that count. */
    let firstMs = 0;
    let lastMs = 0;
    let failure: string | undefined;
    const next = (): void => {
      open += 1;
      target.send(batch, (error) => {
        open -= 1;
        failure ??= error;
        const nowMs = performance.now();
        if (firstMs === 0 && nowMs >= countsFromMs) firstMs = nowMs;
        else if (firstMs > 0 && failure === undefined && nowMs < countsFromMs + durationMs) {
          bytes += batch.length;
          lastMs = nowMs;
        }
        if (failure === undefined && nowMs < countsFromMs + durationMs) next();
        else if (open === 0) finish();
      });
    };
    const finish = (): void => {
      if (failure !== undefined) reject(new Error(failure));
      else resolve(bytes === 0 ? 0 : (bytes * 1000) / (lastMs - firstMs));
    };
    for (let count = 0; count < inFlight; count++) next();
  });
}

/** The value in the middle; of none NaN. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
