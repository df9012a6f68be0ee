// What is wrong with one disk: no room left, the next order that fails, and stored bytes that rot where they lie (D3, D4, D6, D8).

import { type BatchView, walkBatches } from '@odradek/format';
import type { Offset } from '@odradek/model';
import type { DiskFault, DiskOperation, MemoryDisk } from '@odradek/storage';
import type { SeededRandom } from './seeded-random.ts';
import { storedChecksum } from './stored-checksum.ts';

/** The orders that need room. */
const growing: readonly DiskOperation[] = ['append', 'writeFile', 'replaceFile', 'makeDirectory'];

/** The orders that schedules can let fail. */
export const failingOperations = [
  'open',
  'append',
  'sync',
  'replaceFile',
  'syncDirectory',
  'readLater',
] as const;

export class DiskTrouble {
  /** No room is left. */
  isFull = false;
  /** It says that little is left, below the floor, and takes what it is given. */
  isLow = false;
  /** Whether this disk has refused anything since its node was started. */
  hasRefused = false;
  readonly #failing: {
    readonly operation: DiskOperation;
    readonly fault: DiskFault;
    readonly directory: string;
  }[] = [];

  /** The next such order fails, or the next for what lies in a directory; of an append, `keptBytes` are written before. */
  failNext(operation: DiskOperation, fault: DiskFault, directory = ''): void {
    this.#failing.push({ operation, fault, directory });
  }

  faultOf(operation: DiskOperation, path: string): DiskFault | undefined {
    // Each order of a disk passes here, and mostly nothing is wrong.
    if (this.#failing.length === 0 && !this.isFull) return undefined;
    const index = this.#failing.findIndex(
      (one) => one.operation === operation && (one.directory === '' || path.startsWith(`${one.directory}/`)),
    );
    const [failing] = index < 0 ? [] : this.#failing.splice(index, 1);
    const fault =
      failing?.fault ?? (this.isFull && growing.includes(operation) ? { code: 'ENOSPC' } : undefined);
    if (fault !== undefined) this.hasRefused = true;
    return fault;
  }

  end(): void {
    this.isFull = false;
    this.isLow = false;
    this.#failing.length = 0;
  }
}

/** Where Kafka, and we, write how far each log is known to be durable. */
const RECOVERY_POINTS = 'recovery-point-offset-checkpoint';

/** A bit flips; a write was acknowledged and never came to the disk; bytes meant for another place lie here (D12). */
const rots = ['flip', 'lost', 'misdirected'] as const;

export type Rot = (typeof rots)[number];

export function isRot(word: string): word is Rot {
  return rots.some((one) => one === word);
}

/** Which record, and what becomes of it. */
export interface RotOrder {
  readonly log: string;
  readonly how: Rot;
  /** Also what lies above the log's durable recovery point: power that fails could have torn it, so nobody can tell (D14). */
  readonly isAnywhere?: boolean;
}

/**
 * Rots a record, as a rule one that lies below its log's durable recovery point: what lies above may lawfully be torn, and is cut. Says what
 * it did, or undefined when nothing lies there yet. Headers are left alone: what kind of batch it was stays known to the oracles.
 */
export function rot(
  disk: MemoryDisk,
  { log, how, isAnywhere = false }: RotOrder,
  random: SeededRandom,
): string | undefined {
  const endOffset = isAnywhere ? Number.MAX_SAFE_INTEGER : (recoveryPointOf(disk, log) ?? 0);
  const places = disk
    .list(log)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => bodiesBelow(disk, `${log}/${name}`, endOffset));
  if (places.length === 0) return undefined;
  const { path, position, bytes } = random.pick(places);
  if (how === 'flip') {
    const at = random.below(bytes.length);
    disk.corrupt(path, position + at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
  } else {
    const other =
      how === 'lost' ? new Uint8Array(bytes.length) : random.pick(places).bytes.slice(0, bytes.length);
    disk.corrupt(path, position, other);
  }
  return `${path} at ${position}`;
}

/** Up to where a log is known to be durable, as it is written down; undefined when no record of it is known to be. */
export function recoveryPointOf(disk: MemoryDisk, log: string): Offset | undefined {
  const bytes = disk.readFile(RECOVERY_POINTS);
  if (bytes === undefined) return undefined;
  const at = log.lastIndexOf('-');
  const name = `${log.slice(0, at)} ${log.slice(at + 1)} `;
  const line = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .find((one) => one.startsWith(name));
  return line === undefined ? undefined : Number(line.slice(name.length));
}

/** Record batch v2: the records begin after 61 bytes. */
const HEADER_BYTES = 61;

interface Body {
  readonly path: string;
  readonly position: number;
  readonly bytes: Uint8Array;
}

function bodiesBelow(disk: MemoryDisk, path: string, endOffset: Offset): Body[] {
  const bodies: Body[] = [];
  const file = disk.readFile(path) ?? new Uint8Array(0);
  const take = (batch: BatchView): void => {
    if (batch.nextOffset > endOffset || batch.sizeInBytes <= HEADER_BYTES) return;
    const position = batch.position + HEADER_BYTES;
    const bytes = file.slice(position, batch.position + batch.sizeInBytes);
    bodies.push({ path, position, bytes });
  };
  walkBatches(file, take, 0, storedChecksum);
  return bodies;
}
