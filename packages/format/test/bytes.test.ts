import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, FormatError, textBytes } from '../src/index.ts';

const safe = fc.maxSafeInteger();
const int32 = fc.integer();
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** A value of each type, how it is written, and how it is read. */
const types = {
  int8: [
    fc.integer({ min: -128, max: 127 }),
    (w: ByteWriter, v: number) => w.int8(v),
    (r: ByteReader) => r.int8(),
  ],
  int16: [
    fc.integer({ min: -32768, max: 32767 }),
    (w: ByteWriter, v: number) => w.int16(v),
    (r: ByteReader) => r.int16(),
  ],
  uint16: [fc.nat(65535), (w: ByteWriter, v: number) => w.uint16(v), (r: ByteReader) => r.uint16()],
  int32: [int32, (w: ByteWriter, v: number) => w.int32(v), (r: ByteReader) => r.int32()],
  uint32: [uint32, (w: ByteWriter, v: number) => w.uint32(v), (r: ByteReader) => r.uint32()],
  int64: [safe, (w: ByteWriter, v: number) => w.int64(v), (r: ByteReader) => r.int64()],
  float64: [fc.double(), (w: ByteWriter, v: number) => w.float64(v), (r: ByteReader) => r.float64()],
  unsignedVarint: [
    uint32,
    (w: ByteWriter, v: number) => w.unsignedVarint(v),
    (r: ByteReader) => r.unsignedVarint(),
  ],
  varint: [int32, (w: ByteWriter, v: number) => w.varint(v), (r: ByteReader) => r.varint()],
  varlong: [safe, (w: ByteWriter, v: number) => w.varlong(v), (r: ByteReader) => r.varlong()],
} as const;

// Where a varlong needs more than 32 bits, it is written another way.
it.each([2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1])('a varlong of %d', (value) => {
  const writer = new ByteWriter();
  writer.varlong(value);
  expect(writer.written).toEqual(writer.take());
  expect(new ByteReader(writer.take()).varlong()).toBe(value);
});

describe.each(Object.entries(types))('%s', (_name, [values, write, read]) => {
  it('is read as it was written, to the last byte', () => {
    fc.assert(
      fc.property(values, (value) => {
        const writer = new ByteWriter();
        write(writer, value);
        const reader = new ByteReader(writer.take());
        expect(read(reader)).toBe(value);
        reader.end();
      }),
    );
  });

  it('is refused when one byte is missing', () => {
    fc.assert(
      fc.property(values, (value) => {
        const writer = new ByteWriter();
        write(writer, value);
        const bytes = writer.take();
        expect(() => read(new ByteReader(bytes.subarray(0, bytes.length - 1)))).toThrow(FormatError);
      }),
    );
  });
});

it('writes int64 as the platform does', () => {
  fc.assert(
    fc.property(safe, (value) => {
      const writer = new ByteWriter();
      writer.int64(value);
      const expected = new DataView(new ArrayBuffer(8));
      expected.setBigInt64(0, BigInt(value));
      expect(writer.take()).toEqual(new Uint8Array(expected.buffer));
    }),
  );
});

it('X3: refuses an int64 that a number would round', () => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, 2n ** 53n);
  expect(() => new ByteReader(new Uint8Array(view.buffer)).int64()).toThrow('2^53 - 1');
});

it('X3: refuses varints that are too long or overflow their top bits', () => {
  const ones = (count: number): Uint8Array => new Uint8Array(count).fill(0xff);
  expect(() => new ByteReader(ones(6)).unsignedVarint()).toThrow('32 bits');
  expect(() => new ByteReader(new Uint8Array([255, 255, 255, 255, 31])).unsignedVarint()).toThrow('32 bits');
  expect(() => new ByteReader(ones(11)).varlong()).toThrow('64 bits');
  expect(() => new ByteReader(new Uint8Array([...ones(9), 2])).varlong()).toThrow('64 bits');
});

it('X2: holds a count against the bytes that remain', () => {
  const reader = new ByteReader(new Uint8Array(10));
  expect(reader.checkCount(5, 2)).toBe(5);
  expect(() => reader.checkCount(6, 2)).toThrow(FormatError);
  expect(() => reader.checkCount(-1, 1)).toThrow(FormatError);
});

it('refuses values outside their type', () => {
  const writer = new ByteWriter();
  expect(() => writer.int8(128)).toThrow('int8');
  expect(() => writer.int32(0.5)).toThrow('int32');
  expect(() => writer.int64(2 ** 53)).toThrow('int64');
  expect(() => writer.unsignedVarint(-1)).toThrow('unsigned varint');
});

it('reads text, and refuses what is not UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const bytes = textBytes(text);
      expect(new ByteReader(bytes).text(bytes.length)).toBe(text);
    }),
  );
  expect(() => new ByteReader(new Uint8Array([0xff])).text(1)).toThrow('not UTF-8');
});

it('any bytes read as any type give a value or a FormatError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      for (const [, , read] of Object.values(types)) {
        try {
          read(new ByteReader(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }),
  );
});

it('grows under every type: a value at the edge of the buffer goes into the larger one', () => {
  for (const [, write, read] of [types.int16, types.int32, types.int64, types.float64, types.varlong]) {
    const writer = new ByteWriter(16);
    for (let value = 0; value < 100; value++) write(writer, value);
    const reader = new ByteReader(writer.take());
    for (let value = 0; value < 100; value++) expect(read(reader)).toBe(value);
    reader.end();
  }
});

describe('a part', () => {
  const reader = () => new ByteReader(Uint8Array.of(1, 2, 3, 4));

  it('is read within its own bytes, and what follows after it', () => {
    const whole = reader();
    expect(whole.part(2, (part) => [part.uint8(), part.remaining, part.uint8()])).toEqual([1, 1, 2]);
    expect([whole.position, whole.uint16()]).toEqual([2, 0x0304]);
  });

  it('X2 is refused where it claims more than there is, takes more than it claims, or leaves bytes over', () => {
    expect(() => reader().part(5, () => 0)).toThrow(FormatError);
    expect(() => reader().part(2, (part) => part.int32())).toThrow('2 remain');
    expect(() => reader().part(2, (part) => part.uint8())).toThrow('1 bytes are left over at 1');
  });
});
