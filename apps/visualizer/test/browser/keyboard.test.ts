// The whole page by keyboard alone: everything is reached, seen while it has the focus, and left again.

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { fact, goTo, openPage, openTracePage, outcomeOf, settled } from './console-page.ts';
import { describePage } from './page-in-browser.ts';
import { longWinded } from './sample-traces.ts';

const patience = { timeout: 30_000, interval: 50 };
/** More than any view has. */
const mostStops = 400;

describePage('the console by keyboard', 'whether the keyboard is enough is', (given) => {
  describe.each([
    [1280, 720],
    [390, 844],
  ])('at %i × %i', (width, height) => {
    test.each(['map', 'machines/partition', 'story', 'topics', 'scenes'])(
      '%s: tab goes through all of it; what has the focus shows it, and nothing lies over it',
      async (view) => {
        const viewport = { width, height };
        const { page, end } = await openTracePage(given.browser, given.address, longWinded(), { viewport });
        await goTo(page, `#/${view}`);
        // It is laid out before it comes, and what stands below it moves when it does.
        if (view.startsWith('machines')) await page.locator('.statechart .block').first().waitFor();
        const stops = await tabThrough(page);
        expect(stops.length).toBeGreaterThan(15);
        expect(stops.filter(({ isWrong }) => isWrong !== '')).toEqual([]);
        await end();
      },
    );
  });

  test('a broker is killed and started, and a moment looked at: the focus stays where one was', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    const button = page.getByRole('button', { name: 'Break node 1' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Break node 1' }).waitFor();
    await page.keyboard.press('k');
    await expect.poll(() => focused(page), patience).toBe('Break node 1');
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), patience).toMatch(/fenced|down/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^sStart/);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), patience).toBe('Break node 1');
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), patience).toContain('running');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Break node 1' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), patience).toBe('Break node 1');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => fact(page, 'permission'), patience).toContain('a moment that has been');
    await page.keyboard.press('n');
    await expect.poll(() => fact(page, 'permission'), patience).not.toContain('a moment that has been');
    await end();
  });

  test('a dialog has the focus before the next frame, or a key that comes at once would go to the page', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByRole('button', { name: 'Break node 1' }).focus();
    const isInside = await page.evaluate(`(async () => {
      document.activeElement.click();
      // What is rendered is so before the next task.
      for (let turn = 0; turn < 20; turn++) await null;
      return document.activeElement.closest('dialog') !== null;
    })()`);
    expect(isInside).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), patience).toBe('Break node 1');
    await end();
  });

  test('a topic is made, written, read and deleted', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.locator('.broker-head').nth(2).waitFor();
    await page.keyboard.press('4');
    await page.getByLabel('New topic').focus();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('location.hash'), patience).toBe('#/topics/keys');
    // What had the focus is there no more; it goes on in what is there now.
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main');
    await page.getByLabel('Value', { exact: true }).focus();
    await page.keyboard.type('typed');
    await tabTo(page, /^Produce/);
    await page.keyboard.press('Enter');
    await expect.poll(() => outcomeOf(page), patience).toContain('at offset 0 of keys-');
    await page.getByLabel('From').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => fact(page, 'read'), patience).toContain('1 shown');
    await page.getByRole('button', { name: 'Delete topic' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel(/Write the topic’s name/).focus();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('location.hash'), patience).toBe('#/topics');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main');
    await end();
  });

  test('a scene is played to its end by the enter key alone, once it has begun', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.locator('.broker-head').nth(2).waitFor();
    await page.keyboard.press('5');
    await page.locator('[data-scene="offset"]').focus();
    await page.keyboard.press('Enter');
    for (let moment = 1; ; moment++) {
      await expect.poll(() => fact(page, 'moment number'), patience).toBe(String(moment));
      await expect.poll(() => page.locator('[data-fact="moment title"]').count(), patience).toBe(1);
      if ((await page.locator('[data-do="next"]').count()) === 0) break;
      await expect.poll(() => page.evaluate('document.activeElement.dataset.do'), patience).toBe('next');
      await page.keyboard.press('Enter');
    }
    await end();
  });
});

interface Stop {
  readonly name: string;
  /** Empty: one sees that it has the focus. */
  readonly isWrong: string;
}

/** Everything that tab stops at, from the beginning of the page to its end. */
async function tabThrough(page: Page): Promise<Stop[]> {
  await page.evaluate('document.activeElement.blur()');
  await page.getByRole('button', { name: 'Skip to what is shown' }).focus();
  const stops: Stop[] = [];
  while (stops.length < mostStops) {
    await page.keyboard.press('Tab');
    let stop = (await page.evaluate(stopNow)) as Stop | null;
    if (stop !== null && stop.isWrong !== '') {
      // What came at that moment may have moved it: one looks where it is once all is drawn.
      await settled(page);
      stop = (await page.evaluate(stopNow)) as Stop | null;
    }
    if (stop === null || stop.name === 'Skip to what is shown') return stops;
    stops.push(stop);
  }
  throw new Error(`The focus does not come around: ${stops.slice(-3).map(({ name }) => name)}`);
}

/** Goes on by tab until something has the focus that is called so. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let stops = 0; stops < mostStops; stops++) {
    await page.keyboard.press('Tab');
    const here = await focused(page);
    if (typeof name === 'string' ? here === name : name.test(here)) return;
  }
  throw new Error(`Tab does not come to ${name}.`);
}

const nameOf = `(element) => {
  const named = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? '';
  return named.replace(/[●✓✕]/g, '').replace(/\\s+/g, ' ').trim();
}`;

function focused(page: Page): Promise<string> {
  return page.evaluate(`(${nameOf})(document.activeElement)`) as Promise<string>;
}

/** What has the focus, and what is wrong with that: it is outside of the window, behind something, or looks as if it had none. */
const stopNow = `(() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const name = (${nameOf})(element).slice(0, 40);
  // An input that is not seen is shown by its label.
  const shown = element.matches('.unseen') ? element.closest('label') : element;
  const { left, top, right, bottom, width, height } = shown.getBoundingClientRect();
  const { outlineStyle, strokeWidth } = getComputedStyle(shown);
  const problems = [];
  if (outlineStyle === 'none' && !(shown instanceof SVGElement)) problems.push('no outline');
  if (right < 1 || left > innerWidth || bottom < 1 || top > innerHeight) problems.push('outside of the window');
  else if (width > 0 && height > 0) {
    const x = Math.min(Math.max((left + right) / 2, 1), innerWidth - 2);
    const y = Math.min(Math.max((Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2, 1), innerHeight - 2);
    const over = document.elementFromPoint(x, y);
    const bar = over?.closest('.time-bar, .latest');
    if (bar && !bar.contains(shown)) problems.push('behind ' + bar.className);
  } else problems.push('has no size');
  return { name, isWrong: problems.join(', ') };
})()`;
