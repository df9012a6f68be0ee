// The first look at msgpack from outside, before anything is allocated for it: finds where the value ends and refuses what our
// protocols never send, such as maps and extensions, or what claims more than is there (X2, X11). Every frame passes here, so it is
// one loop over numbers, and calls nothing for what is small.

export interface MsgpackLimits {
  readonly maxTextBytes: number;
  /** All values together, so that few bytes cannot become a large heap. */
  readonly maxValues: number;
  readonly maxDepth: number;
}

/** The end (exclusive) of the value that begins at 0. Throws what `wrong` makes of the reason when it is not one we could have sent. */
export function msgpackEnd(
  bytes: Uint8Array,
  limits: MsgpackLimits,
  wrong: (reason: string) => Error,
): number {
  const { maxTextBytes, maxValues, maxDepth } = limits;
  let at = 0;
  let values = 0;
  /** How many values are still to come on this level, and on each of those around it. */
  let left = 1;
  const around: number[] = [];
  const check = (size: number): void => {
    if (size <= bytes.length - at) return;
    throw wrong(`${size} bytes are claimed at byte ${at}, ${bytes.length - at} are there`);
  };
  for (;;) {
    while (left === 0) {
      const outer = around.pop();
      if (outer === undefined) return at;
      left = outer;
    }
    left -= 1;
    values += 1;
    if (values > maxValues) throw wrong(`more than ${maxValues} values in one message`);
    check(1);
    const token = bytes[at++] ?? 0;
    const shape = SHAPES[token] ?? REFUSED;
    if (shape === ALONE) continue;
    if (shape === REFUSED)
      throw wrong(
        `type 0x${token.toString(16)} at byte ${at - 1}: only nil, booleans, numbers, text, bytes and arrays are allowed`,
      );
    // A size of its own, or one that is in the token.
    const sizeBytes = SIZE_BYTES[token] ?? 0;
    check(sizeBytes);
    let size = SIZES[token] ?? 0;
    for (let i = 0; i < sizeBytes; i++) size = size * 256 + (bytes[at++] ?? 0);
    if (shape === ARRAY) {
      // Every element has a byte at least.
      if (size > bytes.length - at)
        throw wrong(`${size} elements are claimed at byte ${at}, ${bytes.length - at} bytes are there`);
      if (size === 0) continue;
      if (around.length >= maxDepth) throw wrong(`nested deeper than ${maxDepth} levels`);
      around.push(left);
      left = size;
      continue;
    }
    if (shape === TEXT && size > maxTextBytes)
      throw wrong(`a text of ${size} bytes; at most ${maxTextBytes} are allowed`);
    check(size);
    at += size;
  }
}

/** What stands behind a token: nothing that is sent, nothing more, so many bytes, so many bytes of text, so many elements. */
const REFUSED = 0;
const ALONE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

/** By token. */
const SHAPES = new Uint8Array(256);
/** By token: how many bytes say the size; where none do, the size. */
const SIZE_BYTES = new Uint8Array(256);
const SIZES = new Uint8Array(256);

function describe(token: number, shape: number, size: number, sizeBytes = 0): void {
  SHAPES[token] = shape;
  SIZES[token] = size;
  SIZE_BYTES[token] = sizeBytes;
}

for (let token = 0; token <= 0x7f; token++) describe(token, ALONE, 0);
for (let token = 0xe0; token <= 0xff; token++) describe(token, ALONE, 0);
for (let token = 0x90; token <= 0x9f; token++) describe(token, ARRAY, token & 0x0f);
for (let token = 0xa0; token <= 0xbf; token++) describe(token, TEXT, token & 0x1f);
// nil, false, true
for (const token of [0xc0, 0xc2, 0xc3]) describe(token, ALONE, 0);
// Numbers of one, two, four and eight bytes.
for (const token of [0xcc, 0xd0]) describe(token, BYTES, 1);
for (const token of [0xcd, 0xd1]) describe(token, BYTES, 2);
for (const token of [0xca, 0xce, 0xd2]) describe(token, BYTES, 4);
for (const token of [0xcb, 0xcf, 0xd3]) describe(token, BYTES, 8);
// Bytes, text and arrays whose size takes one, two or four bytes.
for (const [more, sizeBytes] of [1, 2, 4].entries()) {
  describe(0xc4 + more, BYTES, 0, sizeBytes);
  describe(0xd9 + more, TEXT, 0, sizeBytes);
}
describe(0xdc, ARRAY, 0, 2);
describe(0xdd, ARRAY, 0, 4);
