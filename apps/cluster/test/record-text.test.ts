import { describe, expect, it } from 'vitest';
import { encodedContent, textOf } from '../src/record-text.ts';

describe('keys and values as text', () => {
  it('are UTF-8 unless asked otherwise; null stays null', () => {
    const bytes = new TextEncoder().encode('é');
    expect(encodedContent(bytes, 'utf8')).toBe('é');
    expect(encodedContent(bytes, 'hex')).toBe('c3a9');
    expect(encodedContent(bytes, 'base64')).toBe('w6k=');
    expect(encodedContent(null, 'utf8')).toBeNull();
    expect(textOf(null, 'utf8')).toBe('');
  });

  it('are never changed silently: what is not UTF-8 comes as base64, a byte order mark stays', () => {
    expect(encodedContent(Uint8Array.of(0xff), 'utf8')).toEqual({ base64: '/w==' });
    expect(encodedContent(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'utf8')).toBe('\ufeffa');
  });
});
