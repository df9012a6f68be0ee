// In which a measurement is taken.

export type FlushPolicy = 'os' | 'commit';

/** Where the load goes. All partitions have one leader, as the raw path has. */
export interface Placement {
  readonly partitions: number;
  readonly replicas: number;
  /** Each has a connection. */
  readonly producers: number;
}

export const oneProducer: Placement = { partitions: 1, replicas: 1, producers: 1 };

/** Before the first measure of a new topic: connections, files and code get warm. */
export const WARM_UP_MS = 200;

/** What all measurements are told. */
export interface BenchOptions {
  /** What is run: this checkout's bundle, or another build. */
  readonly program: string;
  /** For data, gone at the end. */
  readonly directory: string;
  readonly turns: number;
  readonly isFull: boolean;
  /** Of each slice, not counted: the other path had the processors before it. */
  readonly warmUpMs: number;
  readonly sliceMs: number;
  /** A turn of each path is so many slices, see {@link BothPaths}. */
  readonly slices: number;
  /**
   * How many batches both paths take before the first row, with all replicas and then with one, not counted: until V8 has compiled them. A
   * broker that has run for a second takes a third of the batches that it takes after five.
   */
  readonly compileBatches: number;
  /** Where that takes long. */
  readonly compileMaxMs: number;
  /** Whether a row is asked for, by its name. */
  readonly wants: (name: string) => boolean;
}

export const BROKERS = 3;
export const KIB = 1024;
