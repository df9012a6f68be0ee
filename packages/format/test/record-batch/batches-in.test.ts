import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildBatch, walkBatches } from '../../src/index.ts';

const batch = (baseOffset: number): Uint8Array =>
  buildBatch({ baseOffset, records: [{ timestamp: 1, key: null, value: new Uint8Array(baseOffset % 7) }] });

/** Several batches in a row, and where each begins. */
function run(count: number): { readonly bytes: Uint8Array; readonly starts: readonly number[] } {
  const batches = Array.from({ length: count }, (_, offset) => batch(offset));
  const bytes = new Uint8Array(batches.reduce((size, one) => size + one.length, 0));
  const starts: number[] = [];
  let at = 0;
  for (const one of batches) {
    starts.push(at);
    bytes.set(one, at);
    at += one.length;
  }
  return { bytes, starts };
}

it('D7: visits the whole batches before a cut, and says where the sound bytes end', () => {
  const { bytes, starts } = run(5);
  fc.assert(
    fc.property(fc.nat(bytes.length), (length) => {
      const visited: number[] = [];
      const end = walkBatches(bytes.subarray(0, length), (one) => visited.push(one.baseOffset));
      const ends = [...starts.slice(1), bytes.length].filter((at) => at <= length);
      expect(visited).toEqual(ends.map((_, index) => index));
      expect(end.validBytes).toBe(ends.at(-1) ?? 0);
      expect(end.fault?.name).toBe(end.validBytes === length ? undefined : 'INCOMPLETE');
    }),
  );
});

it('D8: names damage in the middle, with whole batches after it', () => {
  const { bytes, starts } = run(3);
  const at = (starts[1] ?? 0) + 30;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const visited: number[] = [];
  const end = walkBatches(bytes, (one) => visited.push(one.baseOffset));
  expect(visited).toEqual([0]);
  expect(end).toMatchObject({ validBytes: starts[1], fault: { name: 'BAD_CRC' } });
});
