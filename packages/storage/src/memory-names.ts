// The names on the memory disk: which path is which file, and which of the latest changes power loss could undo (D5). As on a real disk
// a directory is a thing of its own: what is removed and made anew is another one, and nothing of the first is ever found in the second.

import { DiskError } from '@odradek/model';
import { MemoryInode } from './memory-inode.ts';
import type { Survival } from './survival.ts';

export type MemoryNode = MemoryInode | MemoryDirectory;

/** One change of the names in a directory. A rename is one change: it never half happens. */
interface NameChange {
  readonly removed?: string;
  readonly added?: { readonly name: string; readonly node: MemoryNode };
}

export class MemoryDirectory {
  #current = new Map<string, MemoryNode>();
  readonly #durable = new Map<string, MemoryNode>();
  #unsynced: NameChange[] = [];
  #sorted: readonly string[] | undefined;

  get names(): ReadonlyMap<string, MemoryNode> {
    return this.#current;
  }

  /** In their order, which is made once they are asked for, and kept until one comes or goes: oracles ask after most events. */
  get sortedNames(): readonly string[] {
    this.#sorted ??= [...this.#current.keys()].sort();
    return this.#sorted;
  }

  /** What lies there, and what would lie there again after power loss. */
  get children(): Iterable<MemoryNode> {
    return [...this.#current.values(), ...this.#durable.values()];
  }

  change(change: NameChange): void {
    apply(this.#current, change);
    this.#sorted = undefined;
    this.#unsynced.push(change);
  }

  /** Begins a sync; to be called when it has ended. Another one may have taken the same changes by then. */
  beginSync(): () => void {
    const last = this.#unsynced.at(-1);
    return () => {
      if (last === undefined) return;
      for (const change of this.#unsynced.splice(0, this.#unsynced.indexOf(last) + 1))
        apply(this.#durable, change);
    };
  }

  /** Of the changes not synced any subset stays. */
  losePower(left: Survival): void {
    for (const change of this.#unsynced) if (left.keeps()) apply(this.#durable, change);
    this.#unsynced = [];
    this.#current = new Map(this.#durable);
    this.#sorted = undefined;
    for (const node of this.#current.values()) if (node instanceof MemoryDirectory) node.losePower(left);
  }
}

export class MemoryNames {
  readonly #root = new MemoryDirectory();

  get(path: string): MemoryNode | undefined {
    let at: MemoryNode | undefined = this.#root;
    for (let start = 0; at !== undefined && start < path.length; ) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      at = at instanceof MemoryDirectory ? at.names.get(path.slice(start, end)) : undefined;
      start = end + 1;
    }
    return at;
  }

  directory(path: string): MemoryDirectory | undefined {
    const node = this.get(path);
    return node instanceof MemoryDirectory ? node : undefined;
  }

  add(path: string, node: MemoryNode): void {
    this.directory(parentOf(path))?.change({ removed: nameOf(path), added: { name: nameOf(path), node } });
  }

  /** A file, or a directory with all that is in it. */
  remove(path: string): void {
    const node = this.get(path);
    if (node === undefined) return;
    if (node instanceof MemoryDirectory)
      for (const name of [...node.names.keys()]) this.remove(`${path}/${name}`);
    this.directory(parentOf(path))?.change({ removed: nameOf(path) });
  }

  /** Within a directory: between two it would be two changes, and nobody needs that. */
  rename(from: string, to: string): void {
    const node = this.get(from);
    if (node === undefined) throw new DiskError('ENOENT', 'rename', from);
    if (parentOf(from) !== parentOf(to)) throw new DiskError('EXDEV', 'rename', to);
    this.directory(parentOf(to))?.change({ removed: nameOf(from), added: { name: nameOf(to), node } });
  }

  list(path: string): readonly string[] {
    return this.directory(path)?.sortedNames ?? [];
  }

  /** Everything that has a name, by path: a directory before what lies in it. */
  entries(): readonly (readonly [string, MemoryNode])[] {
    const below = (directory: MemoryDirectory, prefix: string): (readonly [string, MemoryNode])[] =>
      [...directory.names]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .flatMap(([name, node]) => {
          const inside = node instanceof MemoryDirectory ? below(node, `${prefix}${name}/`) : [];
          return [[`${prefix}${name}`, node] as const, ...inside];
        });
    return below(this.#root, '');
  }

  /** Every file that has a name, or would have one again after power loss. */
  inodes(): readonly MemoryInode[] {
    return [...this.#reachable()].filter((node) => node instanceof MemoryInode);
  }

  /** Every change is durable. */
  syncAll(): void {
    for (const node of this.#reachable()) if (node instanceof MemoryDirectory) node.beginSync()();
  }

  losePower(left: Survival): void {
    this.#root.losePower(left);
  }

  #reachable(): ReadonlySet<MemoryNode> {
    const found = new Set<MemoryNode>([this.#root]);
    // A set is gone through with what is added to it meanwhile.
    for (const node of found)
      if (node instanceof MemoryDirectory) for (const child of node.children) found.add(child);
    return found;
  }
}

function apply(names: Map<string, MemoryNode>, { removed, added }: NameChange): void {
  if (removed !== undefined) names.delete(removed);
  if (added !== undefined) names.set(added.name, added.node);
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
