// Kafka writes a UUID as its sixteen bytes in base64url without padding: 22 characters.

import { FormatError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What each ASCII character stands for; -1 for what the alphabet does not have. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));
const BYTES = 16;
const CHARACTERS = 22;

/** "No id", as Kafka writes it. */
export const ZERO_UUID = 'A'.repeat(CHARACTERS);

/**
 * Those read last, by a hash of their bytes: thousands of partitions name the same topic and the same few directories, and would each keep
 * a text of its own.
 */
const KEPT = 256;
const kept = new Array<{ readonly words: readonly number[]; readonly text: string } | undefined>(KEPT);

/** The text of the sixteen bytes from `start`. */
export function uuidText(bytes: Uint8Array, start = 0): string {
  if (start < 0 || start + BYTES > bytes.length) {
    throw new FormatError(
      'TRUNCATED',
      `a UUID has 16 bytes, from ${start} there are ${bytes.length - start}`,
    );
  }
  const one = wordAt(bytes, start);
  const two = wordAt(bytes, start + 4);
  const three = wordAt(bytes, start + 8);
  const four = wordAt(bytes, start + 12);
  const place = (one ^ two ^ three ^ four) & (KEPT - 1);
  const known = kept[place];
  const words = known?.words;
  if (
    known !== undefined &&
    words?.[0] === one &&
    words[1] === two &&
    words[2] === three &&
    words[3] === four
  )
    return known.text;
  const text = textOf(bytes, start);
  kept[place] = { words: [one, two, three, four], text };
  return text;
}

function wordAt(bytes: Uint8Array, at: number): number {
  const byte = (index: number): number => bytes[at + index] as number;
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
}

function textOf(bytes: Uint8Array, start: number): string {
  let text = '';
  let pending = 0;
  let bits = 0;
  for (let at = start; at < start + BYTES; at++) {
    pending = ((pending << 8) | (bytes[at] as number)) & 0xffff;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += ALPHABET[(pending >>> (bits - 6)) & 63];
  }
  return text + ALPHABET[(pending << (6 - bits)) & 63];
}

/** The sixteen bytes of a UUID's text. */
export function uuidBytes(text: string): Uint8Array {
  if (text.length !== CHARACTERS) {
    throw new FormatError('CORRUPT', `a UUID has 22 characters of base64url, "${text}" has ${text.length}`);
  }
  const bytes = new Uint8Array(BYTES);
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < CHARACTERS; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) throw notInAlphabet(text, index);
    pending = ((pending << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (pending >>> bits) & 0xff;
    }
  }
  // Four bits are left over; were they not zero, two texts would mean one UUID.
  if ((pending & 0b1111) !== 0)
    throw new FormatError('CORRUPT', `UUID "${text}" is not in its shortest form`);
  return bytes;
}

function notInAlphabet(text: string, index: number): FormatError {
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return new FormatError('CORRUPT', `"${character}" in UUID "${text}" is not base64url`);
}
