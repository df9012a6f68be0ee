// How often each API was asked, how long its answers took, and which errors they had.

import { Histogram } from '@odradek/model';

/** One API's. */
export class RequestCount {
  /** From the request to its answer, in milliseconds: with what it waited for. */
  readonly latencies = new Histogram();
  requests = 0;
  /** By Kafka's name; of requests as a whole, and of single partitions in them. */
  readonly errors = new Map<string, number>();

  answered(body: object, latencyMs: number): void {
    this.latencies.note(latencyMs);
    if ('error' in body) this.noteError(body.error);
    if (!('partitions' in body) || !Array.isArray(body.partitions)) return;
    for (const part of body.partitions) this.noteError(part.error);
  }

  private noteError(error: unknown): void {
    if (error === 'NONE' || typeof error !== 'string') return;
    this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
  }
}

/** By the name of the API. What was never asked is not there. */
export class RequestCounts<Api extends string> {
  readonly byApi = new Map<Api, RequestCount>();
  private readonly nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** A request has come; the function returned is called with the body of its answer. */
  begin(api: Api): (body: object) => void {
    const count = this.of(api);
    count.requests += 1;
    const beganMs = this.nowMs();
    return (body) => count.answered(body, this.nowMs() - beganMs);
  }

  private of(api: Api): RequestCount {
    const known = this.byApi.get(api);
    if (known !== undefined) return known;
    const made = new RequestCount();
    this.byApi.set(api, made);
    return made;
  }
}
