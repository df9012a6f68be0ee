// What counting costs, whether or not anybody asks for `/metrics`: node test/measures/counting-cost.ts

import { NodeCounters } from '../../src/measures/node-measures.ts';
import { Traffic } from '../../src/measures/traffic.ts';

const REQUESTS = 300_000;
const TURNS = 5;
const BATCH_BYTES = 16_384;

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

// The first is V8's, while it compiles.
nanoseconds();
const values = Array.from({ length: TURNS }, nanoseconds).sort((one, other) => one - other);
console.log(`a produce request is counted in ${values.map((value) => value.toFixed(0)).join(', ')} ns`);
