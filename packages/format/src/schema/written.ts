// The bytes that a codec writes. A message and each of its tagged fields need a buffer for a moment; it is lent from here, because
// making one costs more than filling it.

import { ByteWriter } from '../bytes.ts';

/** As many as are lent at once: a message, a tagged field in it, a tagged field in that. */
const MAX_SPARE = 4;
/** A buffer that grew beyond this is not kept. */
const MAX_SPARE_BYTES = 64 * 1024;

const spare: ByteWriter[] = [];

/** What `write` writes for `value`. A writer comes back empty, or after an error not at all. */
export function written<Value>(write: (value: Value, writer: ByteWriter) => void, value: Value): Uint8Array {
  const writer = spare.pop() ?? new ByteWriter();
  write(value, writer);
  const bytes = writer.take();
  if (spare.length < MAX_SPARE && writer.length <= MAX_SPARE_BYTES) {
    writer.clear();
    spare.push(writer);
  }
  return bytes;
}
