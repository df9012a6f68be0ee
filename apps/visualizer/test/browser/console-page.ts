// A page under test: what it must never do is watched from its first moment, and what it shows is read as facts.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface ConsolePage {
  readonly page: Page;
  /** That nothing went wrong in it and nothing was asked of anybody else; then closes it. */
  end(): Promise<void>;
}

/** What is no mistake of the page. */
export interface Lawful {
  /** A browser writes to its console that a WebSocket could not be opened, as when a broker was killed. */
  readonly mayLoseSockets?: boolean;
  /** The same, of what it asked a broker that is dead. */
  readonly mayFailToFetch?: boolean;
  /** Origins of the same cluster, when the broker that served the page is killed. */
  readonly mayAsk?: readonly string[];
}

const lostSocket = /^WebSocket connection to 'ws:.*failed/;
const failedToFetch = /^Failed to load resource: net::ERR_CONNECTION_REFUSED/;

/** Of a test: closed when it fails too, since its page would take the processor from the next. */
export async function openPage(...asked: Parameters<typeof openPageOutsideTests>): Promise<ConsolePage> {
  const opened = await openPageOutsideTests(...asked);
  onTestFinished(() => opened.page.context().close());
  return opened;
}

/** Whoever opens it ends it. */
export async function openPageOutsideTests(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  { mayLoseSockets = false, mayFailToFetch = false, mayAsk = [] }: Lawful = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const wrong: string[] = [];
  const origins = [new URL(address).origin, ...mayAsk];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const isLawful =
      (mayLoseSockets && lostSocket.test(message.text())) ||
      (mayFailToFetch && failedToFetch.test(message.text()));
    if (!isLawful && (message.type() === 'error' || message.type() === 'warning'))
      wrong.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && !origins.includes(url.origin))
      wrong.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return {
    page,
    async end() {
      await context.close();
      expect(wrong).toEqual([]);
    },
  };
}

/** A page that shows a trace from its first moment on; no cluster is started in it. */
export async function openTracePage(
  browser: Browser,
  address: string,
  text: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const opened = await openPage(browser, `${address}${emptyTrace}`, options);
  await openTrace(opened.page, text);
  return opened;
}

const header = JSON.stringify({ trace: 'odradek', version: 1, about: 'nothing' });
const emptyTrace = `#trace=${gzipSync(`${header}\n`).toString('base64url')}`;

/** Opens a trace that exists as text. */
export async function openTrace(page: Page, text: string, name = 'test.trace'): Promise<void> {
  await page
    .getByLabel('Open a trace')
    .setInputFiles({ name, mimeType: 'application/x-ndjson', buffer: Buffer.from(text) });
  await page.locator('.source', { hasText: name }).waitFor();
}

/** Drops a file that exists as text on the page. */
export async function dropFile(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    for (const type of ['dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  })()`);
}

/** Goes to a view and waits until it is drawn: browsers tell a page of its new address a while later. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`new Promise((told) => {
    const before = location.hash;
    location.hash = ${JSON.stringify(hash)};
    if (location.hash === before) told();
    else addEventListener('hashchange', () => told(), { once: true });
  })`);
  await settled(page);
}

/** Two frames: what was asked for before is drawn then. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
  );
}

/** What accessibility checks find, in a line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: unknown =
    await page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' at ' + target + ': ' + failureSummary)))`);
  return found as string[];
}

/** Does something to a node by its key, once the dialog listens to keys; gives what the page says of it. */
export async function breakNode(page: Page, node: number, key: string): Promise<string> {
  const before = await outcomeOf(page);
  await page.locator(`[data-node="${node}"]`).getByRole('button', { name: /Break/ }).click();
  await page.getByRole('dialog', { name: `Break node ${node}` }).waitFor();
  await page.keyboard.press(key);
  await expect.poll(() => outcomeOf(page)).not.toBe(before);
  return outcomeOf(page);
}

/** How what was done by hand has ended; empty when nothing is said. */
export async function outcomeOf(page: Page): Promise<string> {
  return (await page.locator('.outcome').textContent()) ?? '';
}

/** Everything that can be done to a node without its end, by keys, and then all is healed. */
export async function breakEverything(page: Page, node: number, other: number): Promise<void> {
  const flip = page.getByRole('switch', { name: 'Unclean election' });
  for (const [key, said] of [
    ['p', /paused/],
    ['u', /resumed/],
    ['l', /later|longer/],
    ['d', /disk|flush/],
    ['f', /full/],
    [String(other), /pass|hear|cut/],
  ] as const)
    expect(await breakNode(page, node, key)).toMatch(said);
  await page.locator('main').focus();
  await page.keyboard.press('h');
  await expect.poll(() => outcomeOf(page)).toMatch(/heal|hear/);
  await flip.click();
  await expect.poll(() => outcomeOf(page)).toContain('Unclean election is on');
  await expect.poll(() => flip.getAttribute('aria-checked')).toBe('true');
  await flip.click();
  await expect.poll(() => outcomeOf(page)).toContain('Unclean election is off');
}

export interface Scrolled {
  /** How many parts of the page are larger than their place. */
  readonly parts: number;
  /** Those that the keyboard does not get into. */
  readonly unreachable: readonly string[];
}

/** What of the page scrolls by itself. */
export async function scrolledParts(page: Page): Promise<Scrolled> {
  const found: unknown = await page.evaluate(`(() => {
    const isScrolled = (element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      const goesOn = (overflow, more) => (overflow === 'auto' || overflow === 'scroll') && more > 1;
      return goesOn(overflowX, element.scrollWidth - element.clientWidth) ||
        goesOn(overflowY, element.scrollHeight - element.clientHeight);
    };
    const parts = [...document.body.querySelectorAll('*')].filter(isScrolled);
    const inside = 'a[href], button:not(:disabled), input, select, textarea, summary, [tabindex="0"]';
    const unreachable = parts.filter((part) => part.tabIndex < 0 && part.querySelector(inside) === null);
    return { parts: parts.length, unreachable: unreachable.map(({ className, tagName }) => tagName + '.' + className) };
  })()`);
  return found as Scrolled;
}

/** A fact of the page, as its text. */
export async function fact(page: Page, name: string, within = 'body'): Promise<string> {
  const text = await page.locator(within).locator(`[data-fact="${name}"]`).first().textContent();
  return text?.trim() ?? '';
}

/** What the map shows of each replica. */
export async function replicasShown(page: Page): Promise<Record<string, readonly number[]>> {
  const shown: unknown =
    await page.evaluate(`Object.fromEntries([...document.querySelectorAll('[data-replica]')]
    .map((cell) => [cell.dataset.replica, [...cell.querySelectorAll('[data-fact]')].map((fact) => Number(fact.textContent))]))`);
  return shown as Record<string, readonly number[]>;
}

/** Moves the scrubber, and gives the position that is shown then. */
export async function scrubTo(page: Page, part: number): Promise<number> {
  await page.evaluate(`(() => {
    const range = document.querySelector('.scrub input');
    range.value = String(range.max * ${part});
    range.dispatchEvent(new Event('input', { bubbles: true }));
  })()`);
  await settled(page);
  return positionShown(page);
}

/** The position of the moment that is looked at. */
export async function positionShown(page: Page): Promise<number> {
  const words = await fact(page, 'position');
  return Number(/event (\d+) of/.exec(words)?.[1]);
}
