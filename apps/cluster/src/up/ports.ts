// Which TCP ports a new cluster gets.

import { createServer } from 'node:net';
import { localFailure } from '../failure.ts';

const host = '127.0.0.1';

/** Ports for so many nodes: from `first` upwards, or whichever are free when `first` is 0. */
export async function choosePorts(first: number, count: number): Promise<readonly number[]> {
  if (first !== 0) return Array.from({ length: count }, (_, index) => first + index);
  // All are held until the last is known, or the system might name one twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  await Promise.all(servers.map((server) => server.close()));
  return servers.map((server) => server.port);
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

function listen(port: number): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
      const close = (): Promise<void> => new Promise((closed) => server.close(() => closed()));
      resolve({ port: address.port, close });
    });
  });
}
