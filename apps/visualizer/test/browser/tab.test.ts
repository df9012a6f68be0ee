// The cluster in the tab, in a real browser, from a folder of files below some address: the scenes to their ends, and a cluster to break.

import { Recording, replicaKey, type World } from '@odradek/trace';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenes } from '../../src/scenes/all.ts';
import type { Scene } from '../../src/scenes/scene.ts';
import { TabCluster } from '../../src/tab/tab-cluster.ts';
import { axeFindings, breakEverything, fact, goTo, openPage, replicasShown } from './console-page.ts';
import { describePage } from './page-in-browser.ts';

const soon = { timeout: 25_000 };

describePage('the cluster in the tab, in a browser', 'the cluster in the tab is', (given) => {
  test.each(scenes)('the scene $id: to its end, with its facts on the map at each moment', async (scene) => {
    const { page, end } = await openPage(given.browser, `${given.address}#/scenes/${scene.id}`);
    for (const [at, { replicas, losses }] of picturesOf(scene).entries()) {
      const moment = scene.moments[at];
      if (at > 0) await page.locator('[data-do="next"]').click(soon);
      await hurry(page, moment?.title ?? '');
      await expect.poll(() => fact(page, 'moment title'), soon).toBe(moment?.title);
      await expect.poll(() => replicasShown(page), soon).toEqual(replicas);
      for (const anchor of moment?.at ?? [])
        if ('replica' in anchor) {
          const { broker, partition } = anchor.replica;
          await expect
            .poll(() => outlineOf(page, `[data-replica="${broker}/${partition}"]`), soon)
            .toBe('solid');
        } else if ('broker' in anchor)
          await expect.poll(() => outlineOf(page, `[data-node="${anchor.broker}"]`), soon).toBe('solid');
      if (losses > 0) await expect.poll(() => page.locator('.losses li').count(), soon).toBe(losses);
    }
    await expect.poll(() => page.locator('[data-do="next scene"]').count()).toBe(1);
    if (scene === scenes[0]) expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('without a server the page begins with a cluster: a leader killed by click is followed by another', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await expect.poll(() => fact(page, 'leader', '[data-partition="laser-0"]'), soon).toBe('leader 1');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('How fast its time goes').selectOption('1');
    await page.locator('[data-node="1"]').getByRole('button', { name: 'Break' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kill' }).click();
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), soon).toContain('down');
    await expect.poll(() => fact(page, 'leader', '[data-partition="laser-0"]'), soon).toMatch(/leader [23]/);
    await page.getByRole('button', { name: 'Start all' }).click();
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), soon).toContain('running');
    await goTo(page, '#/story');
    await expect.poll(() => page.locator('main').textContent(), soon).toContain('broker 1 is fenced');
    await end();
  });

  test('what can be broken is broken by keys in the tab too, and all of it heals', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByLabel('How fast its time goes').selectOption('1');
    await page.locator('.broker-head').nth(2).waitFor();
    await breakEverything(page, 3, 2);
    await expect.poll(() => fact(page, 'state', '[data-node="3"]'), soon).toContain('running');
    await end();
  });

  test('the power of all brokers fails, and nothing that was committed is lost', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByLabel('How fast its time goes').selectOption('1');
    await page.getByRole('switch', { name: 'Load' }).click();
    await page.getByRole('button', { name: 'Power off' }).click();
    for (const id of [1, 2, 3])
      await expect.poll(() => fact(page, 'state', `[data-node="${id}"]`), soon).toContain('down');
    const before = await replicasShown(page);
    await page.getByRole('button', { name: 'Start all' }).click();
    for (const id of [1, 2, 3])
      await expect.poll(() => fact(page, 'state', `[data-node="${id}"]`), soon).toContain('running');
    const committed = (shown: Awaited<ReturnType<typeof replicasShown>>): number =>
      Math.max(...Object.values(shown).map(([highWatermark = 0]) => highWatermark));
    await expect
      .poll(async () => committed(await replicasShown(page)), soon)
      .toBeGreaterThanOrEqual(committed(before));
    await end();
  });

  test('time stands still when it is stopped, and goes by single events', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByRole('button', { name: 'Stop time' }).click();
    await page.getByRole('button', { name: 'Let time go on' }).waitFor();
    const events = async (): Promise<number> =>
      Number(/of (\d+)/.exec((await fact(page, 'position')).replaceAll(',', ''))?.[1]);
    const before = await events();
    await page.getByRole('button', { name: 'Next event' }).click();
    await page.getByRole('button', { name: 'Next event' }).click();
    await expect.poll(events, soon).toBeGreaterThanOrEqual(before);
    await page.getByRole('button', { name: 'Let time go on' }).click();
    await expect.poll(events, soon).toBeGreaterThan(before + 20);
    await end();
  });

  test('a scene that is left goes on as a cluster of one’s own, and begins again when it is asked to', async () => {
    const { page, end } = await openPage(given.browser, `${given.address}#/scenes/offset`);
    await page.locator('[data-do="next"]').click(soon);
    await goTo(page, '#/topics');
    await expect
      .poll(() => page.locator('main').textContent())
      .toContain('While a scene goes on nobody asks');
    await goTo(page, '#/scenes/offset');
    await page.locator('[data-do="leave"]').click();
    await expect.poll(() => fact(page, 'left'), soon).toContain('the cluster is yours');
    await page.locator('[data-node="2"]').getByRole('button', { name: 'Break' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kill' }).click();
    await expect.poll(() => fact(page, 'state', '[data-node="2"]'), soon).toContain('down');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Begin the scene again' }).click();
    await expect.poll(() => fact(page, 'moment title'), soon).toBe(scenes[0]?.moments[0]?.title);
    await expect.poll(() => fact(page, 'state', '[data-node="2"]'), soon).toContain('running');
    await end();
  });

  test('what a moment says of a machine is pointed at in its chart, with the words beside it', async () => {
    const { page, end } = await openPage(given.browser, `${given.address}#/scenes/election`);
    await page.locator('[data-do="next"]').waitFor(soon);
    await page.getByRole('link', { name: 'broker-2/quorum' }).click();
    const box = '[data-box="leader"]';
    await page
      .locator(box)
      .first()
      .waitFor({ state: 'attached', ...soon });
    await expect
      .poll(() => page.evaluate(`getComputedStyle(document.querySelector('${box}')).filter`))
      .toContain('drop-shadow');
    await expect.poll(() => fact(page, 'moment title')).toBe(scenes.at(-1)?.moments[0]?.title);
    await end();
  });

  test('whoever looks back in a scene sees what was, and goes on with now', async () => {
    const { page, end } = await openPage(given.browser, `${given.address}#/scenes/offset`);
    await page.locator('[data-do="next"]').click(soon);
    await hurry(page, scenes[0]?.moments[1]?.title ?? '');
    await expect.poll(() => fact(page, 'moment title'), soon).toBe(scenes[0]?.moments[1]?.title);
    const now = await replicasShown(page);
    await page.evaluate(`(() => {
      const range = document.querySelector('.scrub input');
      range.value = String(range.max * 0.3);
      range.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await expect.poll(() => replicasShown(page), soon).not.toEqual(now);
    await page.locator('[data-do="next"]').click(soon);
    await hurry(page, scenes[0]?.moments[2]?.title ?? '');
    await expect.poll(() => fact(page, 'moment title'), soon).toBe(scenes[0]?.moments[2]?.title);
    await expect.poll(() => replicasShown(page), soon).toEqual(now);
    await end();
  });

  test('the list of scenes leads to each, and on a phone nothing is wider than the page', async () => {
    const { page, end } = await openPage(given.browser, `${given.address}#/scenes`, {
      viewport: { width: 390, height: 844 },
    });
    await expect.poll(() => page.locator('.scene-list li').count()).toBe(8);
    await page.locator('[data-scene="zombie"]').click();
    await page.locator('[data-do="next"]').waitFor(soon);
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await end();
  });

  test('the client that ships serves the page: records are written and read under Topics', async () => {
    const { page, end } = await openPage(given.browser, given.address);
    await page.getByLabel('How fast its time goes').selectOption('1');
    await page.getByRole('switch', { name: 'Load' }).click();
    await goTo(page, '#/topics/laser?partition=0');
    await page.getByRole('textbox', { name: 'Value', exact: true }).fill('written in a tab');
    await page.getByRole('button', { name: 'Produce' }).click();
    await expect.poll(() => page.locator('.outcome').textContent(), soon).toContain('of laser-0');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect.poll(() => page.locator('main').textContent(), soon).toContain('written in a tab');
    await end();
  });
});

/** What the map must show at each moment: as the same cluster comes to it outside of any browser. */
function picturesOf(
  scene: Scene,
): { readonly replicas: Record<string, number[]>; readonly losses: number }[] {
  const recording = new Recording();
  const cluster = new TabCluster(scene);
  return scene.moments.map((_, at) => {
    if (at > 0) cluster.next();
    while (cluster.state.scene?.isPlaying === true) {
      if (cluster.state.broken !== undefined) throw new Error(cluster.state.broken);
      cluster.pass(16);
    }
    for (const message of cluster.take()) recording.add(message);
    return { replicas: replicasOf(recording.now), losses: recording.now.losses.length };
  });
}

function replicasOf(world: World): Record<string, number[]> {
  const shown: Record<string, number[]> = {};
  for (const { name: topic, partitions } of world.topics.values())
    for (const { partition, replicas } of partitions)
      for (const broker of replicas) {
        const facts = world.replicas.get(replicaKey({ broker, topic, partition }));
        shown[`${broker}/${topic}-${partition}`] =
          facts === undefined ? [] : [facts.highWatermark, facts.logEndOffset];
      }
  return shown;
}

/** On the way to a moment: whoever tests has read the words before. */
async function hurry(page: Page, title: string): Promise<void> {
  const faster = page.getByRole('button', { name: 'Faster' });
  await faster
    .or(page.getByRole('heading', { name: title, exact: true }))
    .first()
    .waitFor(soon);
  // The moment may be there meanwhile.
  if (await faster.isVisible()) await faster.click({ timeout: 1000 }).catch(() => {});
}

async function outlineOf(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(`getComputedStyle(document.querySelector('${selector}')).outlineStyle`);
}
