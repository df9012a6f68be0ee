import { describe, expect, test } from 'vitest';
import { hexText, type RecordFilter, recordMatches, textIn } from '../src/record-filter.ts';
import type { ConsumerRecord } from '../src/types.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('which records are sought', () => {
  test('a filter asks key, value and headers, each for itself', () => {
    const record: ConsumerRecord = {
      ...{ topic: 't', partition: 0, offset: 0, timestamp: 0 },
      key: bytes('Order-7'),
      value: null,
      headers: [{ name: 'shop', value: bytes('North') }],
    };
    const has = (filter: RecordFilter): boolean => recordMatches(record, filter);
    expect(has({})).toBe(true);
    expect(has({ key: '', value: '', header: '' })).toBe(true);
    expect(has({ key: 'order' })).toBe(true);
    expect(has({ key: 'order', header: 'north' })).toBe(true);
    expect(has({ header: 'SHOP' })).toBe(true);
    expect(has({ value: 'x' })).toBe(false);
    expect(has({ key: 'order', header: 'south' })).toBe(false);
  });

  test('bytes that are no text are sought in as hexadecimal', () => {
    const record: ConsumerRecord = {
      ...{ topic: 't', partition: 0, offset: 0, timestamp: 0, key: null, headers: [] },
      value: Uint8Array.of(0xca, 0xfe, 0x00),
    };
    expect(textIn(Uint8Array.of(0x41, 0x00))).toBeUndefined();
    expect(textIn(bytes('a\tb\n'))).toBe('a\tb\n');
    expect(hexText(Uint8Array.of(0xff, 0x01))).toBe('ff 01');
    expect(recordMatches(record, { value: 'CA fe' })).toBe(true);
    expect(recordMatches(record, { value: 'be' })).toBe(false);
  });
});
