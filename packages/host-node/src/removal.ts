// Removing files. Names go at once. The space of a gigabyte takes the system half a second to give back, in which the whole broker
// would stand still: deleted topics and retention would cost leaderships. A file whose name is gone keeps its space until it is closed,
// and that is done in the thread pool.

import * as fs from 'node:fs';
import { join } from 'node:path';

/** From this size on, opening and closing a file costs less than waiting. */
const LARGE_BYTES = 1024 * 1024;
/** Windows does not remove the directory of a file that is open. */
const mayBeOpen = process.platform !== 'win32';

export class Removal {
  /** Large files without a name. They are closed one after the other: flushes need the same threads. */
  readonly #nameless: number[] = [];

  /** Removes a file, or a directory with all that is in it; nothing happens if it is not there. */
  remove(path: string): void {
    if (mayBeOpen) for (const file of largeFilesAt(path)) this.#removeOpen(file);
    fs.rmSync(path, { recursive: true, force: true });
  }

  #removeOpen(path: string): void {
    const fd = opened(path);
    if (fd === undefined) return;
    try {
      fs.unlinkSync(path);
    } finally {
      this.#nameless.push(fd);
      if (this.#nameless.length === 1) this.#closeNext();
    }
  }

  #closeNext(): void {
    const [fd] = this.#nameless;
    if (fd === undefined) return;
    fs.close(fd, () => {
      // An error would say that writes were lost, of what is gone anyway.
      this.#nameless.shift();
      this.#closeNext();
    });
  }
}

function* largeFilesAt(path: string): Iterable<string> {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true)
    for (const name of fs.readdirSync(path)) yield* largeFilesAt(join(path, name));
  else if (found?.isFile() === true && found.size >= LARGE_BYTES) yield path;
}

/** Undefined when it cannot be opened, because too many are: then it is removed as a small one. */
function opened(path: string): number | undefined {
  try {
    return fs.openSync(path, 'r');
  } catch {
    return undefined;
  }
}
