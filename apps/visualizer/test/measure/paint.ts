// How soon the page is there: its bytes, its first paint, and a cluster that runs in it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openPageOutsideTests } from '../browser/console-page.ts';
import { serveFolder } from '../browser/static-server.ts';
import { median, ms, say } from './figures.ts';
import { firstFiles, zippedBytes } from './first-files.ts';

export function measureSize(dist: string): void {
  const kilobytes = (names: Iterable<string>): string => `${(zippedBytes(dist, names) / 1000).toFixed(1)} kB`;
  const first = firstFiles(dist);
  say('what is fetched before the page can be used, compressed', kilobytes(first));
  const text = [...first].map((name) => readFileSync(join(dist, name), 'utf8')).join('\n');
  const worker = /worker-[\w-]{8}\.js/.exec(text.replaceAll(/layout-worker/g, ''))?.[0];
  if (worker !== undefined) say('the worker of the cluster in the tab, compressed', kilobytes([worker]));
}

/** From the first request to a painted page, and to three brokers of which one leads. */
export async function measurePaint(browser: Browser, dist: string, turns: number): Promise<void> {
  const server = await serveFolder(dist);
  const [paints, clusters]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    const { page, end } = await openPageOutsideTests(
      browser,
      'about:blank',
      {},
      { mayAsk: [new URL(server.address).origin] },
    );
    await page.addInitScript(`(() => {
      const look = () => {
        const isLed = /leader [1-3]/.test(document.querySelector('[data-partition="laser-0"] [data-fact="leader"]')?.textContent ?? '');
        if (isLed && document.querySelectorAll('.broker-head').length === 3) window.runsMs = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    })()`);
    await page.goto(server.address);
    await page.evaluate(`new Promise((done) => {
      const look = () => (window.runsMs === undefined ? requestAnimationFrame(look) : done());
      look();
    })`);
    const [paint, runs]: unknown[] = (await page.evaluate(
      `[performance.getEntriesByName('first-contentful-paint')[0]?.startTime, window.runsMs]`,
    )) as unknown[];
    paints.push(Number(paint));
    clusters.push(Number(runs));
    await end();
  }
  await server.close();
  say('first paint', `${ms(median(paints))} median of ${turns}`, `worst ${ms(Math.max(...paints))}`);
  say(
    'a cluster runs in the tab',
    `${ms(median(clusters))} median of ${turns}`,
    `worst ${ms(Math.max(...clusters))}`,
  );
}
