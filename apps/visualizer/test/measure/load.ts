// Records for a cluster that is looked at: as many as it takes, or so many in a second.

import { setTimeout } from 'node:timers/promises';
import { createClient } from '@odradek/client';

export interface Load {
  readonly bootstrap: string;
  readonly topic: string;
  readonly partitions: number;
  readonly valueBytes: number;
  /** Undefined: as many as are taken. */
  readonly perSecond?: number;
}

export interface RunningLoad {
  /** Records that were acknowledged so far. */
  readonly acknowledged: number;
  /** Resolves once fewer wait than are sent in a second; at once where as many are sent as are taken. */
  keepsUp(): Promise<void>;
  end(): Promise<void>;
}

const everyMs = 20;
/** So many are on their way at most, where as many as possible are sent. */
const mostWaiting = 4000;
/** So long brokers may need for the first records of many logs. */
const mostBehindMs = 120_000;

export function beginLoad({ bootstrap, topic, partitions, valueBytes, perSecond }: Load): RunningLoad {
  const client = createClient({ bootstrap: [bootstrap] });
  const producer = client.producer({ acks: 'all', lingerMs: 2 });
  const value = 'x'.repeat(valueBytes);
  let [acknowledged, waiting, sent] = [0, 0, 0];
  const beganMs = performance.now();
  let problem: unknown;
  const send = (): void => {
    waiting += 1;
    producer.send({ topic, partition: sent++ % partitions, value }).then(
      () => {
        waiting -= 1;
        acknowledged += 1;
        if (perSecond === undefined) fill();
      },
      (error: unknown) => {
        problem ??= error;
      },
    );
  };
  const fill = (): void => {
    const due = ((performance.now() - beganMs) * (perSecond ?? 0)) / 1000 - sent;
    let more = perSecond === undefined ? mostWaiting - waiting : Math.min(due, mostWaiting - waiting);
    while (more-- > 0) send();
  };
  const timer = setInterval(fill, everyMs);
  return {
    get acknowledged() {
      return acknowledged;
    },
    async keepsUp() {
      const untilMs = performance.now() + mostBehindMs;
      while (waiting > (perSecond ?? waiting)) {
        if (performance.now() > untilMs) throw new Error(`${waiting} records wait after ${mostBehindMs} ms`);
        await setTimeout(everyMs);
      }
    },
    async end() {
      clearInterval(timer);
      if (problem !== undefined) throw problem;
      perSecond ??= 0;
      await producer.close();
      await client.close();
    },
  };
}
