// The pictures of the console in README.md, made of the page as it is: `npm run screenshots` in this folder, after `npm run build`.
// A day that the simulator plays from its seed is the same each time, so they change when the page does.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { chromiumPath, startChromium } from './chromium.ts';
import { goTo, openTrace, scrubTo, settled } from './console-page.ts';
import { badDay } from './sample-traces.ts';
import { serveFolder } from './static-server.ts';

const app = resolve(import.meta.dirname, '../..');
const folder = join(app, 'screenshots');
const size = { width: 1120, height: 630 };
const seed = 14;

/** What is seen on each, and how one gets there. */
const pictures: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async map(page) {
    await openTrace(page, badDay(seed), 'a day of the simulator');
    await scrubTo(page, 0.24);
  },
  async statechart(page) {
    await openTrace(page, badDay(seed), 'a day of the simulator');
    await scrubTo(page, 0.24);
    await goTo(page, '#/machines/follower-replica?actor=broker-3/t-0/replica');
    await page.getByRole('button', { name: 'Everything' }).click();
  },
  async scene(page) {
    await goTo(page, '#/scenes');
    await page.locator('main li a, main li button').nth(1).click();
    // The leader knows that the record is committed, and its followers do not yet.
    const title = page.locator('[data-fact="moment title"]');
    await title.waitFor();
    while ((await title.textContent()) !== 'Committed') {
      await page.locator('[data-do="next"]').click();
      await page.getByRole('button', { name: 'Faster' }).click();
      await title.waitFor();
    }
  },
};

const path = chromiumPath();
if (path === undefined) throw new Error('There is no Chromium here: CHROMIUM_PATH may name one.');
mkdirSync(folder, { recursive: true });
const server = await serveFolder(join(app, 'dist'));
const browser = await startChromium(path);
for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, show] of Object.entries(pictures)) {
    const page = await browser.newPage({ viewport: size, colorScheme, reducedMotion: 'reduce' });
    await page.goto(server.address);
    await page.locator('.broker-head').first().waitFor();
    await show(page);
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    await page.close();
  }
await browser.close();
await server.close();
