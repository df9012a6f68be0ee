// The first look at msgpack from outside, before anything is allocated for it: finds where the value ends and refuses what our
// protocols never send, such as maps and extensions, or what claims more than is there (X2, X11).

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
  const scan: Scan = { bytes, limits, wrong, at: 0, values: 0 };
  /** How many values are still to come on each level. */
  const open = [1];
  while (open.length > 0) {
    const level = open.length - 1;
    const left = open[level] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[level] = left - 1;
    const elements = nextValue(scan);
    if (elements === 0) continue;
    if (open.length > limits.maxDepth) throw wrong(`nested deeper than ${limits.maxDepth} levels`);
    open.push(elements);
  }
  return scan.at;
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly limits: MsgpackLimits;
  readonly wrong: (reason: string) => Error;
  at: number;
  values: number;
}

/** Bytes after the token of the types that have a fixed size. */
const fixedSizes = new Map([
  ...[0xc0, 0xc2, 0xc3].map((token) => [token, 0] as const),
  ...[0xcc, 0xd0].map((token) => [token, 1] as const),
  ...[0xcd, 0xd1].map((token) => [token, 2] as const),
  ...[0xca, 0xce, 0xd2].map((token) => [token, 4] as const),
  ...[0xcb, 0xcf, 0xd3].map((token) => [token, 8] as const),
]);

/** Steps over one value; of an array over its head only. Returns how many elements follow. */
function nextValue(scan: Scan): number {
  scan.values += 1;
  if (scan.values > scan.limits.maxValues)
    throw scan.wrong(`more than ${scan.limits.maxValues} values in one message`);
  const token = unsigned(scan, 1);
  if (token <= 0x7f || token >= 0xe0) return 0;
  if (token >= 0x90 && token <= 0x9f) return elements(scan, token & 0x0f);
  if (token >= 0xa0 && token <= 0xbf) return text(scan, token & 0x1f);
  const size = fixedSizes.get(token);
  if (size !== undefined) return skip(scan, size);
  switch (token) {
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return skip(scan, unsigned(scan, 2 ** (token - 0xc4)));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(scan, unsigned(scan, 2 ** (token - 0xd9)));
    case 0xdc:
    case 0xdd:
      return elements(scan, unsigned(scan, 2 ** (token - 0xdb)));
    default:
      throw scan.wrong(
        `type 0x${token.toString(16)} at byte ${scan.at - 1}: only nil, booleans, numbers, text, bytes and arrays are allowed`,
      );
  }
}

function unsigned(scan: Scan, size: number): number {
  const start = scan.at;
  skip(scan, size);
  let value = 0;
  for (let i = start; i < scan.at; i++) value = value * 256 + (scan.bytes[i] ?? 0);
  return value;
}

function skip(scan: Scan, size: number): 0 {
  const left = scan.bytes.length - scan.at;
  if (size > left) throw scan.wrong(`${size} bytes are claimed at byte ${scan.at}, ${left} are there`);
  scan.at += size;
  return 0;
}

function text(scan: Scan, size: number): 0 {
  if (size > scan.limits.maxTextBytes)
    throw scan.wrong(`a text of ${size} bytes; at most ${scan.limits.maxTextBytes} are allowed`);
  return skip(scan, size);
}

/** Every element has a byte at least. */
function elements(scan: Scan, count: number): number {
  const left = scan.bytes.length - scan.at;
  if (count > left)
    throw scan.wrong(`${count} elements are claimed at byte ${scan.at}, ${left} bytes are there`);
  return count;
}
