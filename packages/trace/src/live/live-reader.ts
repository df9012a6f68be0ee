// A viewer's side of a stream over connections that break and come back: what it reads, and where it goes on.

import { LiveDecoder, type Streamed } from './codec.ts';
import { LiveStreamError } from './field-codec.ts';
import { readOpening } from './live-stream.ts';

/** What one message of a connection brought. */
export interface ReadMessages {
  /** The stream begins: what was heard before is to be forgotten. */
  readonly begins: boolean;
  readonly messages: readonly Streamed[];
}

export class LiveReader {
  private decoder = new LiveDecoder();
  private stream: string | undefined;
  private isOpened = false;

  /** To be added to the address of each connection, so that the stream goes on: empty at first, then `?stream=…&after=…`. */
  get query(): string {
    if (this.stream === undefined) return '';
    return `?stream=${encodeURIComponent(this.stream)}&after=${this.decoder.last}`;
  }

  /** Nothing is expected of the stream any more: the next connection begins anew. */
  forget(): void {
    this.stream = undefined;
  }

  /** A new connection was opened. */
  connected(): void {
    this.isOpened = false;
  }

  /** One message of the connection. Throws a {@link LiveStreamError}: the connection is to be closed then, and the next one begins anew. */
  read(data: unknown): ReadMessages {
    try {
      return this.readOne(data);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private readOne(data: unknown): ReadMessages {
    if (typeof data === 'string') {
      const { stream, next } = readOpening(data);
      this.isOpened = true;
      if (stream === this.stream && next === this.decoder.last + 1) return { begins: false, messages: [] };
      if (next !== 1)
        throw new LiveStreamError(`the stream goes on at frame ${next}, after frame ${this.decoder.last}`);
      this.stream = stream;
      this.decoder = new LiveDecoder();
      return { begins: true, messages: [] };
    }
    if (!this.isOpened) throw new LiveStreamError('the stream has no opening');
    const bytes =
      data instanceof Uint8Array ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
    if (bytes === undefined) throw new LiveStreamError('a message of a stream is text or bytes');
    return { begins: false, messages: this.decoder.decode(bytes).messages };
  }
}
