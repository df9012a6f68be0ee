// Syncs of directories: whoever asks while one is under way shares the next with all others who do. A hundred new logs are a hundred names in
// one directory, and one sync of it.

import * as fs from 'node:fs';

interface Running {
  readonly now: Promise<void>;
  /** For changes that came while it ran. */
  next: Promise<void> | undefined;
}

export class DirectorySyncs {
  readonly #running = new Map<string, Running>();
  readonly #syncNow: (path: string) => Promise<void>;

  constructor(syncNow: (path: string) => Promise<void> = syncDirectory) {
    this.#syncNow = syncNow;
  }

  /** Resolves once the names that the directory has by now are durable. */
  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running === undefined) return this.#begin(path);
    const again = (): Promise<void> => this.#begin(path);
    running.next ??= running.now.then(again, again);
    return running.next;
  }

  #begin(path: string): Promise<void> {
    const running: Running = { now: this.#syncNow(path), next: undefined };
    this.#running.set(path, running);
    const ended = (): void => {
      if (running.next === undefined) this.#running.delete(path);
    };
    running.now.then(ended, ended);
    return running.now;
  }
}

/** Windows can not open a directory to sync it; there the rename itself is journalled. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.promises.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
