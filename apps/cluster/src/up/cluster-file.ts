// What `up` writes down about the cluster it runs, so that commands in other terminals find it.

import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { localFailure } from '../failure.ts';
import { systemText } from '../system-text.ts';
import { clusterFileProblem } from './cluster-file-check.ts';

export type NodeRole = 'broker' | 'controller';

/** A node of the cluster as `up` laid it out. */
export interface ClusterNode {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly host: string;
  readonly port: number;
  /** Where its log directory is, absolute. */
  readonly directory: string;
  readonly directoryId: string;
  /** Its process, null while it is down. */
  readonly pid: number | null;
}

/** The content of `cluster.json`. */
export interface ClusterFile {
  readonly version: 1;
  readonly clusterId: string;
  /** The supervisor, null when it has ended. */
  readonly pid: number | null;
  /** Where the supervisor takes orders, and the word that proves that one may give them. */
  readonly control: { readonly port: number; readonly token: string } | null;
  readonly nodes: readonly ClusterNode[];
}

const fileName = 'cluster.json';

/** The cluster in a data directory; undefined when there is none. */
export function readClusterFile(dataDirectory: string): ClusterFile | undefined {
  const path = join(dataDirectory, fileName);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const parsed = parsedOr(text, path);
  const problem = clusterFileProblem(parsed);
  if (problem !== undefined)
    throw localFailure('INVALID_CONFIG', `${path}: ${problem}`, 'It is written by `odradek up` alone.');
  return parsed as ClusterFile;
}

/** Replaces the file as a whole; only its owner may read it, because of the token. */
export function writeClusterFile(dataDirectory: string, file: ClusterFile): void {
  replaceFile(join(dataDirectory, fileName), `${JSON.stringify(file, undefined, 2)}\n`);
}

/** Where this user's programs keep their state: `ODRADEK_HOME`, or the platform's place. */
export function stateDirectory(environment: NodeJS.ProcessEnv): string {
  const { ODRADEK_HOME, XDG_STATE_HOME, LOCALAPPDATA } = environment;
  if (isGiven(ODRADEK_HOME)) return ODRADEK_HOME;
  if (isGiven(XDG_STATE_HOME)) return join(XDG_STATE_HOME, 'odradek');
  if (process.platform === 'win32' && isGiven(LOCALAPPDATA)) return join(LOCALAPPDATA, 'odradek');
  return join(homedir(), '.local/state/odradek');
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Where `up` keeps its data when nobody says so. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv): string {
  return join(stateDirectory(environment), 'cluster');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw localFailure('KAFKA_STORAGE_ERROR', `${path} cannot be read: ${systemText(error)}`);
  }
}

function parsedOr(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw localFailure('INVALID_CONFIG', `${path} is not JSON`, 'It is written by `odradek up` alone.');
  }
}

/** Replaces a file as a whole; only its owner may read it. */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}
