// The console: begins with what serves this page (a broker, or a folder of files) or what its address carries.

import { render } from 'preact';
import { App } from './app/app.tsx';
import { fetchFromBroker, fetchFromFiles } from './app/fetch-early.ts';
import { openDroppedFiles } from './app/file-drop.ts';
import { openHelp } from './app/help.tsx';
import { listenToKeys } from './app/keys.ts';
import { ConsoleContext } from './app/the-console.ts';
import { Console } from './console/console.ts';
import { isServedByNode, openFromAddress } from './sources/begin.ts';

const page = document.getElementById('page');
if (page === null) throw new Error('The page has no element called page.');
const console = new Console();
// First of all: the worker of a cluster in the tab starts while the page is drawn.
openFromAddress(console);
page.replaceChildren();
render(
  <ConsoleContext.Provider value={console}>
    <App />
  </ConsoleContext.Provider>,
  page,
);
openDroppedFiles(console);
listenToKeys(console, openHelp);
// Behind the first frame; from a folder of files once the cluster in the tab has begun.
if (isServedByNode()) requestAnimationFrame(() => setTimeout(fetchFromBroker));
else setTimeout(fetchFromFiles, 2000);
