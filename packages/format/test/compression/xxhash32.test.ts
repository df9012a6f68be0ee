import { expect, it } from 'vitest';
import { xxHash32 } from '../../src/compression/xxhash32.ts';

it.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('xxHash of %j', (text, hash) => {
  const bytes = new Uint8Array(Buffer.from(text));
  expect(xxHash32(bytes)).toBe(hash);
  expect(xxHash32(new Uint8Array([1, 2, ...bytes, 3]), 2, 2 + bytes.length)).toBe(hash);
});
