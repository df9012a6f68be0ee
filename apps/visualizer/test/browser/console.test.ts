// The page in a real browser: what it shows is what was told, at any moment; it asks nobody else for anything, and anybody can use it.

import { readFileSync } from 'node:fs';
import { readTrace, recordingOf, replicaKey, type World } from '@odradek/trace';
import { expect, test } from 'vitest';
import { momentOf } from '../../src/story/moment-of.ts';
import {
  axeFindings,
  fact,
  goTo,
  openPage,
  openTrace,
  openTracePage,
  positionShown,
  replicasShown,
  scrolledParts,
  scrubTo,
  settled,
} from './console-page.ts';
import { describePage } from './page-in-browser.ts';
import {
  arrivingCluster,
  badDay,
  behindPartition,
  largeCluster,
  longWinded,
  offlinePartition,
  withoutController,
} from './sample-traces.ts';

const views = ['map', 'machines', 'story', 'topics', 'scenes'];

describePage('the console in a browser', 'what the page shows is', (given) => {
  const text = badDay(3);
  const recording = recordingOf(readTrace(text));

  test('without a server it has a cluster of its own, from a subfolder of any host of files', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.locator('.broker-head').nth(2).waitFor();
    for (const view of views) {
      await goTo(page, `#/${view}`);
      await expect.poll(() => page.locator('main h1').count()).toBeGreaterThan(0);
    }
    await end();
  });

  test.each(['light', 'dark'] as const)('accessibility checks find nothing, in %s', async (colorScheme) => {
    const { page, end } = await openPage(given.browser, given.address, { colorScheme });
    expect(await axeFindings(page)).toEqual([]);
    await openTrace(page, text);
    for (const view of views) {
      await goTo(page, `#/${view}`);
      expect.soft(await axeFindings(page), view).toEqual([]);
    }
    await end();
  });

  test.each([
    [1280, 'dark'],
    [390, 'light'],
  ] as const)(
    'long names and sentences: nothing is wider than the page, whatever scrolls is reached by keys, at %i, in %s',
    async (width, colorScheme) => {
      const { page, end } = await openTracePage(given.browser, given.address, longWinded(), {
        colorScheme,
        viewport: { width, height: 720 },
      });
      const topic = `#/topics/${'long'.repeat(62)}`;
      const actor = `#/machines/partition?actor=${encodeURIComponent(`broker-1/${'long'.repeat(62)}-0`)}`;
      let parts = 0;
      for (const address of [
        '#/map',
        '#/machines/partition',
        actor,
        '#/story',
        '#/topics',
        topic,
        '#/scenes',
      ]) {
        await goTo(page, address);
        for (const losses of await page.locator('.losses summary').all()) await losses.click();
        const scrolled = await scrolledParts(page);
        parts += scrolled.parts;
        expect
          .soft(await page.evaluate('document.documentElement.scrollWidth'), address)
          .toBeLessThanOrEqual(width);
        expect.soft(scrolled.unreachable, address).toEqual([]);
        expect.soft(await axeFindings(page), address).toEqual([]);
      }
      expect(parts).toBeGreaterThan(1);
      await end();
    },
  );

  test('arrow keys and space move what scrolls, where the focus is on it, and the time elsewhere', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, longWinded(), {
      viewport: { width: 390, height: 720 },
    });
    await goTo(page, '#/topics');
    const position = await positionShown(page);
    const table = page.getByRole('group', { name: 'Topics, as a table' });
    await table.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate('document.activeElement.scrollLeft')).toBeGreaterThan(0);
    await expect.poll(() => positionShown(page)).toBe(position);
    await page.locator('main').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => positionShown(page)).toBe(position - 1);
    await end();
  });

  test('the map is the picture that was told, now and at any moment', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByRole('button', { name: 'Break node 1' }).waitFor();
    await openTrace(page, text);
    await expect.poll(() => replicasShown(page)).toEqual(replicasOf(recording.now));
    // There is nothing to break in what has been.
    await expect.poll(() => page.getByRole('button', { name: /^Break/ }).count()).toBe(0);
    for (const part of [0.8, 0.3, 0.55]) {
      const position = await scrubTo(page, part);
      const world = recording.at(position);
      await expect.poll(() => replicasShown(page)).toEqual(replicasOf(world));
      for (const [name, facts] of partitionsOf(world)) {
        const head = `[data-partition="${name}"]`;
        await expect
          .poll(() => fact(page, 'leader', head))
          .toBe(facts.leader < 0 ? 'no leader' : `leader ${facts.leader}`);
        await expect
          .poll(() => fact(page, 'in-sync replicas', head))
          .toBe(facts.inSyncReplicas.join(', ') || 'nobody');
      }
    }
    await end();
  });

  test('one step back and one on is where it was, by keys too', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    const position = await scrubTo(page, 0.5);
    const before = await replicasShown(page);
    await page.getByRole('button', { name: 'One event back' }).click();
    await settled(page);
    await expect.poll(() => positionShown(page)).toBe(position - 1);
    await page.locator('main').focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    await expect.poll(() => positionShown(page)).toBe(position);
    await expect.poll(() => replicasShown(page)).toEqual(before);
    await page.keyboard.press('Shift+ArrowLeft');
    await settled(page);
    await expect.poll(() => positionShown(page)).toBe(position - 10);
    await end();
  });

  test('another view is seen from its top, however far the last one was scrolled', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text, {
      viewport: { width: 800, height: 300 },
    });
    await goTo(page, '#/topics');
    await page.evaluate('scrollTo(0, 200)');
    expect(await page.evaluate('scrollY')).toBe(200);
    await goTo(page, '#/map');
    await expect.poll(() => page.evaluate('scrollY')).toBe(0);
    await end();
  });

  test('it plays to the end by itself, and a playing that is paused stays where it is', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await scrubTo(page, 0.9);
    await page.getByLabel('Speed').selectOption('10');
    await page.locator('main').focus();
    await page.keyboard.press(' ');
    await expect.poll(() => positionShown(page)).toBe(recording.end);
    await expect.poll(() => page.getByRole('button', { name: 'Play' }).count()).toBe(1);
    await end();
  });

  test('a sentence of the story leads to its moment', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await goTo(page, '#/story');
    const sentences = recording.now.story;
    await expect.poll(() => page.locator('.said').count()).toBe(Math.min(200, sentences.length));
    const last = sentences.at(-1);
    await expect.poll(() => page.locator('.said').first().textContent()).toContain(last?.text ?? '?');
    const fifth = sentences.at(-5);
    if (fifth === undefined) throw new Error('the story is too short');
    await page.locator('.said').nth(4).getByTitle('Go to this moment').click();
    await settled(page);
    const moment = momentOf(recording, fifth);
    expect(recording.timeAt(moment)).toBe(fifth.timeMs);
    await expect.poll(() => positionShown(page)).toBe(moment);
    await end();
  });

  test('what a file does not tell is not called nothing, and what has been is not called now', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await goTo(page, '#/topics');
    const brokers = page.getByRole('group', { name: 'Brokers' });
    await expect.poll(() => brokers.textContent()).toContain('–');
    expect(await brokers.textContent()).not.toContain('0 B');
    const losses = page.getByRole('region', { name: 'Losses' });
    expect(await losses.textContent()).toContain('No unclean election has given up');
    await openTrace(page, longWinded(), 'losses');
    await expect.poll(() => losses.getByRole('listitem').count()).toBe(40);
    await openTrace(page, text);
    await goTo(page, '#/machines/log');
    await expect.poll(() => page.locator('main').textContent()).toContain('at the moment that is looked at');
    await end();
  });

  test('while nobody is elected the map says that nobody decides', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, withoutController());
    await expect.poll(() => fact(page, 'no controller')).toContain('nobody decides who leads');
    await openTrace(page, largeCluster({ brokers: 3, partitions: 3 }), 'decided');
    await expect.poll(() => page.locator('[data-fact="no controller"]').count()).toBe(0);
    await end();
  });

  test('two moments are compared: what is different, and nothing else', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await goTo(page, '#/story');
    await page.getByRole('button', { name: 'Compare' }).click();
    await settled(page);
    await expect.poll(() => fact(page, 'differences')).toContain('Go to another moment');
    const position = await scrubTo(page, 0.2);
    const row = page.locator('[data-fact="differences"] tbody tr').first();
    await expect.poll(() => row.count()).toBe(1);
    const replica = [...recording.at(position).replicas.values()][0];
    const was = `high watermark ${replica?.highWatermark}, end ${replica?.logEndOffset}`;
    await expect.poll(() => fact(page, 'differences')).toContain(was);
    await end();
  });

  test('each machine has its actors by state, and one of them shows its last step with the rule in words', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    await goTo(page, '#/machines/quorum');
    const rows: unknown = await page.evaluate(
      `[...document.querySelectorAll('[data-state]')].map((row) => [row.dataset.state, Number(row.cells[1].textContent)])`,
    );
    expect(new Map(rows as [string, number][])).toEqual(new Map(recording.now.statesOf('quorum')));
    const actor = [...recording.now.actors.values()].find(({ machine }) => machine === 'quorum');
    await page.getByRole('button', { name: actor?.path ?? '?' }).click();
    await settled(page);
    await expect.poll(() => page.locator(`[data-actor="${actor?.path}"]`).count()).toBe(1);
    await goTo(page, '#/machines/console');
    await expect.poll(() => page.locator('[data-state]').first().textContent()).toContain('source.complete');
    await end();
  });

  test('what was told is kept as a file that shows the same, and goes as a link', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text, { acceptDownloads: true });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Keep' }).click();
    const kept = readFileSync(await (await download).path(), 'utf8');
    expect(recordingOf(readTrace(kept)).now.replicas).toEqual(recording.now.replicas);
    expect(recordingOf(readTrace(kept)).end).toBe(recording.end);
    const small = kept.split('\n').filter((line) => line.includes('"live"') || line.includes('"trace"'));
    const link = await linkOf(`${small.slice(0, 60).join('\n')}\n`);
    await page.goto(`${given.address}${link}`);
    await page.reload();
    await page.locator('.source', { hasText: 'the trace in the address' }).waitFor();
    await expect.poll(() => page.locator('.broker-head').count()).toBeGreaterThan(0);
    await end();
  });

  test('what is no trace is said to be none, and what was seen before is gone', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await openTrace(page, 'a shopping list\n', 'list.txt');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('list.txt cannot be opened');
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('keys: views, help and its end, and every control is reached by tab', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text);
    for (const [index, view] of views.entries()) {
      await page.keyboard.press(String(index + 1));
      await expect.poll(() => page.evaluate('location.hash')).toBe(`#/${view}`);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys and words' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await goTo(page, '#/map');
    await page.locator('.legend button', { hasText: 'committed' }).focus();
    await expect
      .poll(() => page.getByRole('tooltip').textContent())
      .toContain('Every in-sync replica has it');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('tooltip').count()).toBe(0);
    await end();
  });

  test('30 brokers and 10,000 partitions: the whole at once, and what needs a look one click away', async () => {
    const { page, end } = await openTracePage(
      given.browser,
      given.address,
      largeCluster({ brokers: 30, partitions: 10_000 }),
    );
    await page.locator('.heat-canvas').waitFor();
    await expect.poll(() => fact(page, 'partitions')).toContain('10,000 partitions');
    await expect.poll(() => fact(page, 'partitions')).toContain('1 offline');
    await page.getByRole('button', { name: `Open large-${offlinePartition}` }).click();
    await page.locator(`[data-partition="large-${offlinePartition}"].offline`).waitFor();
    await page.getByLabel(/Opened below/).fill(String(behindPartition));
    await page.locator(`[data-partition="large-${behindPartition}"].behind`).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('from a folder of files: once it is there, every view of its cluster works without a net', async () => {
    const { page } = await openPage(given.browser, given.address);
    await page.locator('.broker-head').nth(2).waitFor();
    const fetched = `performance.getEntriesByType('resource').filter(({ name, responseEnd }) => responseEnd > 0 && /known-drawings/.test(name)).length`;
    await expect.poll(() => page.evaluate(fetched)).toBe(1);
    await page.context().setOffline(true);
    for (const view of views) {
      await goTo(page, `#/${view}`);
      await page.locator('main h1').first().waitFor();
    }
    await goTo(page, '#/machines/quorum');
    await page.locator('main .statechart').waitFor();
    // A browser asks for the page's icon again, and writes that it did not get it.
    await page.context().close();
  });

  test('a scene whose cluster cannot be started says so, and nothing of starting one', async () => {
    const { page } = await openPage(given.browser, given.address);
    await page.locator('.broker-head').nth(2).waitFor();
    await page.route('**/worker-*.js', (route) => route.abort());
    await goTo(page, '#/scenes/offset');
    await page.getByRole('alert').filter({ hasText: 'cannot be opened' }).waitFor();
    expect(await page.locator('.scene-panel').count()).toBe(0);
    // The browser writes of what it could not fetch, and so this page is not held to be silent.
    await page.context().close();
  });

  test('a picture that comes in parts is drawn as it comes, and not called the whole one before it is', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, arrivingCluster(false));
    await expect.poll(() => fact(page, 'partitions')).toMatch(/^1,000 partitions so far/);
    await openTrace(page, arrivingCluster(true), 'whole.trace');
    await expect.poll(() => fact(page, 'partitions')).toMatch(/^3,000 partitions\W/);
    expect(await fact(page, 'partitions')).not.toContain('so far');
    await end();
  });

  test('on a phone nothing is wider than the page', async () => {
    const { page, end } = await openTracePage(given.browser, given.address, text, {
      viewport: { width: 390, height: 844 },
    });
    const topic = [...recording.now.topics.keys()][0] ?? '';
    for (const view of [...views, `topics/${topic}`]) {
      await goTo(page, `#/${view}`);
      expect.soft(await page.evaluate('document.documentElement.scrollWidth'), view).toBeLessThanOrEqual(390);
    }
    await end();
  });

  test('nor with a cluster of its own: a phone would make the page as wide as what stands out of it', async () => {
    const { page, end } = await openPage(given.browser, given.address, {
      ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    });
    await page.locator('[data-node]').first().waitFor();
    for (const view of [...views, 'topics/laser', 'scenes/offset']) {
      await goTo(page, `#/${view}`);
      expect.soft(await page.evaluate('document.documentElement.scrollWidth'), view).toBeLessThanOrEqual(390);
      expect.soft(await page.evaluate('innerWidth'), view).toBeLessThanOrEqual(390);
      // The name, what is looked at, and the views: a line each, however long the name of a scene.
      const height = await page.evaluate(`document.querySelector('.head').offsetHeight`);
      expect.soft(height, view).toBeLessThanOrEqual(125);
    }
    await end();
  });
});

function replicasOf(world: World): Record<string, readonly number[]> {
  const entries = [...partitionsOf(world)].flatMap(([name, { topic, partition, replicas }]) =>
    replicas.map((broker): [string, readonly number[]] => {
      const facts = world.replicas.get(replicaKey({ broker, topic, partition }));
      return [`${broker}/${name}`, facts === undefined ? [] : [facts.highWatermark, facts.logEndOffset]];
    }),
  );
  return Object.fromEntries(entries);
}

function partitionsOf(world: World) {
  return new Map(
    [...world.topics.values()].flatMap(({ name, partitions }) =>
      partitions.map((facts) => [`${name}-${facts.partition}`, { ...facts, topic: name }] as const),
    ),
  );
}

/** The same as the page makes. */
async function linkOf(text: string): Promise<string> {
  const { gzipSync } = await import('node:zlib');
  return `#trace=${gzipSync(text).toString('base64url')}`;
}
