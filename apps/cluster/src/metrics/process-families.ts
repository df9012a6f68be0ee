// The process for Prometheus, under the names that dashboards for Node know (those of prom-client's default metrics).

import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openFileLimit } from '../open-file-limit.ts';
import { counter, type Family, gauge } from './exposition.ts';

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>;

/** Its timer wakes the process so often; no more is paid than that, and nothing before somebody asks. */
const resolutionMs = 20;

/** How late the event loop is, from the first question on. */
export class LoopDelay {
  #histogram: IntervalHistogram | undefined;

  /** Since the last question, so that a pause shows in the answer after it, and not for ever. */
  *families(): Iterable<Family> {
    const known = this.#histogram;
    this.#histogram ??= monitorEventLoopDelay({ resolution: resolutionMs });
    this.#histogram.enable();
    // It counts the time between two rounds of its timer, of which the first part is no delay.
    const seconds = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000) : 0;
    const isCounting = known !== undefined && known.count > 0;
    const told = (value: (histogram: IntervalHistogram) => number): number =>
      isCounting ? seconds(value(known)) : 0;
    const since = 'since it was last asked for';
    yield gauge(
      'nodejs_eventloop_lag_mean_seconds',
      `How late the event loop was on average, ${since}.`,
      told(({ mean }) => mean),
    );
    yield gauge(
      'nodejs_eventloop_lag_max_seconds',
      `The longest pause of the event loop, ${since}.`,
      told(({ max }) => max),
    );
    for (const percent of [50, 90, 99])
      yield gauge(
        `nodejs_eventloop_lag_p${percent}_seconds`,
        `Of ${percent} percent of rounds the event loop was not later, ${since}.`,
        told((histogram) => histogram.percentile(percent)),
      );
    this.#histogram.reset();
  }

  close(): void {
    this.#histogram?.disable();
  }
}

const startSeconds = Date.now() / 1000 - process.uptime();

export function* processFamilies(): Iterable<Family> {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  yield counter('process_cpu_seconds_total', 'Processor time.', (user + system) / 1e6);
  yield gauge('process_start_time_seconds', 'When the process began, since 1970.', startSeconds);
  yield gauge('process_resident_memory_bytes', 'Memory of the process.', rss);
  yield gauge('nodejs_heap_size_total_bytes', 'The size of the heap.', heapTotal);
  yield gauge('nodejs_heap_size_used_bytes', 'What of it is used.', heapUsed);
  yield gauge('nodejs_external_memory_bytes', 'Memory outside of the heap, of buffers above all.', external);
  yield gauge('nodejs_array_buffer_memory_bytes', 'What of that are buffers.', arrayBuffers);
  const files = openFiles();
  if (files !== undefined) yield gauge('process_open_fds', 'Open files and sockets.', files);
  const most = openFileLimit();
  if (most !== undefined) yield gauge('process_max_fds', 'How many may be open.', most);
}

/** Undefined where the system does not tell. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
