// What a node counts for `/metrics`, whether or not anybody asks: plain numbers, kept by those who do the work.

import { NodeCounters, Traffic } from '@odradek/core';
import type { Row } from './rows.ts';
import type { BenchOptions } from './setting.ts';

const REQUESTS = 300_000;
const BATCH_BYTES = 16_384;
const NAME = 'what is counted of a produce request';

/** Of some hundred microseconds that a request of 16 KiB takes of a leader's processor. */
const MOST_NANOSECONDS = 1000;

export function* counterRows({ turns, wants }: BenchOptions): Generator<Row> {
  if (!wants(NAME)) return;
  nanoseconds();
  const values = Array.from({ length: turns }, nanoseconds);
  yield { name: NAME, unit: 'ns', values, aim: { value: MOST_NANOSECONDS, is: 'most' } };
}

/** As a produce request is counted: its API, its latency, the errors of its answer, and the traffic of its partition and of the broker. */
function nanoseconds(): number {
  const counters = new NodeCounters(() => performance.now());
  const partition = new Traffic();
  const answer = { error: 'NONE', partitions: [{ error: 'NONE' }] };
  const fromMs = performance.now();
  for (let count = 0; count < REQUESTS; count++) {
    const answered = counters.clientRequests.begin('produce');
    counters.traffic.appended(16, BATCH_BYTES);
    partition.appended(16, BATCH_BYTES);
    answered(answer);
  }
  return ((performance.now() - fromMs) * 1e6) / REQUESTS;
}
