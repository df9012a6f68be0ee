// What is in a record, for people: text where it is text, JSON set out as such, else bytes.

import { hexText, textIn } from '@odradek/client';

export type ContentKind = 'none' | 'text' | 'json' | 'bytes';

export interface ContentText {
  readonly kind: ContentKind;
  readonly text: string;
}

/** Longer contents are cut where they are shown. */
const longest = 100_000;

export function contentText(bytes: Uint8Array | null): ContentText {
  if (bytes === null) return { kind: 'none', text: '' };
  const text = textIn(bytes);
  if (text === undefined) return { kind: 'bytes', text: hexText(bytes.subarray(0, longest)) };
  const json = asJson(text);
  return json === undefined ? { kind: 'text', text: text.slice(0, longest) } : { kind: 'json', text: json };
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
