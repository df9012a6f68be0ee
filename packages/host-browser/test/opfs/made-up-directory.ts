// The browser's file system as far as the disk uses it, made up: its power can fail, and its room be used up.

import type { OpfsDirectory, SyncFile } from '../../src/opfs/sync-file.ts';

/** A file: what was written, and what of it is durable. */
class MadeUpFile {
  now = new Uint8Array();
  durable = new Uint8Array();
  isOpen = false;
}

export class MadeUpDirectory implements OpfsDirectory {
  /** Bytes that may be written before there is no more room. */
  room = Number.POSITIVE_INFINITY;
  /** No more files are opened. */
  isStuck = false;
  readonly #files = new Map<string, MadeUpFile>();

  async *keys(): AsyncGenerator<string, void, undefined> {
    yield* [...this.#files.keys()];
  }

  async getFileHandle(name: string): Promise<object> {
    const file = this.#files.get(name) ?? new MadeUpFile();
    this.#files.set(name, file);
    return {
      createSyncAccessHandle: async (): Promise<SyncFile> => {
        if (this.isStuck) throw new DOMException('stuck', 'UnknownError');
        if (file.isOpen) throw new DOMException('it is open', 'NoModificationAllowedError');
        file.isOpen = true;
        return this.#handleOf(file);
      },
    };
  }

  /** What is there after the power has failed: of what was not flushed `keeps` says, file by file, whether it stays. */
  afterPowerLoss(keeps: () => boolean): MadeUpDirectory {
    const left = new MadeUpDirectory();
    for (const [name, { now, durable }] of this.#files) {
      const file = new MadeUpFile();
      file.now = (keeps() ? now : durable).slice();
      file.durable = file.now.slice();
      left.#files.set(name, file);
    }
    return left;
  }

  /** Bytes of all files. */
  get size(): number {
    return [...this.#files.values()].reduce((sum, { now }) => sum + now.length, 0);
  }

  #handleOf(file: MadeUpFile): SyncFile {
    return {
      read(target, { at }) {
        const part = file.now.subarray(at, at + target.length);
        target.set(part);
        return part.length;
      },
      write: (bytes, { at }) => {
        if (bytes.length > this.room) throw new DOMException('no room', 'QuotaExceededError');
        this.room -= bytes.length;
        const grown = new Uint8Array(Math.max(file.now.length, at + bytes.length));
        grown.set(file.now);
        grown.set(bytes, at);
        file.now = grown;
        return bytes.length;
      },
      truncate(size) {
        const cut = new Uint8Array(size);
        cut.set(file.now.subarray(0, size));
        file.now = cut;
      },
      getSize: () => file.now.length,
      flush() {
        file.durable = file.now.slice();
      },
      close() {
        file.isOpen = false;
      },
    };
  }
}
