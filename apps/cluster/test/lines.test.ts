import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { linesOf } from '../src/lines.ts';

async function linesIn(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks, { objectMode: true }), 1000))
    lines.push(line.toString('latin1'));
  return lines;
}

it('takes lines ended by LF or CRLF, and a last one without an end', async () => {
  expect(await linesIn('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c']);
  expect(await linesIn('')).toEqual([]);
  expect(await linesIn('a\n')).toEqual(['a']);
});

it('joins what came in pieces, wherever they were cut', async () => {
  expect(await linesIn('a', 'b', 'c\r', '\nd', '\n', 'e\nf')).toEqual(['abc', 'd', 'e', 'f']);
});

it('leaves bytes alone that are not UTF-8', async () => {
  expect(await linesIn(Uint8Array.of(0xff, 0xfe, 0x0a, 0x80))).toEqual(['\xff\xfe', '\x80']);
});

it('E4 refuses a line without an end before it fills the memory', async () => {
  const most = 'x'.repeat(1000);
  expect(await linesIn(most, '\n', most)).toEqual([most, most]);
  await expect(linesIn('short\n', most, 'x', '\n')).rejects.toThrow('a line has more than 1000 bytes');
});
