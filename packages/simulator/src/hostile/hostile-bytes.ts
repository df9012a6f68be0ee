// Writes msgpack as an attacker does: true values, and bytes that stand where a value should.

import { ByteWriter, textBytes } from '@odradek/format';

/** Bytes that are written as they are, in the place of a value. */
export class RawBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** What can be written: all that the wire knows, and raw bytes. */
export type HostileValue = null | boolean | number | string | Uint8Array | RawBytes | readonly HostileValue[];

/** The bytes of a value. */
export function hostileBytes(value: HostileValue): Uint8Array {
  const writer = new ByteWriter();
  write(writer, value);
  return writer.take();
}

const token = (byte: number): Uint8Array => Uint8Array.of(byte);
const nil = token(0xc0);
const yes = token(0xc3);
const no = token(0xc2);
const float64 = token(0xcb);
const smallNumbers = Array.from({ length: 128 }, (_, value) => token(value));

function write(writer: ByteWriter, value: HostileValue): void {
  if (value === null) writer.bytes(nil);
  else if (typeof value === 'boolean') writer.bytes(value ? yes : no);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writeRun(writer, 0xdb, textBytes(value));
  else if (value instanceof Uint8Array) writeRun(writer, 0xc6, value);
  else if (value instanceof RawBytes) writer.bytes(value.bytes);
  else {
    writer.bytes(token(0xdd));
    writer.uint32(value.length);
    for (const element of value) write(writer, element);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  const small = smallNumbers[value];
  if (small !== undefined && !Object.is(value, -0)) {
    writer.bytes(small);
    return;
  }
  writer.bytes(float64);
  writer.float64(value);
}

function writeRun(writer: ByteWriter, head: number, bytes: Uint8Array): void {
  writer.bytes(token(head));
  writer.uint32(bytes.length);
  writer.bytes(bytes);
}
