// Whether the disk has room for what clients send. Below a floor their records are refused, so that what was taken already can still
// be replicated, and the node can still write its metadata and checkpoints (D6). Nobody polls: the disk is asked when somebody
// appends, and when the node tells how it is.

import type { Clock, Disk } from '@odradek/model';

export interface FreeSpaceOptions {
  readonly disk: Pick<Disk, 'freeBytes'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Below it nothing is taken; `odradek.disk.free.min.bytes`. */
  readonly minBytes: number;
  /** One line when records begin to be refused, and one when they are taken again. */
  readonly say: (line: string) => void;
}

/** How long an answer of the disk is believed while there is room. */
const BELIEVED_MS = 1000;

export class FreeSpace {
  readonly #options: FreeSpaceOptions;
  /** Room above the floor, as far as known. */
  #room = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** How much was refused last, unless records were taken since. */
  #refusedBytes: number | undefined;

  constructor(options: FreeSpaceOptions) {
    this.#options = options;
  }

  /** Why so many bytes of a client are not taken; undefined when they are. */
  refusal(bytes: number): string | undefined {
    const { clock, say } = this.#options;
    // What is refused is asked anew each time: room that was made is used at once.
    const isOld = clock.nowMs() - this.#askedMs >= BELIEVED_MS;
    if (isOld || this.#room < bytes) this.#ask();
    const isRefusing = this.#room < bytes;
    this.#room -= isRefusing ? 0 : bytes;
    if (isRefusing !== (this.#refusedBytes !== undefined))
      say(isRefusing ? this.#reason : 'the disk has room again: records are taken');
    this.#refusedBytes = isRefusing ? bytes : undefined;
    return isRefusing ? this.#reason : undefined;
  }

  /** Why nothing of clients is taken now; undefined while there is room. Asks the disk. */
  get problem(): string | undefined {
    this.#ask();
    return this.#room < (this.#refusedBytes ?? 1) ? this.#reason : undefined;
  }

  get #reason(): string {
    return `the disk has less than ${this.#options.minBytes} bytes left (odradek.disk.free.min.bytes): records are refused until there is room`;
  }

  #ask(): void {
    const { disk, clock, minBytes } = this.#options;
    const free = disk.freeBytes();
    this.#askedMs = clock.nowMs();
    this.#room = free === undefined ? Number.POSITIVE_INFINITY : free - minBytes;
  }
}
