// What the console costs: `npm run measure -w @odradek/visualizer -- WHAT …`, after `npm run build`. WHAT is any of size, paint, load, large,
// pretended and watch; all but watch when none is named. `watch --minutes 60 --records 100` watches for so long, under so many records a second.

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { chromiumPath, startChromium } from '../browser/chromium.ts';
import { measureLarge, measureLoaded, measurePretended } from './frames.ts';
import { measurePaint, measureSize } from './paint.ts';
import { measureWatch } from './watch.ts';

const dist = join(resolve(import.meta.dirname, '../..'), 'dist');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '60' },
    records: { type: 'string', default: '100' },
    // Of paint.
    turns: { type: 'string', default: '9' },
  },
});

const measures: Readonly<Record<string, (browser: Browser) => void | Promise<void>>> = {
  size: () => measureSize(dist),
  paint: (browser) => measurePaint(browser, dist, Number(values.turns)),
  load: measureLoaded,
  large: measureLarge,
  pretended: (browser) => measurePretended(browser, dist),
  watch: (browser) => measureWatch(browser, Number(values.minutes), Number(values.records)),
};

const wanted =
  positionals.length > 0 ? positionals : Object.keys(measures).filter((name) => name !== 'watch');
const unknown = wanted.find((name) => measures[name] === undefined);
if (unknown !== undefined)
  throw new Error(`"${unknown}" is nothing to measure: ${Object.keys(measures).join(', ')}`);
const path = chromiumPath();
if (path === undefined) throw new Error('There is no Chromium here: CHROMIUM_PATH may name one.');
const browser = await startChromium(path);
try {
  for (const name of wanted) await measures[name]?.(browser);
} finally {
  await browser.close();
}
