// Which clusters `up` has begun on this machine, so that commands in other terminals find them: one small file for each data directory,
// since several may begin and end at once.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { type ClusterFile, readClusterFile, replaceFile, stateDirectory } from './cluster-file.ts';

export interface KnownCluster {
  readonly dataDirectory: string;
  readonly file: ClusterFile;
}

interface Entry {
  readonly dataDirectory: string;
  /** By the clock of this machine, and later than all before. */
  readonly begunMs: number;
}

/** Remembers a cluster as the one that was begun last. Those whose data is gone are forgotten. */
export function rememberCluster(environment: NodeJS.ProcessEnv, dataDirectory: string): void {
  const known = entries(environment);
  const begunMs = Math.max(Date.now(), (known[0]?.begunMs ?? 0) + 1);
  const entry: Entry = { dataDirectory, begunMs };
  replaceFile(pathOf(environment, dataDirectory), `${JSON.stringify(entry)}\n`);
  for (const { dataDirectory: other } of known)
    if (other !== dataDirectory && clusterIn(other, false) === undefined) forgetCluster(environment, other);
}

/** Forgets a cluster: its data is gone. */
export function forgetCluster(environment: NodeJS.ProcessEnv, dataDirectory: string): void {
  rmSync(pathOf(environment, dataDirectory), { force: true });
}

/** Those that are there, the one that was begun last first. */
export function knownClusters(environment: NodeJS.ProcessEnv): readonly KnownCluster[] {
  return entries(environment).flatMap(({ dataDirectory }, place) => {
    const file = clusterIn(dataDirectory, place === 0);
    return file === undefined ? [] : [{ dataDirectory, file }];
  });
}

/** Whether the `up` that wrote the file still runs: one that was killed could not say that it ended. */
export function isRunning({ pid }: ClusterFile): boolean {
  if (pid === null) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A file that is damaged is told of by whoever means that cluster, not by everybody. */
function clusterIn(dataDirectory: string, isMeant: boolean): ClusterFile | undefined {
  try {
    return readClusterFile(dataDirectory);
  } catch (error) {
    if (isMeant || !(error instanceof Failure)) throw error;
    return undefined;
  }
}

function entries(environment: NodeJS.ProcessEnv): readonly Entry[] {
  const directory = directoryOf(environment);
  return namesIn(directory)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => entryIn(join(directory, name)) ?? [])
    .sort((one, other) => other.begunMs - one.begunMs);
}

/** Undefined: another process has just forgotten it, or nothing of ours is in it. */
function entryIn(path: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const isEntry = typeof entry === 'object' && entry !== null && 'dataDirectory' in entry;
    if (!isEntry || !('begunMs' in entry)) return undefined;
    const { dataDirectory, begunMs } = entry;
    return typeof dataDirectory === 'string' && typeof begunMs === 'number'
      ? { dataDirectory, begunMs }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function directoryOf(environment: NodeJS.ProcessEnv): string {
  return join(stateDirectory(environment), 'clusters');
}

function pathOf(environment: NodeJS.ProcessEnv, dataDirectory: string): string {
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  return join(directoryOf(environment), `${name}.json`);
}
