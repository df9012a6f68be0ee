// The ports on Node: files, timers, chance, checksums and compression.

export { nodeClock } from './clock.ts';
export { nodeCompute } from './compute.ts';
export { createNodeDisk } from './disk.ts';
export { nodeRandom } from './random.ts';
