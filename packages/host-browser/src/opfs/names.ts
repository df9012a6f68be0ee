// Which file has which name. The browser cannot rename or remove a file at once, so the files of the disk have numbers, and their names
// are kept here: a tree in memory.

import { DiskError } from '@odradek/model';

/** A file by its number, or a directory. */
export type Entry = number | Folder;

export class Folder {
  readonly entries = new Map<string, Entry>();
}

/** One change of the names. */
export type NameChange =
  | readonly ['file', path: string, number: number]
  | readonly ['directory', path: string]
  | readonly ['rename', from: string, to: string]
  | readonly ['remove', path: string];

export class Names {
  readonly #root = new Folder();

  /** What has this name. */
  get(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const part of partsOf(path)) entry = entry instanceof Folder ? entry.entries.get(part) : undefined;
    return entry;
  }

  /** Names in a directory, sorted. */
  list(path: string): string[] {
    const folder = this.get(path);
    return folder instanceof Folder ? [...folder.entries.keys()].sort() : [];
  }

  /** All files below a name, itself among them. */
  *numbers(entry: Entry | undefined = this.#root): Generator<number, void, undefined> {
    if (typeof entry === 'number') yield entry;
    else if (entry !== undefined) for (const child of entry.entries.values()) yield* this.numbers(child);
  }

  /** Throws a {@link DiskError} when the change cannot be made; then nothing is changed. */
  check([change, path, to]: NameChange): void {
    if (change === 'rename') {
      if (this.get(path) === undefined) throw new DiskError('ENOENT', change, path);
      const there = this.get(String(to));
      const isReplaceable = there === undefined || typeof there === typeof this.get(path);
      if (!isReplaceable || (there instanceof Folder && there.entries.size > 0))
        throw new DiskError('ENOTEMPTY', change, path);
      this.#parentOf(String(to), change);
    } else if (change === 'file') {
      this.#parentOf(path, change);
      if (this.get(path) instanceof Folder) throw new DiskError('EISDIR', change, path);
    } else if (change === 'directory')
      for (let above = path; above !== ''; above = parentPath(above))
        if (typeof this.get(above) === 'number') throw new DiskError('ENOTDIR', change, path);
  }

  /** Makes a change that was checked. Returns the files that have no name any more. */
  apply(change: NameChange): number[] {
    const [what, path, to] = change;
    const gone = [...this.#goneBy(change)];
    if (what === 'directory') this.#makeFolder(path);
    else if (what === 'file') this.#put(path, Number(to));
    else {
      const moved = this.get(path);
      if (what === 'rename' && path === to) return [];
      this.#folderAt(parentPath(path))?.entries.delete(baseName(path));
      if (what === 'rename' && moved !== undefined) this.#put(String(to), moved);
    }
    return gone;
  }

  /** Changes that make these names out of none. */
  *changes(folder: Folder = this.#root, above = ''): Generator<NameChange, void, undefined> {
    for (const [name, entry] of folder.entries) {
      const path = above === '' ? name : `${above}/${name}`;
      if (typeof entry === 'number') yield ['file', path, entry];
      else {
        yield ['directory', path];
        yield* this.changes(entry, path);
      }
    }
  }

  #goneBy([what, path, to]: NameChange): Iterable<number> {
    if (what === 'directory') return [];
    if (what === 'rename') return path === to ? [] : this.#filesAt(String(to));
    return this.#filesAt(path);
  }

  #filesAt(path: string): Iterable<number> {
    const entry = this.get(path);
    return entry === undefined ? [] : this.numbers(entry);
  }

  #put(path: string, entry: Entry): void {
    this.#folderAt(parentPath(path))?.entries.set(baseName(path), entry);
  }

  #folderAt(path: string): Folder | undefined {
    const entry = this.get(path);
    return entry instanceof Folder ? entry : undefined;
  }

  #parentOf(path: string, operation: string): Folder {
    const folder = this.#folderAt(parentPath(path));
    if (folder === undefined) throw new DiskError('ENOENT', operation, path);
    return folder;
  }

  #makeFolder(path: string): void {
    let folder = this.#root;
    for (const part of partsOf(path)) {
      const known = folder.entries.get(part);
      const next = known instanceof Folder ? known : new Folder();
      folder.entries.set(part, next);
      folder = next;
    }
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function parentPath(path: string): string {
  return partsOf(path).slice(0, -1).join('/');
}

function baseName(path: string): string {
  return partsOf(path).at(-1) ?? '';
}
