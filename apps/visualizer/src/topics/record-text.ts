// What is in a record, for people: text where it is text, JSON set out as such, else bytes.

import type { ConsumerRecord } from '@odradek/client';

export type ContentKind = 'none' | 'text' | 'json' | 'bytes';

export interface ContentText {
  readonly kind: ContentKind;
  readonly text: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Longer contents are cut where they are shown. */
const longest = 100_000;

export function contentText(bytes: Uint8Array | null): ContentText {
  if (bytes === null) return { kind: 'none', text: '' };
  const text = asText(bytes);
  if (text === undefined) return { kind: 'bytes', text: hexOf(bytes.subarray(0, longest)) };
  const json = asJson(text);
  return json === undefined ? { kind: 'text', text: text.slice(0, longest) } : { kind: 'json', text: json };
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return hasControlCharacters(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** They are a sign of bytes that happen to be valid text; tabs and line ends are none. */
function hasControlCharacters(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 && (code < 9 || code > 13)) return true;
  }
  return false;
}

/** Objects and lists only: a number or a word is better left as it is. */
function asJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text) || text.length > longest) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

export interface RecordFilter {
  readonly key: string;
  readonly value: string;
  readonly header: string;
}

/** Whether each of the texts that are sought is somewhere in its part; upper and lower case are the same. */
export function matches(record: ConsumerRecord, filter: RecordFilter): boolean {
  return (
    has(record.key, filter.key) &&
    has(record.value, filter.value) &&
    (filter.header === '' ||
      record.headers.some(({ name, value }) => has(value, filter.header) || includes(name, filter.header)))
  );
}

function has(bytes: Uint8Array | null, sought: string): boolean {
  if (sought === '') return true;
  if (bytes === null) return false;
  const text = asText(bytes);
  return includes(text ?? hexOf(bytes), sought);
}

function includes(text: string, sought: string): boolean {
  return text.toLowerCase().includes(sought.toLowerCase());
}
