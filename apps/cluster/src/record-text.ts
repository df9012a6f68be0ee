// Keys and values as text. What is not text says so, and is never changed silently.

export type Encoding = 'utf8' | 'base64' | 'hex';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** For programs: text in the encoding asked for; what is not valid UTF-8 as `{base64}`; null is null. */
export function encodedContent(
  bytes: Uint8Array | null,
  encoding: Encoding,
): string | { base64: string } | null {
  if (bytes === null) return null;
  if (encoding !== 'utf8') return asBuffer(bytes).toString(encoding);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    // Not UTF-8: the decoder has no other way to say so.
    return { base64: asBuffer(bytes).toString('base64') };
  }
}

/** For people: null shows as nothing, and bytes that are not UTF-8 as replacement characters. */
export function textOf(bytes: Uint8Array | null, encoding: Encoding): string {
  return bytes === null ? '' : asBuffer(bytes).toString(encoding);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
