import { describe, expect, test } from 'vitest';
import { headersIn } from '../../src/topics/headers-in.ts';
import { positionOf } from '../../src/topics/record-reader.ts';
import { contentText } from '../../src/topics/record-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what is in a record', () => {
  test('text is text, objects and lists are set out as JSON, the rest is bytes', () => {
    expect(contentText(null)).toEqual({ kind: 'none', text: '' });
    expect(contentText(bytes('a\tb\n'))).toEqual({ kind: 'text', text: 'a\tb\n' });
    expect(contentText(bytes('7'))).toEqual({ kind: 'text', text: '7' });
    expect(contentText(bytes('{"a":[1]}')).kind).toBe('json');
    expect(contentText(bytes('{"a":')).kind).toBe('text');
    expect(contentText(Uint8Array.of(0xff, 0x01))).toEqual({ kind: 'bytes', text: 'ff 01' });
    expect(contentText(Uint8Array.of(0x41, 0x00)).kind).toBe('bytes');
  });

  test('a position is a word, an offset, one from the end, or a time', () => {
    expect(positionOf(' earliest ')).toBe('earliest');
    expect(positionOf('42')).toBe(42);
    expect(positionOf('-50')).toBe(-50);
    expect(positionOf('@2026-01-02T03:04:05Z')).toEqual({ timestamp: Date.UTC(2026, 0, 2, 3, 4, 5) });
    expect(positionOf('soon')).toBeUndefined();
  });

  test('headers are written as names and values', () => {
    expect(headersIn('a=1, b=x=y,, c')).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: 'x=y' },
      { name: 'c', value: '' },
    ]);
  });
});
