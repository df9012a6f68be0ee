// One process per directory: the lock is a listening Unix socket in it (on Windows a named pipe). A process that dies takes its
// listener with it, so a lock that refuses connections is stale, and nobody has to guess by process ids.

import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOf } from './disk-system.ts';

export const LOCK_NAME = '.lock';
const GUARD_NAME = '.lock.guard';
const ATTEMPTS = 200;
const RETRY_MS = 25;
/** A guard is held for milliseconds: an older one was left by a process that died with it. */
const GUARD_STALE_MS = 10_000;

export interface DirectoryLock {
  release(): void;
}

/** Locks a directory, or throws an Error that says who cannot: it is in use. The directory must exist. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const root = resolve(directory);
  if (process.platform === 'win32') return lockPipe(root);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const server = await tryBind(root, LOCK_NAME);
    if (server !== undefined) return held(root, server);
    const state = await look(root);
    if (state === 'held') throw inUse(root);
    if (state === 'stale') {
      const replaced = await replaceStale(root);
      if (replaced !== undefined) return held(root, replaced);
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
  throw new Error(`directory ${root} cannot be locked: ${join(root, GUARD_NAME)} does not go away`);
}

function inUse(root: string): Error {
  return new Error(`directory ${root} is in use by another process; stop it, or use another directory`);
}

function held(root: string, server: Server): DirectoryLock {
  server.unref();
  return {
    release() {
      // While we still listen nobody takes it for stale; after the name is gone others may bind it.
      fs.rmSync(join(root, LOCK_NAME), { force: true });
      server.close();
    },
  };
}

/** Listens at a name in the directory; undefined when the name is taken. */
function tryBind(root: string, name: string): Promise<Server | undefined> {
  return withShortPath(root, name, (path) => bind(path));
}

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

/** Puts a new listener in the place of a stale one, by a rename under a guard. Undefined: another process is at it. */
async function replaceStale(root: string): Promise<Server | undefined> {
  const guard = join(root, GUARD_NAME);
  if (!takeGuard(guard)) return undefined;
  try {
    // Between our look and the guard another process may have replaced it.
    if ((await look(root)) !== 'stale') return undefined;
    const name = `${LOCK_NAME}.${randomUUID().slice(0, 8)}`;
    const server = await tryBind(root, name);
    if (server !== undefined) fs.renameSync(join(root, name), join(root, LOCK_NAME));
    return server;
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

function takeGuard(guard: string): boolean {
  try {
    fs.writeFileSync(guard, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const age = Date.now() - (fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > GUARD_STALE_MS) fs.rmSync(guard, { force: true });
    return false;
  }
}

/** The system's limit for the path of a socket is 104 or 108 bytes: a longer one is reached through a short link to its directory. */
async function withShortPath<T>(root: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(root, name);
  if (Buffer.byteLength(path) <= 100) return use(path);
  const shortcut = fs.mkdtempSync(join(tmpdir(), 'odr-'));
  try {
    const link = join(shortcut, 'd');
    fs.symlinkSync(root, link);
    return await use(join(link, name));
  } finally {
    fs.rmSync(shortcut, { recursive: true, force: true });
  }
}

/** A named pipe goes with its process, so it is never stale. */
async function lockPipe(root: string): Promise<DirectoryLock> {
  const id = createHash('sha256').update(root.toLowerCase()).digest('hex').slice(0, 32);
  const server = await bind(`\\\\.\\pipe\\odradek-${id}`);
  if (server === undefined) throw inUse(root);
  server.unref();
  return { release: () => void server.close() };
}
