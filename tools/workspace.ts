// The rooms of the house: where they are, what stands on what, which files they have.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** Something a check found wrong: where, and what to do about it. */
export interface Problem {
  /** Relative to the root, with `/`; a line is added where there is one. */
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

export interface Room {
  /** `storage`, `host-node`; the tools' is `tools`. */
  readonly name: string;
  readonly kind: 'package' | 'app' | 'tools';
  /** Absolute. */
  readonly directory: string;
}

export const repositoryRoot = resolve(import.meta.dirname, '..');

export const scope = '@odradek/';

/** What each package may import: the rooms below it. Apps and tools may import every package. */
export const roomsBelow: Readonly<Record<string, readonly string[]>> = {
  format: [],
  model: ['format'],
  storage: ['model', 'format'],
  replication: ['model', 'format'],
  election: ['model', 'format'],
  coordination: ['model', 'format'],
  core: ['storage', 'replication', 'election', 'coordination', 'model', 'format'],
  wire: ['model', 'format'],
  kafka: ['model', 'format'],
  client: ['wire', 'model', 'format'],
  trace: ['model', 'format'],
  simulator: [
    ...['core', 'storage', 'replication', 'election', 'coordination'],
    ...['wire', 'kafka', 'client', 'trace', 'model', 'format'],
  ],
  'host-node': ['wire', 'model', 'format'],
  'host-browser': ['wire', 'model', 'format'],
};

/** Rooms that may know clock, chance, files, sockets and promises. */
export const impureRooms: readonly string[] = ['host-node', 'host-browser', 'testkit', 'tools'];

/** All rooms that exist, packages first. */
export function roomsOf(root: string): Room[] {
  const tools: Room = { name: 'tools', kind: 'tools', directory: join(root, 'tools') };
  return [
    ...roomsIn(join(root, 'packages'), 'package'),
    ...roomsIn(join(root, 'apps'), 'app'),
    ...(existsSync(tools.directory) ? [tools] : []),
  ];
}

function roomsIn(directory: string, kind: Room['kind']): Room[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'package.json')))
    .map((entry) => ({ name: entry.name, kind, directory: join(directory, entry.name) }));
}

/** The TypeScript files of a room that ship: all in `src`; of the tools all but tests. */
export function sourceFiles(room: Room): string[] {
  if (room.kind !== 'tools') return typeScriptFiles(join(room.directory, 'src'));
  const tests = testFiles(room);
  return typeScriptFiles(room.directory).filter((file) => !tests.includes(file));
}

export function testFiles(room: Room): string[] {
  return typeScriptFiles(join(room.directory, 'test'));
}

export function typeScriptFiles(directory: string): string[] {
  return filesIn(directory).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
}

const notOurs = new Set(['node_modules', 'dist', '.git', '.nx', 'coverage']);

/** All files below a directory but what is installed or built, sorted. */
export function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    })
    .sort();
}

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** A path as problems name it. */
export function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
