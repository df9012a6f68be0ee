// Reading and writing the primitive types of Kafka's protocol: big endian, with variable-length integers.
// A count that the bytes claim never costs memory by itself: it is held against what remains first (X2).

import { FormatError } from './errors.ts';
import { uuidBytes, uuidText } from './uuid.ts';

const MAX_UINT32 = 2 ** 32 - 1;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads values one after another. A value that does not fit into what remains is a {@link FormatError}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  /** Made when a number first needs it: of thousands of short messages most have none. */
  #view: DataView | undefined;
  #end: number;
  #position: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (start < 0 || end < start || end > bytes.length) {
      throw new FormatError('OUT_OF_RANGE', `no range ${start}..${end} in ${bytes.length} bytes`);
    }
    this.#bytes = bytes;
    this.#view = undefined;
    this.#position = start;
    this.#end = end;
  }

  /** Where the next value begins, counted from the start of the array. */
  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  int8(): number {
    return (this.#byteAt(this.#take(1, 'int8')) << 24) >> 24;
  }

  uint8(): number {
    return this.#byteAt(this.#take(1, 'uint8'));
  }

  int16(): number {
    return this.#numbers.getInt16(this.#take(2, 'int16'));
  }

  uint16(): number {
    return this.#numbers.getUint16(this.#take(2, 'uint16'));
  }

  int32(): number {
    return this.#numbers.getInt32(this.#take(4, 'int32'));
  }

  uint32(): number {
    return this.#numbers.getUint32(this.#take(4, 'uint32'));
  }

  float64(): number {
    return this.#numbers.getFloat64(this.#take(8, 'float64'));
  }

  /** An int64 that is exact as a JavaScript number; one that is not is refused, never rounded (X3). */
  int64(): number {
    const at = this.#take(8, 'int64');
    const value = this.#numbers.getInt32(at) * 2 ** 32 + this.#numbers.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) {
      throw new FormatError('OUT_OF_RANGE', `the int64 at ${at} is outside ±(2^53 - 1)`);
    }
    return value;
  }

  /** An unsigned 32-bit integer in one to five bytes, least significant first. */
  unsignedVarint(): number {
    const start = this.#position;
    let value = 0;
    for (let place = 0; place < 5; place++) {
      const byte = this.#byteAt(this.#take(1, 'varint'));
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) {
        if (value > MAX_UINT32) break;
        return value;
      }
    }
    throw new FormatError('CORRUPT', `the varint at ${start} has more than 32 bits`);
  }

  /** A signed 32-bit integer in zigzag form. */
  varint(): number {
    const value = this.unsignedVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A signed 64-bit integer in zigzag form, exact or refused (X3). */
  varlong(): number {
    const start = this.#position;
    // Nearly all are short. Zigzag in two parts: the lowest bit is the sign, the others the magnitude.
    let isNegative = false;
    let magnitude = 0;
    let factor = 0.5;
    for (let place = 0; place < 7; place++, factor *= 128) {
      const byte = this.#byteAt(this.#take(1, 'varlong'));
      if (place === 0) isNegative = (byte & 1) === 1;
      magnitude += (byte & (place === 0 ? 0x7e : 0x7f)) * factor;
      if (byte < 0x80) return isNegative ? -magnitude - 1 : magnitude;
    }
    this.#position = start;
    return this.#longVarlong();
  }

  #longVarlong(): number {
    const start = this.#position;
    let value = 0n;
    for (let place = 0n; place < 10n; place++) {
      const byte = this.#byteAt(this.#take(1, 'varlong'));
      value |= BigInt(byte & 0x7f) << (7n * place);
      if (byte >= 0x80) continue;
      if (value >= 1n << 64n) break;
      const signed = Number((value >> 1n) ^ -(value & 1n));
      if (Number.isSafeInteger(signed)) return signed;
      throw new FormatError('OUT_OF_RANGE', `the varlong at ${start} is outside ±(2^53 - 1)`);
    }
    throw new FormatError('CORRUPT', `the varlong at ${start} has more than 64 bits`);
  }

  /** The next `length` bytes: a view of them, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length, 'bytes');
    return this.#bytes.subarray(at, at + length);
  }

  /** `length` bytes of UTF-8. */
  text(length: number): string {
    const start = this.#position;
    const bytes = this.bytes(length);
    try {
      return decoder.decode(bytes);
    } catch {
      throw new FormatError('CORRUPT', `the text at ${start} is not UTF-8`);
    }
  }

  uuid(): string {
    return uuidText(this.#bytes, this.#take(16, 'uuid'));
  }

  /** What `read` finds in the next `length` bytes, all of which are its own. */
  part<T>(length: number, read: (reader: ByteReader) => T): T {
    const at = this.#take(length, 'part');
    const end = this.#end;
    this.#position = at;
    this.#end = at + length;
    const value = read(this);
    this.end();
    this.#end = end;
    return value;
  }

  /** A claimed number of elements, each of at least `leastBytes`, or an error before anything is allocated for them. */
  checkCount(count: number, leastBytes: number): number {
    if (count < 0 || count * leastBytes > this.remaining) {
      throw new FormatError(
        'CORRUPT',
        `${count} elements at ${this.#position} do not fit into ${this.remaining} bytes`,
      );
    }
    return count;
  }

  /** Refuses bytes left over. */
  end(): void {
    if (this.remaining > 0) {
      throw new FormatError('CORRUPT', `${this.remaining} bytes are left over at ${this.#position}`);
    }
  }

  get #numbers(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view;
  }

  /** Of a place that was taken. */
  #byteAt(position: number): number {
    return this.#bytes[position] as number;
  }

  #take(length: number, what: string): number {
    const at = this.#position;
    if (length < 0 || length > this.remaining) {
      throw new FormatError('TRUNCATED', `${what} at ${at} needs ${length} bytes, ${this.remaining} remain`);
    }
    this.#position = at + length;
    return at;
  }
}

/** Writes values one after another into a buffer that grows. A value outside its type's range is a {@link FormatError}. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  int8(value: number): void {
    const at = this.#grow(1);
    this.#view.setInt8(at, inRange(value, -(2 ** 7), 2 ** 7 - 1, 'int8'));
  }

  int16(value: number): void {
    const at = this.#grow(2);
    this.#view.setInt16(at, inRange(value, -(2 ** 15), 2 ** 15 - 1, 'int16'));
  }

  uint16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, inRange(value, 0, 2 ** 16 - 1, 'uint16'));
  }

  int32(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, inRange(value, -(2 ** 31), 2 ** 31 - 1, 'int32'));
  }

  uint32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, inRange(value, 0, MAX_UINT32, 'uint32'));
  }

  float64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  int64(value: number): void {
    inRange(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'int64');
    const at = this.#grow(8);
    this.#view.setInt32(at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  unsignedVarint(value: number): void {
    let rest = inRange(value, 0, MAX_UINT32, 'unsigned varint');
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  varint(value: number): void {
    inRange(value, -(2 ** 31), 2 ** 31 - 1, 'varint');
    this.unsignedVarint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  varlong(value: number): void {
    inRange(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'varlong');
    const folded = value < 0 ? -2 * value - 1 : 2 * value;
    if (folded <= MAX_UINT32) {
      this.unsignedVarint(folded);
      return;
    }
    const exact = BigInt(value);
    let rest = exact < 0n ? -2n * exact - 1n : 2n * exact;
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  uuid(text: string): void {
    this.bytes(uuidBytes(text));
  }

  /** What has been written. The writer may go on: what is returned is its own copy. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What has been written, where it lies: only until something else is written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what has been written and keeps the room for it. */
  clear(): void {
    this.#length = 0;
  }

  #byte(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  /** Makes room. Called before the view is named: growing puts another view in its place. */
  #grow(by: number): number {
    const at = this.#length;
    this.#length = at + by;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** All pieces in one, which is new; of one that may stay as it is the caller needs none. */
export function joinedBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The UTF-8 bytes of a text. */
export function textBytes(text: string): Uint8Array {
  return encoder.encode(text);
}

function inRange(value: number, least: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new FormatError('OUT_OF_RANGE', `${value} is no ${what}: from ${least} to ${most}`);
  }
  return value;
}
