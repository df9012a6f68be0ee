// The names on the memory disk: which path is which file, and which of the latest changes power loss could undo (D5).

import type { MemoryInode } from './memory-inode.ts';
import type { Survival } from './survival.ts';

export type MemoryNode = MemoryInode | 'directory';

/** One change of names in a directory. A rename is one change: it never half happens. */
export interface NameChange {
  readonly removed: readonly string[];
  readonly added?: { readonly path: string; readonly node: MemoryNode };
}

export class MemoryNames {
  #current = new Map<string, MemoryNode>();
  #durable = new Map<string, MemoryNode>();
  readonly #unsynced = new Map<string, NameChange[]>();

  get(path: string): MemoryNode | undefined {
    return path === '' ? 'directory' : this.#current.get(path);
  }

  isDirectory(path: string): boolean {
    return this.get(path) === 'directory';
  }

  add(path: string, node: MemoryNode): void {
    this.#change(parentOf(path), { removed: [], added: { path, node } });
  }

  remove(path: string): void {
    for (const below of this.#below(path)) this.#change(parentOf(below), { removed: [below] });
    if (this.#current.has(path)) this.#change(parentOf(path), { removed: [path] });
  }

  rename(from: string, to: string, node: MemoryNode): void {
    const moved = node === 'directory' ? this.#below(from) : [];
    for (const below of moved) {
      const child = this.#current.get(below);
      if (child !== undefined) this.rename(below, to + below.slice(from.length), child);
    }
    this.#change(parentOf(to), { removed: [from], added: { path: to, node } });
  }

  list(directory: string): readonly string[] {
    const names: string[] = [];
    for (const path of this.#current.keys()) if (parentOf(path) === directory) names.push(nameOf(path));
    return names.sort();
  }

  /** Everything that has a name, by path: a directory before what lies in it. */
  entries(): Iterable<readonly [string, MemoryNode]> {
    return [...this.#current].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  inodes(): readonly MemoryInode[] {
    const found = new Set<MemoryInode>();
    for (const node of [...this.#current.values(), ...this.#durable.values()]) {
      if (node !== 'directory') found.add(node);
    }
    return [...found];
  }

  /** The last change that a sync of the directory which begins now covers. */
  lastChangeIn(directory: string): NameChange | undefined {
    return this.#unsynced.get(directory)?.at(-1);
  }

  /** The changes in a directory up to `last` are durable. Another sync may have taken them already. */
  sync(directory: string, last: NameChange | undefined): void {
    const changes = this.#unsynced.get(directory);
    if (changes === undefined || last === undefined) return;
    for (const change of changes.splice(0, changes.indexOf(last) + 1)) apply(this.#durable, change);
  }

  /** Every change is durable. */
  syncAll(): void {
    for (const changes of this.#unsynced.values()) for (const change of changes) apply(this.#durable, change);
    this.#unsynced.clear();
  }

  /** Of the changes not synced any subset stays; what lay in a directory that vanished is gone. */
  losePower(left: Survival): void {
    for (const changes of this.#unsynced.values()) {
      for (const change of changes) if (left.keeps()) apply(this.#durable, change);
    }
    this.#unsynced.clear();
    for (const path of [...this.#durable.keys()]) {
      const parent = parentOf(path);
      if (parent !== '' && !this.#hasAncestors(parent)) this.#durable.delete(path);
    }
    this.#current = new Map(this.#durable);
  }

  #hasAncestors(path: string): boolean {
    for (let at = path; at !== ''; at = parentOf(at)) if (this.#durable.get(at) !== 'directory') return false;
    return true;
  }

  #below(path: string): string[] {
    return [...this.#current.keys()]
      .filter((candidate) => candidate.startsWith(`${path}/`))
      .sort()
      .reverse();
  }

  #change(directory: string, change: NameChange): void {
    apply(this.#current, change);
    const changes = this.#unsynced.get(directory);
    if (changes === undefined) this.#unsynced.set(directory, [change]);
    else changes.push(change);
  }
}

function apply(names: Map<string, MemoryNode>, change: NameChange): void {
  for (const path of change.removed) names.delete(path);
  if (change.added !== undefined) names.set(change.added.path, change.added.node);
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
