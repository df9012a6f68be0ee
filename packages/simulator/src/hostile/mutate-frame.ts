// What an attacker makes of a true frame: bits flipped, bytes cut off or added, lengths that lie, fields exchanged, values of other
// types and beyond all bounds, the beginning of one frame with the end of another. The same draws give the same frame.

import { crc32c } from '@odradek/format';
import { decodeFrame, defaultLimits, type Frame, frameKinds } from '@odradek/wire';
import type { SeededRandom } from '../seeded-random.ts';
import { type HostileValue, hostileBytes, RawBytes } from './hostile-bytes.ts';

/** Makes a hostile frame of a true one; `others` are there to be spliced in. */
export function mutated(frame: Uint8Array, others: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const kind = random.below(100);
  if (kind < 55) return withOtherValues(frame, random);
  if (kind < 70) return bitsFlipped(frame, random);
  if (kind < 76) return cutOff(frame, random);
  if (kind < 82) return spliced(frame, random.pick(others), random);
  if (kind < 90) return withLies(frame, random);
  if (kind < 97) return withHurtRecords(frame, random);
  return random.bytes(random.below(200));
}

function bitsFlipped(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = frame.slice();
  if (bytes.length === 0) return bytes;
  for (let flips = random.between(1, 8); flips > 0; flips--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

function cutOff(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const kept = frame.subarray(0, random.below(frame.length + 1));
  return random.chance(70) ? kept : joined([kept, random.bytes(random.below(64))]);
}

function spliced(one: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  return joined([
    one.subarray(0, random.below(one.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

/** A frame taken apart far enough to be put together otherwise. */
interface Parts {
  /** Kind, API, version, correlation id, body. */
  readonly head: HostileValue[];
  readonly sizes: number[];
  readonly runs: Uint8Array[];
}

function partsOf(bytes: Uint8Array): Parts {
  const frame: Frame = decodeFrame(bytes, defaultLimits);
  const runs = Array.from({ length: frame.runs.count }, (_, index) => frame.runs.run(index));
  return {
    // What decodes is made of what can be written.
    head: [
      frameKinds[frame.kind],
      frame.api,
      frame.version,
      frame.correlationId,
      copied(frame.body as HostileValue),
    ],
    sizes: runs.map((run) => run.length),
    runs,
  };
}

function copied(value: HostileValue): HostileValue {
  return isList(value) ? value.map(copied) : value;
}

function together({ head, sizes, runs }: Parts): Uint8Array {
  return joined([hostileBytes([...head, sizes]), ...runs]);
}

/** A place where a value stands. */
interface Place {
  readonly list: HostileValue[];
  readonly index: number;
}

function placesIn(list: HostileValue[], into: Place[]): Place[] {
  list.forEach((value, index) => {
    into.push({ list, index });
    if (isList(value)) placesIn(value as HostileValue[], into);
  });
  return into;
}

/** The true places of a body, well-typed and absurd in turn: what passes the schema is what reaches the machines. */
function withOtherValues(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const parts = partsOf(bytes);
  const [body] = parts.head.slice(4);
  const inBody = isList(body ?? null) ? placesIn(body as HostileValue[], []) : [];
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const places = inBody.length > 0 && random.chance(92) ? inBody : placesIn(parts.head, []);
    if (places.length === 0) break;
    changeAt(random.pick(places), places, random);
  }
  return together(parts);
}

function changeAt({ list, index }: Place, places: readonly Place[], random: SeededRandom): void {
  const value = list[index];
  // An earlier change has made the list shorter.
  if (value === undefined) return;
  const how = random.below(100);
  if (how < 70) list[index] = otherValue(value, random);
  else if (how < 80) {
    const other = random.pick(places);
    list[index] = copied(other.list[other.index] ?? null);
  } else if (how < 86) list.splice(index, 1);
  else if (how < 94)
    list.splice(index, 0, ...Array.from({ length: random.between(1, 40) }, () => copied(value)));
  else list[index] = nonsense(random);
}

const strangeNumbers = [
  ...[-1, 0, 1, 2, 3, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 48,
    2 ** 53 - 1,
    -(2 ** 31),
    -(2 ** 31) - 1,
    -(2 ** 53) + 1,
  ],
];
const strangeTexts = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '/',
    'a/b',
    'a\u0000b',
    'a\nb\u001b[2J',
    '\u202e',
    '\ud800',
    '__proto__',
  ],
  ...[
    'constructor',
    'toString',
    'AAAAAAAAAAAAAAAAAAAAAA',
    'a'.repeat(249),
    'a'.repeat(250),
    'a b',
    'a:b',
    '[::1]',
  ],
  ...[
    'min.insync.replicas',
    '-1',
    '1e308',
    '0x10',
    'é'.repeat(500),
    '%00',
    'none',
    'clean',
    'x'.repeat(40_000),
  ],
];

/** A value of the same type. */
function otherValue(value: HostileValue, random: SeededRandom): HostileValue {
  if (typeof value === 'number') {
    if (random.chance(40)) return value + random.between(-2, 2);
    return random.pick(strangeNumbers);
  }
  if (typeof value === 'string') return random.pick(strangeTexts);
  if (typeof value === 'boolean') return !value;
  if (value instanceof Uint8Array) return random.bytes(random.below(64));
  if (value === null) return nonsense(random);
  if (isList(value)) return random.chance(50) ? [] : [...value, ...value];
  return value;
}

function nonsense(random: SeededRandom): HostileValue {
  return random.pick<HostileValue>([
    ...[null, true, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '', [], [[]], [[[[]]]]],
    ...['text', new Uint8Array(3), Array.from({ length: 200 }, () => 0)],
    ...[new RawBytes(Uint8Array.of(0xc1)), new RawBytes(Uint8Array.of(0x81, 0xa1, 0x61, 0x01))],
  ]);
}

/** Heads of msgpack that claim more than there is, nest without end, or belong to types that are never sent. */
const lies: readonly Uint8Array[] = [
  Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xdd, 0x00, 0x0f, 0xff, 0xff),
  Uint8Array.of(0xdc, 0xff, 0xff),
  Uint8Array.of(0xdb, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xdb, 0x00, 0x00, 0xff, 0xff),
  Uint8Array.of(0xc6, 0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xc9, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0xc7, 0x04, 0x72, 1, 2, 3, 4),
  Uint8Array.of(0xd4, 0x40, 0x01),
  Uint8Array.of(0xd6, 0xff, 0, 0, 0, 0),
  Uint8Array.of(0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0),
  new Uint8Array(64).fill(0x91),
  new Uint8Array(20_000).fill(0x91),
  new Uint8Array(3000).fill(0x90),
];

function withLies(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const parts = partsOf(bytes);
  if (parts.sizes.length > 0 && random.chance(40)) {
    parts.sizes[random.below(parts.sizes.length)] = random.pick(strangeNumbers);
    return together(parts);
  }
  const { list, index } = random.pick(placesIn(parts.head, []));
  list[index] = new RawBytes(random.pick(lies));
  return together(parts);
}

const CRC_AT = 17;
const CRC_COVERS_FROM = 21;

/** Records that are broken behind a checksum that is right, so that more than the checksum must look. */
function withHurtRecords(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const parts = partsOf(bytes);
  if (parts.runs.length === 0) return withOtherValues(bytes, random);
  const index = random.below(parts.runs.length);
  const run = bitsFlipped(parts.runs[index] ?? new Uint8Array(0), random);
  const isWhole = run.length > CRC_COVERS_FROM;
  if (isWhole && random.chance(80))
    new DataView(run.buffer).setUint32(CRC_AT, crc32c(run, CRC_COVERS_FROM, run.length));
  parts.runs[index] = run;
  return together(parts);
}

function isList(value: HostileValue): value is readonly HostileValue[] {
  return Array.isArray(value);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
