// What is opened first: the trace in the address, the cluster whose broker serves this page, or nothing.

import type { Console } from '../console/console.ts';
import { linkedTrace, openTraceText } from './open-file.ts';
import { webSocketSource } from './web-socket-source.ts';

export function openFromAddress(console: Console): void {
  if (linkedTrace(location.hash) !== undefined) void openLinked(console);
  else if (isServedByNode()) console.open(webSocketSource(location));
}

/** A broker that serves the page writes its id into it; a folder of files leaves the word as it is. */
function isServedByNode(): boolean {
  return document.documentElement.dataset.servedBy !== 'files';
}

async function openLinked(console: Console): Promise<void> {
  const trace = linkedTrace(location.hash);
  if (trace !== undefined) await openTraceText(console, 'the trace in the address', await trace);
}
