// What it costs a leader that its `/metrics` are read: the same load with nobody who reads them, and read ten times a second, which is a
// hundred and fifty times as often as Prometheus does. Counting itself is always there.

import type { BrokerProcess } from './cluster.ts';
import { loadedLeaderRows } from './loaded-leader.ts';
import { type Row, ratioRow } from './rows.ts';
import type { BenchOptions } from './setting.ts';

const READ_EVERY_MS = 100;

export function metricsRows(options: BenchOptions): AsyncGenerator<Row> {
  return loadedLeaderRows(
    options,
    'metrics read',
    async (leader, measure) => {
      const unread = await measure();
      const stop = readingMetrics(leader);
      const read = await measure();
      await stop();
      return { unread, read };
    },
    (placement, turns) => {
      const of = (what: 'unread' | 'read'): number[] => turns.map((turn) => turn[what]);
      // Within noise: a turn is short.
      const aim = { value: 90, is: 'least' } as const;
      return [ratioRow(`metrics read, ${placement}`, 'MB/s', of('unread'), of('read'), aim)];
    },
  );
}

/** Reads them now and then, until the function returned is called; that rejects when they could not be read. */
function readingMetrics({ host, port }: BrokerProcess): () => Promise<void> {
  let reading = Promise.resolve();
  const timer = setInterval(() => {
    reading = reading.then(async () => {
      const answer = await fetch(`http://${host}:${port}/metrics`);
      if (!answer.ok) throw new Error(`/metrics: ${answer.status}`);
      await answer.text();
    });
  }, READ_EVERY_MS);
  return () => {
    clearInterval(timer);
    return reading;
  };
}
