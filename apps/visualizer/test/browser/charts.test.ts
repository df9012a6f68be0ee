// The charts in a real browser: where actors are, what is picked, at any size, by keys; and machines that nobody knew when the page was built.

import { type Chart, type LiveMessage, readTrace, recordingOf, stateText, traceWriter } from '@odradek/trace';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { actorsInStates } from '../../src/charts/activity.ts';
import {
  axeFindings,
  dropFile,
  fact,
  goTo,
  openPage,
  openTrace,
  openTracePage,
  settled,
} from './console-page.ts';
import { describePage } from './page-in-browser.ts';
import { badDay, statelyEvents } from './sample-traces.ts';

describePage('charts in a browser', 'charts are', (given) => {
  const text = badDay(3);
  const { now } = recordingOf(readTrace(text));

  /** What names a member of the quorum that is in a state. */
  const inQuorum = (state: string): string => {
    const actor = [...now.actors.values()].find(
      ({ machine, value }) => machine === 'quorum' && stateText(value).startsWith(state),
    );
    return `?actor=${encodeURIComponent(actor?.path ?? '')}`;
  };

  test('each state has as many actors as were told, in the overview and in the whole', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    for (const machine of ['quorum', 'leader-replica', 'log', 'partition']) {
      await chartOf(page, machine);
      const told = [...actorsInStates(now.statesOf(machine))].filter(([state]) => state !== '');
      for (const detail of ['Everything', 'Overview']) {
        await page.getByRole('button', { name: detail, exact: true }).click();
        const shown = async (): Promise<unknown> => Object.fromEntries(await actorsShown(page));
        await expect.poll(shown, { message: `${machine}, ${detail}` }).toEqual(Object.fromEntries(told));
      }
    }
    await end();
  });

  test('a picked actor is here and nowhere else, and an arrow that is picked says event, guard and rule', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    const actor = [...now.actors.values()].find(({ machine }) => machine === 'quorum');
    await chartOf(page, 'quorum', `?actor=${encodeURIComponent(actor?.path ?? '')}`);
    const badges = page.locator('.badge:not([display="none"]) [data-fact="actors"]');
    await expect.poll(async () => new Set(await badges.allTextContents())).toEqual(new Set(['here']));
    await page.locator('.label[data-source="unattached"][data-target="prospective"] .hit').click();
    const panel = page.getByRole('region', { name: 'What is picked' });
    await expect.poll(() => panel.textContent()).toContain('unattached → prospective');
    await expect.poll(() => panel.textContent()).toContain('after patience');
    await expect.poll(() => panel.getByRole('button', { name: 'rule Q10' }).count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test.each(['light', 'dark'] as const)('accessibility checks find nothing, in %s', async (colorScheme) => {
    const { page, end } = await openTracePage(given.browser, given.address, text, { colorScheme });
    await chartOf(page, 'quorum');
    await page.getByLabel('what never happened').check();
    await expect.poll(() => page.locator('.how-often', { hasText: 'never' }).count()).toBeGreaterThan(0);
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('by keys: into the drawing, from one thing to the next, pick, enlarge, fit, and out', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await chartOf(page, 'log');
    await page.locator('.zoom-pane .view').focus();
    await page.keyboard.press('0');
    await settled(page);
    const scale = await fact(page, 'scale');
    await page.keyboard.press('+');
    await expect.poll(() => fact(page, 'scale')).not.toBe(scale);
    await page.keyboard.press('0');
    await expect.poll(() => fact(page, 'scale')).toBe(scale);
    await page.keyboard.press('Tab');
    await expect.poll(() => focusedName(page)).toMatch(/^state log/);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focusedName(page)).toMatch(/^state recovering/);
    const focused = await focusedName(page);
    await page.keyboard.press('Enter');
    await settled(page);
    const panel = page.getByRole('region', { name: 'What is picked' });
    await expect.poll(() => panel.locator('h3').textContent()).toBe('recovering');
    await page.keyboard.press('Tab');
    await expect.poll(() => focusedName(page)).not.toMatch(/^state/);
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focusedName(page)).toBe(focused);
    await end();
  });

  test('it fits a page of any width once that is wished for', async () => {
    for (const width of [1280, 700, 380]) {
      const { page, end } = await openTracePage(given.browser, given.address, text, {
        viewport: { width, height: 720 },
      });
      await chartOf(page, 'log');
      await page.getByRole('button', { name: 'Fit' }).click();
      const room = (): Promise<unknown> =>
        page.evaluate(
          `(() => { const view = document.querySelector('.zoom-pane .view'); return [view.scrollWidth - view.clientWidth, document.documentElement.scrollWidth - innerWidth]; })()`,
        );
      await expect.poll(room).toEqual([0, expect.toSatisfy((beyond: number) => beyond <= 0)]);
      await end();
    }
  });

  test('as it opens it can be read, and who is looked at is in sight', async () => {
    for (const width of [1280, 380]) {
      const { page, end } = await openTracePage(given.browser, given.address, text, {
        viewport: { width, height: 720 },
      });
      for (const query of ['', ...['leader', 'follower'].map(inQuorum)]) {
        await chartOf(page, 'quorum', query);
        await page.getByRole('button', { name: 'Everything', exact: true }).click();
        await settled(page);
        expect.soft(Number.parseInt(await fact(page, 'scale'), 10)).toBeGreaterThanOrEqual(70);
        const seen = (): Promise<unknown> =>
          page.evaluate(`(() => {
            const view = document.querySelector('.zoom-pane .view').getBoundingClientRect();
            const badges = [...document.querySelectorAll('.statechart .leaf.live .box')];
            return badges.some((badge) => {
              const { left, right, top, bottom } = badge.getBoundingClientRect();
              return Math.min(right, view.right) - Math.max(left, view.left) > 40 && Math.min(bottom, view.bottom) - Math.max(top, view.top) > 20;
            });
          })()`);
        await expect.poll(seen, { message: `${width} ${query}` }).toBe(true);
      }
      await end();
    }
  });

  test('it takes the whole window, and gives it back', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await chartOf(page, 'quorum');
    await page.getByRole('button', { name: 'Fit' }).click();
    await settled(page);
    const before = Number.parseInt(await fact(page, 'scale'), 10);
    await page.getByRole('button', { name: 'Whole window' }).click();
    await expect
      .poll(async () => Number.parseInt(await fact(page, 'scale'), 10))
      .toBeGreaterThan(before * 1.5);
    await page.locator('.label[data-source="unattached"][data-target="prospective"] .hit').click();
    await page.getByRole('region', { name: 'What is picked' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(async () => Number.parseInt(await fact(page, 'scale'), 10)).toBe(before);
    await end();
  });

  test('a machine that nobody knew is laid out here, by no other’s help', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await openTrace(page, traceOf([{ kind: 'machine', chart: door }, doors(1000)]), 'door.trace');
    await chartOf(page, 'door');
    await expect.poll(() => actorsShown(page)).toEqual([['shut', 1000]]);
    await expect.poll(() => page.locator('.label').count()).toBe(2);
    // Who asks for one that is not there, as that of a partition before there is a topic, is told so.
    expect(await page.locator('.middle').textContent()).not.toContain('has been told of yet');
    await goTo(page, '#/machines/window');
    await expect
      .poll(() => page.locator('.middle').textContent())
      .toContain('No machine window has been told of yet');
    await end();
  });

  test('events of any xstate app, as @statelyai/inspect tells them, are dropped and looked at', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await dropFile(page, 'lamp.jsonl', statelyEvents());
    await page.locator('.source', { hasText: 'lamp.jsonl' }).waitFor();
    await chartOf(page, 'lamp');
    await expect.poll(() => actorsShown(page)).toEqual([['lit', 1]]);
    // The inspector tells states, so that nobody knows which guards were asked.
    await expect
      .poll(() => page.locator('[data-actor="lamp"]').textContent())
      .toContain('which guards were asked is not known');
    await page.locator('main').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => actorsShown(page)).toEqual([['dark', 1]]);
    await end();
  });

  test('of the last event it is said which guards said no, in the chart too; where it was not told, that it was not', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    const pulled: LiveMessage = {
      ...{ kind: 'step', timeMs: 9, actor: 'd-0', machine: 'door', event: 'pull', edges: [] },
      ...{ from: 'open', to: 'open', value: 'open' },
    };
    const messages: LiveMessage[] = [
      { kind: 'machine', chart: door },
      doors(2),
      opened(0),
      { ...pulled, values: [['by', 'a cat']] },
      { ...pulled, timeMs: 10, event: 'push' },
    ];
    await openTrace(page, traceOf(messages), 'doors.trace');
    await chartOf(page, 'door', '?actor=d-0');
    const inside = page.locator('[data-actor="d-0"]');
    await expect
      .poll(() => inside.locator('[data-fact="outcome"]').textContent())
      .toBe('Passed over: open has no transition for it.');
    expect(await inside.textContent()).toContain('What the event carried was not told.');
    const crosses = page.locator('.statechart .block.said-no');
    expect(await crosses.count()).toBe(0);
    // And at the moment before.
    await page.locator('main').focus();
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => inside.locator('[data-fact="outcome"]').textContent())
      .toBe('Passed over: every guard said no.');
    expect(await inside.locator('[data-fact="asked"]').textContent()).toContain(
      'nobody stands in it said no',
    );
    expect(await inside.locator('[data-fact="carried"]').textContent()).toContain('by a cat');
    await page.getByRole('button', { name: 'Everything', exact: true }).click();
    await expect.poll(() => crosses.count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
    // Since when nothing has happened is said too.
    expect(await fact(page, 'coverage')).toBe('(1 of 2 transitions never since 0.000 s)');
    await end();
  });

  test('what an actor held and what left it is seen at each moment of a file, and leads to whom it went', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    const messages: LiveMessage[] = [
      { kind: 'machine', chart: door },
      doors(2),
      { ...opened(0), changed: [['opened', 1]] } as LiveMessage,
      {
        ...{
          kind: 'step',
          timeMs: 9,
          actor: 'd-0',
          machine: 'door',
          event: 'pull',
          from: 'open',
          to: 'shut',
        },
        ...{ edges: [{ source: 'open', target: 'shut', guard: 'nobody stands in it' }], value: 'shut' },
        orders: [
          { name: 'creak', sent: [{ to: 'd-1', name: 'noise', values: [['decibels', 30]] }], more: 2 },
          { name: 'lock' },
        ],
        changed: [['closedBy', 'a cat']],
      },
    ];
    await openTrace(page, traceOf(messages), 'doors.trace');
    await chartOf(page, 'door', '?actor=d-0');
    await page.getByRole('slider').press('End');
    const inside = page.locator('[data-actor="d-0"]');
    const out = inside.locator('[data-fact="out"]');
    await expect
      .poll(async () => (await out.textContent())?.replace(/\s+/g, ' '))
      .toContain('on pullcreak→ d-1: noise decibels 30→ and 2 morelock');
    const width: unknown = await page.evaluate(
      `document.querySelector('.sent').getBoundingClientRect().width / document.querySelector('[data-fact="out"]').getBoundingClientRect().width`,
    );
    expect(width).toBeGreaterThan(0.5);
    const held = inside.locator('[data-fact="held"]');
    expect(await held.textContent()).toBe('opened1 since 0.002 sclosedBya cat ');
    expect(await inside.locator('[data-fact="could"]').textContent()).toContain('push → open');
    expect(await axeFindings(page)).toEqual([]);
    await page.locator('main').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => held.textContent()).toBe('opened1 ');
    expect(await out.locator('li').count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await out.getByRole('link', { name: 'd-1' }).click();
    await expect
      .poll(() => page.locator('[data-actor="d-1"]').textContent())
      .toContain('What it held was not told.');
    await end();
  });

  test('ten thousand actors are one chart, which is made once and only recoloured', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    const messages: LiveMessage[] = [{ kind: 'machine', chart: door }, doors(10_000)];
    for (let nth = 0; nth < 500; nth++) messages.push(opened(nth));
    await openTrace(page, traceOf(messages), 'doors.trace');
    await chartOf(page, 'door');
    await page.evaluate(`window.drawn = document.querySelector('.statechart [data-box="open"] .box')`);
    await page.locator('main').focus();
    for (let back = 0; back < 20; back++) {
      await page.keyboard.press('Shift+ArrowLeft');
      await settled(page);
    }
    const inStates = async (): Promise<unknown> => Object.fromEntries(await actorsShown(page));
    await expect.poll(inStates).toEqual({ shut: 9700, open: 300 });
    expect(
      await page.evaluate(`window.drawn === document.querySelector('.statechart [data-box="open"] .box')`),
    ).toBe(true);
    await end();
  });
});

const door: Chart = {
  id: 'door',
  states: [
    { path: '', parent: null, type: 'compound', initial: 'shut', tags: [], entry: [], exit: [], invokes: [] },
    { path: 'shut', parent: '', type: 'atomic', tags: [], entry: [], exit: [], invokes: [] },
    { path: 'open', parent: '', type: 'atomic', tags: [], entry: [], exit: [], invokes: [] },
  ],
  edges: [
    { source: 'shut', event: 'push', target: 'open', actions: [] },
    { source: 'open', event: 'pull', guard: 'nobody stands in it', target: 'shut', actions: ['creak'] },
  ],
};

function doors(count: number): LiveMessage {
  const actors = Array.from({ length: count }, (_, nth) => ({
    path: `d-${nth}`,
    machine: 'door',
    value: 'shut',
  }));
  return { kind: 'actors', timeMs: 1, all: true, actors };
}

function opened(nth: number): LiveMessage {
  return {
    kind: 'step',
    timeMs: 2 + nth,
    actor: `d-${nth}`,
    machine: 'door',
    event: 'push',
    from: 'shut',
    to: 'open',
    edges: [{ source: 'shut', target: 'open' }],
    value: 'open',
  };
}

function traceOf(messages: readonly LiveMessage[]): string {
  const lines: string[] = [];
  const writer = traceWriter('doors', (line) => lines.push(line));
  writer.tell({ kind: 'hello', version: 1, timeMs: 0, about: 'doors', allowed: [] });
  for (const message of messages) writer.tell(message);
  return lines.join('');
}

async function chartOf(page: Page, machine: string, query = ''): Promise<void> {
  await goTo(page, `#/machines/${machine}${query}`);
  await page.locator(`.statechart[aria-label="The statechart of ${machine}"]`).waitFor();
  await settled(page);
}

async function actorsShown(page: Page): Promise<[string, number][]> {
  const shown: unknown = await page.evaluate(
    `[...document.querySelectorAll('.statechart [data-box]')].flatMap((box) => {
      const badge = box.querySelector('.badge');
      if (badge.getAttribute('display') === 'none') return [];
      return [[box.dataset.box, Number(badge.textContent.replace(',', ''))]];
    })`,
  );
  return shown as [string, number][];
}

async function focusedName(page: Page): Promise<string> {
  const name: unknown = await page.evaluate(`document.activeElement.getAttribute('aria-label') ?? ''`);
  return String(name);
}
