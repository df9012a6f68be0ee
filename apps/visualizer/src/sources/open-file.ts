// Opens traces: a file that was chosen or dropped, or a small one that the address carries.

import type { Console } from '../console/console.ts';
import { fileSource } from './file-source.ts';

export async function openTraceFile(console: Console, file: File): Promise<void> {
  const isPacked = file.name.endsWith('.gz');
  const text = isPacked ? await unpacked(file.stream()) : await file.text();
  await openTraceText(console, file.name, text);
}

export async function openTraceText(console: Console, name: string, text: string): Promise<void> {
  console.open(fileSource(name, text));
}

const mark = '#trace=';

/** The text of a trace in an address, when there is one: gzip in base64url. */
export function linkedTrace(hash: string): Promise<string> | undefined {
  if (!hash.startsWith(mark)) return undefined;
  const binary = atob(hash.slice(mark.length).replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return unpacked(new Blob([bytes]).stream());
}

/** The part of an address that carries a trace. */
export async function linkTo(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return mark + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function unpacked(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream.pipeThrough(new DecompressionStream('gzip'))).text();
}
