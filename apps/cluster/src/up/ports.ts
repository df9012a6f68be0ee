// Which TCP ports a new cluster gets.

import { createServer } from 'node:net';
import { localFailure, usageFailure } from '../failure.ts';

const host = '127.0.0.1';

/**
 * Where free ports are looked for: below those that systems give to outgoing connections. One of these, free now, may be another
 * program's end of a connection by the time that a node has started.
 */
const lowest = 20_000;
const highest = 32_767;

/** Ports for so many nodes: from `first` upwards, or any that are free when `first` is 0. */
export async function choosePorts(first: number, count: number): Promise<readonly number[]> {
  const last = first + count - 1;
  if (last > 65_535)
    throw usageFailure(
      `--port ${first}: ${count} nodes would listen on ${first} to ${last}; the last port there is is 65535`,
    );
  if (first !== 0) return Array.from({ length: count }, (_, index) => first + index);
  const chosen = new Set<number>();
  while (chosen.size < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (!chosen.has(port) && (await isFree(port))) chosen.add(port);
  }
  return [...chosen];
}

/** Refuses ports that somebody else listens on, and says what to do. */
export async function checkFree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = await listen(port).catch((error: NodeJS.ErrnoException) => {
      throw localFailure(
        'INVALID_CONFIG',
        `port ${port} cannot be listened on: ${error.code === 'EADDRINUSE' ? 'another program does' : error.message}`,
        'Choose others with --port, for example --port 19092.',
      );
    });
    await server.close();
  }
}

/** Whether a port of this machine can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  try {
    await checkFree([port]);
    return true;
  } catch {
    // The failure says no more than: no.
    return false;
  }
}

function listen(port: number): Promise<{ readonly close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const close = (): Promise<void> => new Promise((closed) => server.close(() => closed()));
      resolve({ close });
    });
  });
}
