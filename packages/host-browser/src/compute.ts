// Work of a node in a browser: checksums and HMAC in JavaScript, gzip by the browser's streams. No browser has zstd.

import { crc32c, joinedBytes } from '@odradek/format';
import { type CompressionCodec, type Compute, type InflateDone, inflateInSlices } from '@odradek/model';
import { hmacSha256 } from './sha256.ts';

export const browserCompute: Compute = { crc32c, hmacSha256, inflate, deflate };

function deflate(codec: CompressionCodec, bytes: Uint8Array, done: (result: Uint8Array) => void): void {
  if (codec === 'none') queueMicrotask(() => done(bytes));
  else if (codec === 'gzip') {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
    void new Response(stream).arrayBuffer().then((buffer) => done(new Uint8Array(buffer)));
  } else throw new Error(`${codec} is not written here; gzip and none are`);
}

function inflate(codec: CompressionCodec, bytes: Uint8Array, maxBytes: number, done: InflateDone): void {
  if (codec === 'none') queueMicrotask(() => done(bytes.length > maxBytes ? { error: 'TOO_LARGE' } : bytes));
  else if (codec === 'zstd') queueMicrotask(() => done({ error: 'UNSUPPORTED' }));
  else {
    const start = (ended: InflateDone): void => {
      if (codec === 'gzip') void gunzip(bytes, maxBytes).then(ended);
      else inflateInSlices(codec, bytes, maxBytes, (slice) => void setTimeout(slice, 0), ended);
    };
    waiting.push({ start, done });
    begin();
  }
}

/** X5: what bombs may cost together. */
const AT_ONCE = 4;

interface Waiting {
  readonly start: (ended: InflateDone) => void;
  readonly done: InflateDone;
}

const waiting: Waiting[] = [];
let inflating = 0;

function begin(): void {
  while (inflating < AT_ONCE) {
    const next = waiting.shift();
    if (next === undefined) return;
    inflating += 1;
    next.start((result) => {
      inflating -= 1;
      // What comes next has the memory of this one only once that was looked at.
      try {
        next.done(result);
      } finally {
        begin();
      }
    });
  }
}

/** Inflates piece by piece, and stops as soon as it is too much (X5). */
async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Parameters<InflateDone>[0]> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joinedBytes(pieces);
      size += value.length;
      if (size > maxBytes) {
        await reader.cancel();
        return { error: 'TOO_LARGE' };
      }
      pieces.push(value);
    }
  } catch {
    return { error: 'CORRUPT' };
  }
}
