// Runs first in a program that was handed over: `kill -9` of the process that somebody started, whose id is in his file, means the one that
// does the work. It holds one end of a pipe, and no signal is needed to close that.

import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** As `hand-over.js` opens it. */
const PIPE = 3;

// What this program starts itself has no such pipe: it must not be given this file by a copy of our words, as workers are.
const given = process.execArgv.indexOf(import.meta.url);
if (given > 0) process.execArgv.splice(given - 1, 2);
if (isMainThread) {
  const starter = new Socket({ fd: PIPE, readable: true, writable: false });
  starter.on('close', () => process.kill(process.pid, 'SIGKILL'));
  // Whoever hears nothing is told of no end.
  starter.resume();
  starter.unref();
}
