// What is told of an attack, and how much memory the attacked have.

import { setTimeout as pause } from 'node:timers/promises';

const SETTLE_MS = 3000;
/**
 * How much more a broker may have at the end. Of its 90 MB at rest the heap is 25. Under load V8 takes three rooms of 16 MB for what is
 * young, and lets the old grow fivefold before it collects it (`--heap-growing-percent`, see the broker's command): 150 MB more, which
 * it does not give back soon. All of that is heap; compiled code and the allocator's own rooms are some 15 MB more. What stays of
 * frames is measured, after a forced collection, in the simulator's `hostile-frames.test.ts`.
 */
const MOST_GROWTH_BYTES = 300 * 1024 * 1024;
const MOST_GROWTH_BESIDE_HEAP_BYTES = 48 * 1024 * 1024;

export interface Attacked {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** What a process has in memory, and how much of that V8 has taken for its heap. */
export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

/** The memory of each process once it has had a moment of rest. */
export async function settledMemory(processes: readonly Attacked[]): Promise<ReadonlyMap<number, Memory>> {
  await pause(SETTLE_MS);
  return new Map(await Promise.all(processes.map(async (one) => [one.id, await memoryOf(one)] as const)));
}

/** As its `/metrics` tell. */
async function memoryOf({ host, port }: Attacked): Promise<Memory> {
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    residentBytes: bytes('process_resident_memory_bytes'),
    heapBytes: bytes('nodejs_heap_size_total_bytes'),
    bufferBytes: bytes('nodejs_array_buffer_memory_bytes'),
  };
}

/** Why a process has grown more than it may; undefined: it has not. */
export function growthProblem(before: Memory, after: Memory): string | undefined {
  const grown = after.residentBytes - before.residentBytes;
  const besideHeap = grown - (after.heapBytes - before.heapBytes);
  if (grown <= MOST_GROWTH_BYTES && besideHeap <= MOST_GROWTH_BESIDE_HEAP_BYTES) return undefined;
  return `it has grown by ${mega(grown)} MB, of which ${mega(besideHeap)} MB are not V8's heap`;
}

export function memoryText({ residentBytes, heapBytes, bufferBytes }: Memory): string {
  return `${mega(residentBytes)} MB (heap ${mega(heapBytes)}, buffers ${mega(bufferBytes)})`;
}

function mega(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

export function passed(frames: number, startedMs: number): string {
  const seconds = (performance.now() - startedMs) / 1000;
  return `${frames} frames in ${seconds.toFixed(0)} s`;
}
