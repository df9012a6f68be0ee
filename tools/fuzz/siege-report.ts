// What is told of an attack, and how much memory the attacked have.

import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../bench/until.ts';

const SETTLE_MS = 3000;
/** How much more may be alive in a broker's heap at the end: code and tables that came with the first frames. */
const MOST_HELD_GROWTH_BYTES = 24 * 1024 * 1024;
/** Beside heap and buffers: rooms that the allocator keeps for each thread, also of what it took to write the snapshots. */
const MOST_GROWTH_BESIDES_BYTES = 96 * 1024 * 1024;

export interface Attacked {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

/** What a process has in memory, how much of that V8 has taken for its heap, and how much of the heap is in use. */
export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly usedBytes: number;
  readonly bufferBytes: number;
}

/** The memory of each process once it has had a moment of rest. */
export async function settledMemory(processes: readonly Attacked[]): Promise<ReadonlyMap<number, Memory>> {
  await pause(SETTLE_MS);
  return new Map(await Promise.all(processes.map(async (one) => [one.id, await memoryOf(one)] as const)));
}

/** For the processes of a cluster, so that they take a snapshot of their heap when they are told to. */
export function snapshotsBySignal(directory: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${directory}` };
}

/**
 * What each process holds on to: Node collects all garbage before it takes a snapshot of a heap. That stops a broker for a moment, so
 * it is one after the other, and the cluster is whole before the next one.
 */
export async function heldMemory(
  processes: readonly Attacked[],
  directory: string,
  isWhole: () => Promise<boolean>,
): Promise<ReadonlyMap<number, Memory>> {
  const memories = new Map<number, Memory>();
  for (const one of processes) {
    await until('the cluster is whole', isWhole);
    memories.set(one.id, await collectedMemory(one, directory));
  }
  await until('the cluster is whole', isWhole);
  return memories;
}

async function collectedMemory(one: Attacked, directory: string): Promise<Memory> {
  const known = snapshots(directory).length;
  process.kill(one.pid, 'SIGUSR2');
  // It writes the file in one go, and answers nobody meanwhile.
  await until(`broker ${one.id} has taken a snapshot of its heap`, () => snapshots(directory).length > known);
  return memoryOf(one);
}

function snapshots(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.heapsnapshot'));
}

/** As its `/metrics` tell. */
async function memoryOf({ host, port }: Attacked): Promise<Memory> {
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    residentBytes: bytes('process_resident_memory_bytes'),
    heapBytes: bytes('nodejs_heap_size_total_bytes'),
    usedBytes: bytes('nodejs_heap_size_used_bytes'),
    bufferBytes: bytes('nodejs_array_buffer_memory_bytes'),
  };
}

/** Why a process holds more than it may; undefined: it does not. The tails of logs are kept in buffers, which have a cap of their own. */
export function growthProblem(before: Memory, after: Memory): string | undefined {
  const held = after.usedBytes - before.usedBytes;
  const besides = bytesBesides(after) - bytesBesides(before);
  if (held <= MOST_HELD_GROWTH_BYTES && besides <= MOST_GROWTH_BESIDES_BYTES) return undefined;
  return `it holds ${mega(held)} MB more in its heap, and ${mega(besides)} MB more beside heap and buffers`;
}

function bytesBesides({ residentBytes, heapBytes, bufferBytes }: Memory): number {
  return residentBytes - heapBytes - bufferBytes;
}

export function memoryText({ residentBytes, heapBytes, usedBytes, bufferBytes }: Memory): string {
  return `${mega(residentBytes)} MB (heap ${mega(heapBytes)}, of which ${mega(usedBytes)} used, buffers ${mega(bufferBytes)})`;
}

function mega(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

export function passed(frames: number, startedMs: number): string {
  const seconds = (performance.now() - startedMs) / 1000;
  return `${frames} frames in ${seconds.toFixed(0)} s (${(frames / seconds).toFixed(0)} a second)`;
}
