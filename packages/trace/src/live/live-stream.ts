// One viewer's stream between a teller and a connection: what it is told goes into an outbox, what it asks comes out as answers.
// Connections may break and come back; the stream is the same.

import { LiveStreamError } from './field-codec.ts';
import type { ViewerRequest } from './messages.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import type { Teller } from './teller.ts';
import type { Viewer } from './viewer.ts';

export interface LiveStreamOptions
  extends Pick<OutboxOptions, 'nowMs' | 'maxWaiting' | 'maxRememberedBytes'> {
  /** Names this stream: who knows it may continue it. */
  readonly id: string;
}

/** Frames are sent no faster and no slower, whatever a viewer asks for. */
const fastestMs = 16;
const slowestMs = 5000;
const usualMs = 50;

export class LiveStream {
  readonly id: string;
  private readonly outbox: Outbox;
  private readonly viewer: Viewer;
  private periodMs = usualMs;

  constructor(teller: Pick<Teller, 'open'>, options: LiveStreamOptions) {
    this.id = options.id;
    this.outbox = new Outbox({ ...options, tellAll: () => this.viewer.tellAll() });
    this.viewer = teller.open((message) => this.outbox.add(message));
  }

  /** So much time is to pass until the next frame: little where the last one was not all. */
  get everyMs(): number {
    return this.outbox.hasRest ? fastestMs : this.periodMs;
  }

  /** The sequence number of the last frame that was made. */
  get last(): number {
    return this.outbox.last;
  }

  /** All that is to be told now; undefined: nothing. Not called while the connection is slow: then single messages are given up. */
  take(): Uint8Array | undefined {
    return this.outbox.take();
  }

  /** The frames after the last one that a viewer has; undefined: too much has passed, and it must begin anew. */
  since(sequence: number): readonly Uint8Array[] | undefined {
    return this.outbox.since(sequence);
  }

  /** What the viewer says, as it came. Throws a {@link LiveStreamError} when it is no request. */
  ask(said: string): void {
    const request = readRequest(said);
    if (request.ask === 'watch') this.periodMs = Math.min(Math.max(request.everyMs, fastestMs), slowestMs);
    const answer = this.viewer.ask(request);
    if (answer !== undefined) this.outbox.add(answer);
  }

  close(): void {
    this.viewer.close();
  }
}

const longestRequest = 16 * 1024;

/** A viewer's request, as JSON text. Throws a {@link LiveStreamError}. */
export function readRequest(said: string): ViewerRequest {
  if (said.length > longestRequest)
    throw new LiveStreamError(`a request has ${longestRequest} letters at most`);
  const request = parsed(said);
  switch (request.ask) {
    case 'watch': {
      const { machines, everyMs } = request;
      if (
        machines !== 'all' &&
        !(Array.isArray(machines) && machines.every((one) => typeof one === 'string'))
      )
        throw new LiveStreamError('machines must be "all" or a list of names');
      if (typeof everyMs !== 'number' || !(everyMs >= 0))
        throw new LiveStreamError('everyMs must be a number');
      return { ask: 'watch', machines, everyMs };
    }
    case 'look': {
      const { id, path } = request;
      if (typeof id !== 'number') throw new LiveStreamError('id must be a number');
      if (typeof path !== 'string') throw new LiveStreamError('path must be a text');
      return { ask: 'look', id, path };
    }
    default:
      throw new LiveStreamError('ask must be "watch" or "look"');
  }
}

function parsed(said: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(said);
  } catch {
    throw new LiveStreamError('a request must be JSON');
  }
  if (typeof value !== 'object' || value === null) throw new LiveStreamError('a request must be an object');
  return { ...value };
}

/** The first thing on each connection, as JSON text: which stream this is, and the sequence number of the next frame. */
export interface StreamOpening {
  readonly stream: string;
  /** 1: the stream begins, and what was heard before is to be forgotten. */
  readonly next: number;
}

/** Reads an opening. Throws a {@link LiveStreamError}. */
export function readOpening(said: string): StreamOpening {
  const { stream, next } = parsed(said);
  if (typeof stream !== 'string' || typeof next !== 'number' || !Number.isSafeInteger(next) || next < 1)
    throw new LiveStreamError('an opening must have a stream and the number of its next frame');
  return { stream, next };
}
