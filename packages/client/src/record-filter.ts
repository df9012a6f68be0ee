// Which records a person seeks, by what is in them: the same for whoever browses in the console and who reads on a terminal.

import type { ConsumerRecord } from './types.ts';

/** Texts that are sought; what is absent or empty is not asked for. */
export interface RecordFilter {
  readonly key?: string;
  readonly value?: string;
  /** In the name or in the value of one of the headers. */
  readonly header?: string;
}

/** Whether each text is somewhere in its part of the record. Upper and lower case are the same; bytes that are no text are sought in as {@link hexText}. */
export function recordMatches(record: ConsumerRecord, { key, value, header }: RecordFilter): boolean {
  return (
    has(record.key, key) &&
    has(record.value, value) &&
    (header === undefined ||
      header === '' ||
      record.headers.some((one) => has(one.value, header) || includes(one.name, header)))
  );
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 as text; undefined for bytes that are none, or that have control characters other than tabs and line ends: a sign of bytes that happen to be valid. */
export function textIn(bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return hasControlCharacters(text) ? undefined : text;
  } catch {
    // Not UTF-8: the decoder has no other way to say so.
    return undefined;
  }
}

/** `ff 01` */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function hasControlCharacters(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 && (code < 9 || code > 13)) return true;
  }
  return false;
}

function has(bytes: Uint8Array | null, sought: string | undefined): boolean {
  if (sought === undefined || sought === '') return true;
  if (bytes === null) return false;
  return includes(textIn(bytes) ?? hexText(bytes), sought);
}

function includes(text: string, sought: string): boolean {
  return text.toLowerCase().includes(sought.toLowerCase());
}
