// Tests of the page in a real browser, from a folder of files. A machine without one skips them, by a name that says what is not tested.

import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { chromiumPath, startChromium } from './chromium.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

/** What the tests stand on; there from the first test on. */
export interface Given {
  readonly browser: Browser;
  /** Of the folder with the page. */
  readonly address: string;
}

/** A page takes many steps, each as long as a busy machine needs. */
const TEST_TIMEOUT_MS = 90_000;

/** `untested`: what a machine without a browser does not know, as `charts are`. */
export function describePage(name: string, untested: string, tests: (given: Given) => void): void {
  const path = chromiumPath();
  if (path === undefined)
    test.skipIf(true)(
      `there is no Chromium here (CHROMIUM_PATH, or on the path): ${untested} not tested`,
      () => {},
    );
  describe.skipIf(path === undefined)(name, { timeout: TEST_TIMEOUT_MS }, () => {
    let server: StaticServer | undefined;
    let browser: Browser | undefined;
    beforeAll(async () => {
      server = await serveFolder(resolve(import.meta.dirname, '../../dist'));
      browser = await startChromium(path ?? '');
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });
    tests({
      get browser() {
        return begun(browser);
      },
      get address() {
        return begun(server).address;
      },
    });
  });
}

function begun<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('It is there in tests only, not while they are described.');
  return thing;
}
