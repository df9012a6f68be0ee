// The disk in the browser's own files, in a real browser: the contract of all disks, and the example of the README, which is a broker that
// keeps its records over reloads and kills of its tab.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, startChromium } from './chromium.ts';
import { openPage } from './console-page.ts';
import type { ContractResult } from './opfs-contract.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

const path = chromiumPath();
const readme = resolve(import.meta.dirname, '../../../../packages/host-browser/README.md');

if (path === undefined)
  test.skipIf(true)(
    'there is no Chromium here: the disk in the files of a browser is tested over a made-up one only',
    () => {},
  );

describe.skipIf(path === undefined)('the disk in the files of a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'odradek-opfs-'));
  let server: StaticServer;
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><html lang="en"><title>A worker</title><link rel="icon" href="data:,">',
    );
    await bundle('contract', join(import.meta.dirname, 'opfs-contract.ts'));
    await bundle('example', 'the example', exampleIn(readFileSync(readme, 'utf8')));
    server = await serveFolder(folder);
    browser = await startChromium(path ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program of a worker; `code`: where it is no file. */
  async function bundle(name: string, input: string, code?: string): Promise<void> {
    const made = join(import.meta.dirname, 'example.ts');
    const given = {
      name: 'given',
      resolveId: (id: string) => (code !== undefined && id === input ? made : null),
      load: (id: string) => (code !== undefined && id === made ? code : null),
    };
    const built = await rolldown({ input: { [name]: input }, platform: 'browser', plugins: [given] });
    await built.write({ dir: folder, format: 'esm', entryFileNames: '[name].js' });
    await built.close();
  }

  test('it keeps the contract of all disks', async () => {
    const { page, end } = await openPage(browser, server.address);
    const results = (await firstWord(page, 'contract.js')) as ContractResult[];
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    await end();
  });

  test('D5: what a broker has acknowledged is there after its tab was reloaded, or closed at once', async () => {
    const { page, end } = await openPage(browser, server.address);
    expect(await firstWord(page, 'example.js')).toBe('This is visit 1.');
    await page.reload();
    expect(await firstWord(page, 'example.js')).toBe('This is visit 2.');
    const another = await page.context().newPage();
    await page.close({ runBeforeUnload: false });
    await another.goto(server.address);
    expect(await firstWord(another, 'example.js')).toBe('This is visit 3.');
    await end();
  });

  test('a second tab is refused while the first has the disk', async () => {
    const { page, end } = await openPage(browser, server.address);
    await firstWord(page, 'example.js');
    const second = await page.context().newPage();
    await second.goto(server.address);
    await expect(firstWord(second, 'example.js')).rejects.toThrow('EBUSY');
    await end();
  });
});

/** The first thing that a worker says; rejects with its error when it fails before. */
function firstWord(page: Page, program: string): Promise<unknown> {
  return page.evaluate(`new Promise((said, failed) => {
    const worker = new Worker('./${program}', { type: 'module' });
    worker.onmessage = ({ data }) => said(data);
    worker.onerror = ({ message }) => failed(new Error(message));
  })`);
}

/** The block that is marked as a worker's program. */
function exampleIn(text: string): string {
  const [, code] = /^```ts worker\n([\s\S]*?)^```$/m.exec(text) ?? [];
  if (code === undefined) throw new Error('README.md has no example of a worker');
  return code;
}
