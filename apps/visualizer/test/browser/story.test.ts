// The story in a real browser: at a moment that has been it is what had been said by then.

import { expect, test } from 'vitest';
import { axeFindings, fact, goTo, openTracePage, scrubTo } from './console-page.ts';
import { describePage } from './page-in-browser.ts';
import { longStory } from './sample-traces.ts';

describePage('the story in a browser', 'the story is', (given) => {
  test('the story goes to the moment: its last sentence is first and in sight, later ones are apart and folded', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, longStory());
    await goTo(page, '#/story');
    const said = page.getByRole('list', { name: 'The story, newest first' }).locator('.said');
    const first = said.first();
    for (const part of [0.6, 0.1, 0.9]) {
      await scrubTo(page, part);
      await expect
        .poll(() => fact(page, 'later'))
        .toMatch(new RegExp(`^${300 - 300 * part} sentences later`));
      await expect.poll(() => first.locator('p').textContent()).toBe(`sentence ${300 * part} `);
      expect(await first.getAttribute('aria-current')).toBe('true');
      expect(await page.locator('.later .said').count()).toBe(0);
    }
    // Who follows a sentence far below finds it first, and does not lose sight of it.
    await said.nth(150).getByRole('button', { name: '1.200 s' }).click();
    await expect.poll(() => first.locator('p').textContent()).toBe('sentence 120 ');
    const isInSight = `(() => {
      const { top, bottom } = document.querySelector('.said[aria-current]').getBoundingClientRect();
      return top >= 0 && bottom <= document.querySelector('.time-bar').getBoundingClientRect().top;
    })()`;
    await expect.poll(() => page.evaluate(isInSight)).toBe(true);
    await page.locator('.later summary').click();
    await expect.poll(() => page.locator('.later .said').count()).toBeGreaterThan(0);
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });
});
