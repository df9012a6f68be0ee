// The log on a disk: segments, indexes, recovery, retention, producer state; and a disk in memory that can lose power.

export { type DiskFault, type DiskOperation, MemoryDisk, type MemoryDiskOptions } from './memory-disk.ts';
