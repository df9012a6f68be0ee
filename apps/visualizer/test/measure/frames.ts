// How smoothly the page is drawn while it looks at a real cluster, and what it is told for that.

import type { Browser, CDPSession, Page } from 'playwright-core';
import { goTo, openPageOutsideTests } from '../browser/console-page.ts';
import { type RunningCluster, startCluster } from '../browser/running-cluster.ts';
import { median, ms, percentile, say } from './figures.ts';
import { beginLoad, type RunningLoad } from './load.ts';
import { startPretendCluster } from './pretend-cluster.ts';

const measuredMs = 10_000;
/** Code is compiled and pictures are made meanwhile. */
const warmUpMs = 5000;
const views = ['#/map', '#/machines/leader-replica', '#/story'];

/** Three brokers under as much load as one producer makes. */
export async function measureLoaded(browser: Browser): Promise<void> {
  const cluster = await startCluster();
  try {
    cluster.odradek('topic', 'create', 'load', '--partitions', '3', '--replication-factor', '3');
    await measureViews(browser, cluster, { name: '3 brokers, full load', partitions: 3 });
  } finally {
    await cluster.end();
  }
}

/** Ten thousand partitions, each with three replicas, a few hundred of which get records. */
export async function measureLarge(browser: Browser): Promise<void> {
  const cluster = await startCluster();
  try {
    cluster.odradek('topic', 'create', 'load', '--partitions', '10000', '--replication-factor', '3');
    const rate = { partitions: 300, perSecond: 300 };
    await measureViews(browser, cluster, { name: '10,000 partitions', ...rate });
  } finally {
    await cluster.end();
  }
}

/** The same page, told as much by brokers that are none: what it costs where brokers do not take the processors from it. */
export async function measurePretended(browser: Browser, dist: string): Promise<void> {
  const cluster = await startPretendCluster(dist, 10_000);
  try {
    await measurePage(browser, cluster.address, { name: '10,000 partitions, no brokers' });
  } finally {
    await cluster.close();
  }
}

interface Measured {
  readonly name: string;
  /** So many of them get records. */
  readonly partitions: number;
  readonly perSecond?: number;
}

async function measureViews(
  browser: Browser,
  cluster: RunningCluster,
  { name, ...rate }: Measured,
): Promise<void> {
  const address = cluster.address(1);
  const load = beginLoad({ bootstrap: new URL(address).host, topic: 'load', valueBytes: 1000, ...rate });
  await measurePage(browser, address, { name, load });
  await load.end();
}

interface PageMeasured {
  readonly name: string;
  readonly load?: RunningLoad;
}

async function measurePage(browser: Browser, address: string, { name, load }: PageMeasured): Promise<void> {
  const { page, end } = await openPageOutsideTests(browser, address, {}, { mayLoseSockets: true });
  const session = await page.context().newCDPSession(page);
  const told = await bytesTold(page, session);
  const work = await workOf(session);
  // A cluster that is just being made has the processors for itself.
  await page
    .locator('[data-fact="partitions"]', { hasText: /^([\d,]+) partitions?\S*\s*✓ \1 whole$/ })
    .waitFor({ timeout: 120_000 });
  // So has one of whose logs hundreds have their first record.
  await load?.keepsUp();
  await page.addInitScript(drawnTimes);
  await page.reload();
  await page.waitForTimeout(measuredMs);
  const opening = await gapsDrawn(page);
  say(`${name}, the first ${measuredMs / 1000} s`, framesText(opening), longFramesText(opening));
  for (const view of views) {
    await goTo(page, view);
    await page.waitForTimeout(warmUpMs);
    const [bytesBefore, recordsBefore] = [told(), load?.acknowledged ?? 0];
    const workBefore = await work();
    const times = await frameTimes(page);
    const workAfter = await work();
    const perFrame = (what: string): string =>
      `${what} ${ms((1000 * ((workAfter.get(`${what}Duration`) ?? 0) - (workBefore.get(`${what}Duration`) ?? 0))) / times.length)}`;
    const seconds = measuredMs / 1000;
    say(
      `${name}, ${view}`,
      framesText(times),
      `for each: ${['Script', 'RecalcStyle', 'Layout'].map(perFrame).join(', ')}`,
      `${((told() - bytesBefore) / seconds / 1000).toFixed(1)} KB/s told`,
      `${Math.round(((load?.acknowledged ?? 0) - recordsBefore) / seconds).toLocaleString('en')} records/s`,
    );
  }
  await end();
}

function framesText(times: readonly number[]): string {
  return `frame ${ms(median(times))} median, ${ms(percentile(times, 0.99))} p99, ${ms(Math.max(...times))} longest`;
}

/** Who waits so long for a frame sees it. */
const longMs = 50;

function longFramesText(times: readonly number[]): string {
  const long = times.filter((time) => time > longMs);
  return `${long.length} of more than ${longMs} ms, together ${ms(long.reduce((sum, time) => sum + time, 0))}`;
}

/** Notes when each frame is drawn, from the first one of the page on. */
const drawnTimes = `
  window.drawnMs = [];
  const note = (nowMs) => {
    window.drawnMs.push(nowMs);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);`;

async function gapsDrawn(page: Page): Promise<number[]> {
  const drawn = (await page.evaluate('window.drawnMs')) as number[];
  return drawn.slice(1).map((nowMs, at) => nowMs - (drawn[at] ?? nowMs));
}

/** The time between one frame and the next. */
async function frameTimes(page: Page): Promise<number[]> {
  const times: unknown = await page.evaluate(`new Promise((done) => {
    const times = [];
    let last;
    const end = performance.now() + ${measuredMs};
    const frame = (now) => {
      if (last !== undefined) times.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame);
      else done(times);
    };
    requestAnimationFrame(frame);
  })`);
  return times as number[];
}

/** Bytes of all frames that nodes have told so far. */
async function bytesTold(page: Page, session: CDPSession): Promise<() => number> {
  let bytes = 0;
  session.on('Network.webSocketFrameReceived', ({ response: { opcode, payloadData } }) => {
    bytes += opcode === 2 ? (payloadData.length * 3) / 4 : payloadData.length;
  });
  await session.send('Network.enable');
  await page.reload();
  return () => bytes;
}

/** What the page's main thread has worked so far, in seconds by kind. */
async function workOf(session: CDPSession): Promise<() => Promise<ReadonlyMap<string, number>>> {
  await session.send('Performance.enable');
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
}
