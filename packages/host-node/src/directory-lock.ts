// One process per directory: the lock is a listening Unix socket in it (on Windows a named pipe). A process that dies takes its
// listener with it, so a lock that refuses connections is stale, and nobody has to guess by process ids.

import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOf } from './disk-system.ts';
import { HostError } from './host-error.ts';

export const LOCK_NAME = '.lock';
const GUARD_NAME = '.lock.guard';
const ATTEMPTS = 1000;
const RETRY_MS = 5;
/** A guard is held for milliseconds: an older one was left by a process that died with it, even if its id lives on. */
const GUARD_STALE_MS = 4000;

export interface DirectoryLock {
  release(): void;
}

/** Locks a directory, or throws a {@link HostError} that says why not: it is in use. The directory must exist. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const root = resolve(directory);
  if (process.platform === 'win32') return lockPipe(root);
  const guard = join(root, GUARD_NAME);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (takeGuard(guard)) {
      try {
        return await install(root);
      } finally {
        fs.rmSync(guard, { force: true });
      }
    }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
  throw new HostError('KAFKA_STORAGE_ERROR', `directory ${root} cannot be locked: ${guard} does not go away`);
}

function inUse(root: string): Error {
  const text = `directory ${root} is in use by another process; stop it, or use another directory`;
  return new HostError('KAFKA_STORAGE_ERROR', text);
}

/** Under the guard nobody else puts a listener in place: between our look and our rename the name can only go away. */
async function install(root: string): Promise<DirectoryLock> {
  if ((await look(root)) === 'held') throw inUse(root);
  const name = `${LOCK_NAME}.${randomUUID().slice(0, 8)}`;
  const server = await withShortPath(root, name, bind);
  if (server === undefined) throw inUse(root);
  fs.renameSync(join(root, name), join(root, LOCK_NAME));
  server.unref();
  return {
    release() {
      // In this order: while we listen nobody takes the name for stale, and once we do not it may be another's.
      fs.rmSync(join(root, LOCK_NAME), { force: true });
      server.close();
    },
  };
}

/** Listens at a path; undefined when it is taken. */
function bind(path: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? done(undefined) : fail(error)));
    server.listen(path, () => done(server));
  });
}

type LockState = 'held' | 'stale' | 'gone';

function look(root: string): Promise<LockState> {
  return withShortPath(root, LOCK_NAME, (path) => {
    return new Promise<LockState>((done) => {
      const socket = connect(path);
      socket.once('connect', () => {
        socket.destroy();
        done('held');
      });
      socket.once('error', (error) => {
        const code = codeOf(error);
        // What neither refuses nor is missing, such as a full backlog, may be alive: the careful answer.
        done(code === 'ECONNREFUSED' || code === 'ENOTSOCK' ? 'stale' : code === 'ENOENT' ? 'gone' : 'held');
      });
    });
  });
}

function takeGuard(guard: string): boolean {
  try {
    fs.writeFileSync(guard, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (isLeftBehind(guard)) fs.rmSync(guard, { force: true });
    return false;
  }
}

/** Whether the process that made the guard is gone. */
function isLeftBehind(guard: string): boolean {
  const made = fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return false;
  if (Date.now() - made > GUARD_STALE_MS) return true;
  try {
    const pid = Number(fs.readFileSync(guard, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** The system's limit for the path of a socket is 104 or 108 bytes: a longer one is reached through a short link to its directory. */
async function withShortPath<T>(root: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(root, name);
  if (isShort(path)) return use(path);
  const shortcut = fs.mkdtempSync(join(tmpdir(), 'odr-'));
  try {
    const link = join(shortcut, 'd');
    fs.symlinkSync(root, link);
    return await use(join(link, name));
  } finally {
    fs.rmSync(shortcut, { recursive: true, force: true });
  }
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) <= 100;
}

/** A named pipe goes with its process, so it is never stale. */
async function lockPipe(root: string): Promise<DirectoryLock> {
  const id = createHash('sha256').update(root.toLowerCase()).digest('hex').slice(0, 32);
  const server = await bind(`\\\\.\\pipe\\odradek-${id}`);
  if (server === undefined) throw inUse(root);
  server.unref();
  return { release: () => void server.close() };
}
