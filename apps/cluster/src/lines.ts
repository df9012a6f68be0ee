// The lines of a stream as bytes: what is not UTF-8 has to reach the log as it is.

import { localFailure } from './failure.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Each line without its end, which is LF or CRLF; a last line needs none. One of more than `maxBytes` is refused. */
export async function* linesOf(
  chunks: AsyncIterable<string | Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const given of chunks) {
    const chunk = asBuffer(given);
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, at);
      if (end < 0) break;
      const rest = chunk.subarray(at, end);
      yield withoutReturn(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
      begun = [];
      begunBytes = 0;
      at = end + 1;
    }
    if (at < chunk.length) begun.push(chunk.subarray(at));
    begunBytes += chunk.length - at;
    // Without an end, a device or a binary file would fill the memory.
    if (begunBytes > maxBytes)
      throw localFailure('MESSAGE_TOO_LARGE', `a line has more than ${maxBytes} bytes, and no end in sight`);
  }
  if (begun.length > 0) yield withoutReturn(Buffer.concat(begun));
}

function asBuffer(chunk: string | Uint8Array): Buffer {
  return typeof chunk === 'string'
    ? Buffer.from(chunk)
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
