// A snapshot on its way here, chunk by chunk.

import { joinedBytes } from '@odradek/format';
import type { SnapshotId } from './quorum.ts';

export class SnapshotDownload {
  readonly id: SnapshotId;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(id: SnapshotId) {
    this.id = id;
  }

  /** The bytes received, which is also the position of the next chunk. */
  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** All of it in one piece. */
  bytes(): Uint8Array {
    return joinedBytes(this.#chunks);
  }
}
