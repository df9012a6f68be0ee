import type { ConsumerRecord } from '@odradek/client';
import { describe, expect, test } from 'vitest';
import { headersIn } from '../../src/topics/headers-in.ts';
import { positionOf } from '../../src/topics/record-reader.ts';
import { contentText, matches } from '../../src/topics/record-text.ts';

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

  test('a filter asks key, value and headers, each for itself', () => {
    const record: ConsumerRecord = {
      ...{ topic: 't', partition: 0, offset: 0, timestamp: 0 },
      key: bytes('Order-7'),
      value: null,
      headers: [{ name: 'shop', value: bytes('North') }],
    };
    const with_ = (filter: Partial<Parameters<typeof matches>[1]>): boolean =>
      matches(record, { key: '', value: '', header: '', ...filter });
    expect(with_({})).toBe(true);
    expect(with_({ key: 'order' })).toBe(true);
    expect(with_({ key: 'order', header: 'north' })).toBe(true);
    expect(with_({ header: 'SHOP' })).toBe(true);
    expect(with_({ value: 'x' })).toBe(false);
    expect(with_({ key: 'order', header: 'south' })).toBe(false);
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
