// What is opened first: the trace in the address, the scene that it names, the cluster whose broker serves this page; without any of
// them a cluster inside the tab.

import type { Console } from '../console/console.ts';
import { openScene, sceneInAddress } from '../scenes/open-scene.ts';
import { openTabCluster } from '../tab/open-tab.ts';
import { linkedTrace, openTraceText } from './open-file.ts';
import { WayIn } from './way-in.ts';
import { webSocketSource } from './web-socket-source.ts';

export function openFromAddress(console: Console): void {
  if (linkedTrace(location.hash) !== undefined) void openLinked(console);
  else if (sceneInAddress() !== undefined) openScene(console, sceneInAddress());
  else openUsual(console);
}

/** Where the cluster that serves this page was reached last: who comes back to it may find the broker at its address dead. */
const way = new WayIn(location);

/** The cluster that serves this page, or one inside the tab. */
export function openUsual(console: Console): void {
  if (isServedByNode()) console.open(webSocketSource(way));
  else openTabCluster(console);
}

/** A broker that serves the page writes its id into it; a folder of files leaves the word as it is. */
export function isServedByNode(): boolean {
  return document.documentElement.dataset.servedBy !== 'files';
}

async function openLinked(console: Console): Promise<void> {
  const trace = linkedTrace(location.hash);
  if (trace !== undefined) await openTraceText(console, 'the trace in the address', await trace);
}
