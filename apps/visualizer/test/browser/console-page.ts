// A page under test: what it must never do is watched from its first moment, and what it shows is read as facts.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

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
  /** Origins of the same cluster, when the broker that served the page is killed. */
  readonly mayAsk?: readonly string[];
}

const lostSocket = /^WebSocket connection to 'ws:.*failed/;

export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  { mayLoseSockets = false, mayAsk = [] }: Lawful = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const wrong: string[] = [];
  const origins = [new URL(address).origin, ...mayAsk];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const isLawful = mayLoseSockets && lostSocket.test(message.text());
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

/** Goes to a view and waits until it is drawn. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
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
