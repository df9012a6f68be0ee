// Runs the raw path's brokers, as many processes as the cluster has.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import type { Target } from './load.ts';
import { dialRaw, type RawRole } from './raw-socket.ts';

export interface RawPath {
  /** A turn of its own: empty files, a leader and its followers. */
  turn<Result>(
    replicas: number,
    flush: 'os' | 'commit',
    measure: (target: Target) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

export async function startRawPath(directory: string, brokers: number): Promise<RawPath> {
  const processes = Array.from({ length: brokers }, () => fork(join(import.meta.dirname, 'raw-broker.ts')));
  const ports = await Promise.all(processes.map((process) => answerOf(process)));
  const pathOf = (index: number): string => join(directory, `raw-${index}.log`);
  return {
    async turn(replicas, flush, measure) {
      const [leader, ...others] = processes;
      const [leaderPort] = ports;
      if (leader === undefined || leaderPort === undefined) throw new Error('there is no broker');
      await order(leader, { role: 'leader', replicas, flush, path: pathOf(0) });
      const followers = others.slice(0, replicas - 1);
      await Promise.all(
        followers.map((follower, index) =>
          order(follower, { role: 'follower', leaderPort, flush, path: pathOf(index + 1) }),
        ),
      );
      const socket = dialRaw(leaderPort);
      await once(socket, 'open');
      try {
        return await measure(targetOver(socket));
      } finally {
        socket.terminate();
        await Promise.all(processes.map((process) => order(process, 'end')));
        for (let index = 0; index < brokers; index++) rmSync(pathOf(index), { force: true });
      }
    },
    async close() {
      await Promise.all(
        processes.map((process) => {
          const exit = once(process, 'exit');
          process.disconnect();
          return exit;
        }),
      );
    },
  };
}

async function order(process: ChildProcess, role: RawRole | 'end'): Promise<void> {
  const answer = answerOf(process);
  process.send(role);
  await answer;
}

/** The next message of a process: the port on which it listens. */
function answerOf(process: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a broker of the raw path ended'));
    process.once('exit', ended);
    process.once('message', (port) => {
      process.off('exit', ended);
      resolve(Number(port));
    });
  });
}

/** Acknowledgements come in the order of the batches. */
function targetOver(socket: WebSocket): Target {
  const waiting: ((error?: string) => void)[] = [];
  socket.on('message', () => waiting.shift()?.());
  socket.on('close', () => {
    for (const acknowledged of waiting.splice(0)) acknowledged('the raw path closed the connection');
  });
  return {
    send(batch, acknowledged) {
      waiting.push(acknowledged);
      socket.send(batch);
    },
  };
}
