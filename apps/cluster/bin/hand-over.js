// Runs a program in another Node, as if it were this process: its streams, its signals, its end. Plain JavaScript for any Node.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Signals that are for both. A terminal's Ctrl-C reaches the program by itself too, which takes the same wish twice for one; on Windows
 * it could only be killed.
 */
const handedOn = process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** What no signal handler hears of, `kill -9`, is for both too. */
const preload = ['--import', new URL('end-with-starter.js', import.meta.url).href];

export function handOver(node, words) {
  const child = spawn(node, [...preload, ...words], { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => void (handedOn.includes(signal) && child.kill(signal)));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
