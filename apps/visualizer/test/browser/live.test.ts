// The page as a broker of a real cluster serves it: what a new user does first.

import { createClient } from '@odradek/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, startChromium } from './chromium.ts';
import {
  axeFindings,
  breakEverything,
  breakNode,
  fact,
  goTo,
  openPage,
  openTrace,
  outcomeOf,
  replicasShown,
} from './console-page.ts';
import { type RunningCluster, startCluster } from './running-cluster.ts';
import { statelyEvents } from './sample-traces.ts';

const path = chromiumPath();
const patience = { timeout: 30_000, interval: 100 };

if (path === undefined)
  test.skipIf(true)('there is no Chromium here: the page that brokers serve is not tested', () => {});

describe.skipIf(path === undefined)('the console of a cluster that runs', () => {
  let cluster: RunningCluster;
  let browser: Browser;

  beforeAll(async () => {
    [cluster, browser] = await Promise.all([startCluster(), startChromium(path ?? '')]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cluster?.end();
  });

  test('daily work: a topic is made, and deleted once its name is written', async () => {
    const { page, end } = await openPage(browser, cluster.address(1));
    await page.locator('.broker-head').nth(2).waitFor();
    await goTo(page, '#/topics');
    await page.getByLabel('New topic').fill('parcels');
    await page.getByLabel('Partitions').fill('1');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByLabel('Value', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete topic' }).click();
    await page.getByLabel(/Write the topic’s name/).fill('parcels');
    await page.getByRole('button', { name: 'Delete parcels' }).click();
    await expect.poll(() => page.getByRole('link', { name: 'parcels' }).count(), patience).toBe(0);
    await end();
  });

  test('daily work: records are produced by hand, and read', async () => {
    cluster.odradek('topic', 'create', 'laser', '--partitions', '1', '--replication-factor', '3');
    const { page, end } = await openPage(browser, cluster.address(1));
    await topicOf(page, 'laser');
    for (const [key, value, headers, offset] of [
      ['a', '{"pieces":2}', 'shop=north', 0],
      ['b', 'plain', '', 1],
    ] as const) {
      await page.getByLabel('Key (empty: none)').fill(key);
      await page.getByLabel('Headers (name=value, …)').fill(headers);
      await page.getByLabel('Value', { exact: true }).fill(value);
      await page.getByRole('button', { name: 'Produce with acks=all' }).click();
      const outcome = page.locator('.outcome');
      await expect.poll(() => outcome.textContent(), patience).toContain(`at offset ${offset} of laser-0`);
    }
    await page.getByLabel('From').fill('earliest');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect.poll(() => fact(page, 'read'), patience).toBe('2 shown of 2 looked at');
    await expect
      .poll(() => page.locator('table.records pre, table.records code').first().textContent())
      .toBe('{ "pieces": 2 }');
    // However many: what else can be done with the topic stays near.
    const height = `getComputedStyle(document.querySelector('[aria-label="Records that were read"]')).maxHeight`;
    expect(Number.parseInt(String(await page.evaluate(height)), 10)).toBeLessThan(720);
    await end();
  });

  test('daily work: records that others wrote are read by a filter', async () => {
    cluster.odradek('topic', 'create', 'mail', '--partitions', '1', '--replication-factor', '3');
    const { page, end } = await openPage(browser, cluster.address(1));
    await topicOf(page, 'mail');
    const client = createClient({ bootstrap: [new URL(cluster.address(1)).host] });
    const producer = client.producer();
    for (const [value, shop] of [
      ['one', 'north'],
      ['two', 'south'],
    ] as const)
      await producer.send({ topic: 'mail', partition: 0, value, headers: [{ name: 'shop', value: shop }] });
    await client.close();
    await page.getByLabel('header has').fill('NORTH');
    await page.getByLabel('From').fill('earliest');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect.poll(() => fact(page, 'read'), patience).toBe('1 shown of 2 looked at');
    await end();
  });

  test('daily work: a setting is altered, and whose it is then is said', async () => {
    cluster.odradek('topic', 'create', 'settings', '--partitions', '1', '--replication-factor', '3');
    const { page, end } = await openPage(browser, cluster.address(1));
    await topicOf(page, 'settings');
    const setting = page.locator('[data-setting="retention.ms"]');
    await setting.getByRole('button', { name: 'Change' }).click();
    await setting.getByLabel('retention.ms').fill('60000');
    await setting.getByRole('button', { name: 'Set' }).click();
    await expect.poll(() => setting.textContent(), patience).toContain('this topic');
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('a leader is killed by a click: another leads, the story says why, and the moment before can be seen again', async () => {
    cluster.odradek('topic', 'create', 'orders', '--partitions', '3', '--replication-factor', '3');
    const { page, end } = await openPage(browser, cluster.address(1), {}, { mayLoseSockets: true });
    await page.locator('[data-replica="3/orders-2"]').waitFor();
    const partition = await partitionLedBy(page, 3);
    await page.locator('[data-node="3"]').getByRole('button', { name: /Break/ }).click();
    await page.getByRole('dialog', { name: 'Break node 3' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('k');
    const head = `[data-partition="${partition}"]`;
    await expect.poll(() => fact(page, 'leader', head), patience).toMatch(/^leader [12]$/);
    await expect.poll(() => fact(page, 'state', '[data-node="3"]'), patience).toContain('fenced');
    const leader = await fact(page, 'leader', head);
    // What it was to the quorum when it died is not so any more.
    await expect.poll(() => fact(page, 'quorum', '[data-node="3"]'), patience).toBe('not heard');

    await goTo(page, '#/story');
    const told = page.locator('.said', { hasText: partition }).filter({ hasText: /leads|leader|elect/ });
    await expect.poll(() => told.count(), patience).toBeGreaterThan(0);
    // The node itself cannot tell it any more.
    const done = page.locator('.said', { hasText: 'this page' });
    expect(await done.innerText()).toMatch(/killed.* 3|3.* killed/);
    await goTo(page, '#/map');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.evaluate(`(() => {
      const range = document.querySelector('.scrub input');
      range.value = '1';
      range.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await expect.poll(() => fact(page, 'permission')).toContain('a moment that has been');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect.poll(() => fact(page, 'leader', head)).toBe(leader);

    await page.locator('[data-node="3"]').getByRole('button', { name: /Break/ }).click();
    // The name of a dead node is crossed out at its head, not what the dialog is called.
    await page.getByRole('dialog', { name: 'Break node 3' }).waitFor();
    expect(
      await page.evaluate(`getComputedStyle(document.querySelector('dialog h2')).textDecorationLine`),
    ).toBe('none');
    await page.getByRole('button', { name: /^s Start/ }).click();
    await expect.poll(() => fact(page, 'state', '[data-node="3"]'), patience).toContain('running');
    await expect.poll(() => fact(page, 'in-sync replicas', head), patience).toMatch(/3/);
    await expect.poll(() => fact(page, 'quorum', '[data-node="3"]'), patience).toMatch(/follower|leader/);
    await end();
  });

  test('what can be broken is broken by keys, and all of it heals', async () => {
    const { page, end } = await openPage(browser, cluster.address(1), {}, { mayLoseSockets: true });
    await page.locator('.broker-head').nth(2).waitFor();
    await breakEverything(page, 3, 2);
    await expect.poll(() => fact(page, 'state', '[data-node="3"]')).toContain('running');
    await end();
  });

  test('the broker that serves the page is killed by a click: the page goes on with another one, and starts it again', async () => {
    const others = [1, 3].map((id) => new URL(cluster.address(id)).origin);
    const lawful = { mayLoseSockets: true, mayAsk: others };
    const { page, end } = await openPage(browser, cluster.address(2), {}, lawful);
    await page.locator('.broker-head').nth(2).waitFor();
    // The last of what is fetched early.
    const fetched = `performance.getEntriesByType('resource').some(({ name }) => name.includes('layout-worker'))`;
    await expect.poll(() => page.evaluate(fetched), patience).toBe(true);
    await breakNode(page, 2, 'k');
    await expect.poll(() => fact(page, 'state', '[data-node="2"]'), patience).toContain('fenced');
    await expect.poll(() => page.getByRole('alert').count(), patience).toBe(0);
    // What the page has not shown yet it has from there all the same.
    await goTo(page, '#/machines/partition');
    await page.locator('.statechart').waitFor();
    await goTo(page, '#/scenes');
    await page.locator('[data-scene="committed"]').click();
    await page.locator('[data-do="next"]').waitFor();
    await openTrace(page, statelyEvents(), 'lamp.jsonl');
    await goTo(page, '#/machines/lamp');
    await page.locator('.statechart').waitFor();
    await goTo(page, '#/scenes');
    await page.getByRole('button', { name: 'Back to the cluster that serves this page' }).click();
    await page.locator('[data-node="2"]').getByRole('button', { name: /Break/ }).click();
    await page.getByRole('button', { name: /^s Start/ }).click();
    await expect.poll(() => fact(page, 'state', '[data-node="2"]'), patience).toContain('running');
    await goTo(page, '#/story');
    await expect
      .poll(() => page.locator('.said', { hasText: 'broker 2 is fenced' }).count(), patience)
      .toBeGreaterThan(0);
    await end();
  });

  test('the broker that serves the page stands still by its click: the page looks on through another, and lets it go on', async () => {
    const others = [2, 3].map((id) => new URL(cluster.address(id)).origin);
    const lawful = { mayLoseSockets: true, mayAsk: others };
    const { page, end } = await openPage(browser, cluster.address(1), {}, lawful);
    await page.locator('.broker-head').nth(2).waitFor();
    await breakNode(page, 1, 'p');
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), patience).toContain('fenced');
    await breakNode(page, 1, 'u');
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), patience).toContain('running');
    await end();
  });

  test('a broker that stands still and is not the way in: the page says that nobody hears it, until it goes on', async () => {
    const { page, end } = await openPage(browser, cluster.address(1), {}, { mayLoseSockets: true });
    await expect.poll(() => fact(page, 'quorum', '[data-node="3"]'), patience).toMatch(/follower|leader/);
    await breakNode(page, 3, 'p');
    await expect.poll(() => fact(page, 'quorum', '[data-node="3"]'), patience).toMatch(/^not heard/);
    await breakNode(page, 3, 'u');
    await expect.poll(() => fact(page, 'quorum', '[data-node="3"]'), patience).toMatch(/follower|leader/);
    await end();
  });

  test('all nodes are dead: the page says so, what starts them again, and that an order reached nobody; then it goes on by itself', async () => {
    const lawful = {
      mayLoseSockets: true,
      mayFailToFetch: true,
      mayAsk: [2, 3].map((id) => new URL(cluster.address(id)).origin),
    };
    const phone = { viewport: { width: 390, height: 844 } };
    const { page, end } = await openPage(browser, cluster.address(1), phone, lawful);
    const unclean = page.getByRole('switch', { name: 'Unclean election' });
    await expect.poll(() => unclean.textContent(), patience).toBe('off');
    cluster.chaos('kill', '1', '2', '3');
    const notice = page.getByRole('alert');
    await expect.poll(() => notice.textContent(), patience).toContain('None of the brokers answers.');
    expect(await notice.locator('code').first().textContent()).toBe('odradek chaos start 1 2 3');
    // What was known of it may be forgotten by a view that is left.
    await goTo(page, '#/story');
    await goTo(page, '#/map');
    await expect.poll(() => unclean.textContent(), patience).toBe('not known');
    const help = page.getByRole('button', { name: 'Keys and words' });
    const { x = 0, width = 0 } = (await help.boundingBox()) ?? {};
    expect(x + width).toBeLessThanOrEqual(390);
    await page.locator('main').focus();
    await page.keyboard.press('h');
    await expect.poll(() => outcomeOf(page), patience).toContain('nobody has got the order');
    expect(await axeFindings(page)).toEqual([]);
    cluster.chaos('start', '1', '2', '3');
    await expect.poll(() => page.locator('.banner').count(), patience).toBe(0);
    await expect.poll(() => unclean.textContent(), patience).toBe('off');
    await end();
  });

  test('a page that is opened when two of three nodes are dead waits for none of them, and says that nobody decides who leads', async () => {
    cluster.chaos('kill', '2', '3');
    const { page, end } = await openPage(browser, cluster.address(1), {}, { mayLoseSockets: true });
    await expect.poll(() => fact(page, 'state', '[data-node="1"]'), patience).toContain('running');
    for (const node of [2, 3])
      await expect
        .poll(() => fact(page, 'state', `[data-node="${node}"]`), patience)
        .toMatch(/not heard|fenced/);
    await page.getByText('no controller').waitFor();
    // What the survivor says over and over is one sentence.
    await goTo(page, '#/story');
    const alone = page
      .locator('.said', { hasText: 'broker 1, quorum' })
      .filter({ hasText: 'hears of no leader' });
    await expect.poll(() => alone.first().textContent(), patience).toMatch(/\d+ times since/);
    await goTo(page, '#/map');
    cluster.chaos('start', '2', '3');
    for (const node of [2, 3])
      await expect.poll(() => fact(page, 'state', `[data-node="${node}"]`), patience).toContain('running');
    await end();
  });

  test('all nodes are dead: none is called running, and who reads is told that nobody can be read from, and whom that waits for', async () => {
    cluster.odradek('topic', 'create', 'silence', '--partitions', '1', '--replication-factor', '3');
    const lawful = {
      mayLoseSockets: true,
      mayFailToFetch: true,
      mayAsk: [2, 3].map((id) => new URL(cluster.address(id)).origin),
    };
    const { page, end } = await openPage(browser, cluster.address(1), {}, lawful);
    await topicOf(page, 'silence');
    await page.getByLabel('follow').check();
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect.poll(() => fact(page, 'read'), patience).toBe('0 shown of 0 looked at, waiting for more');
    cluster.chaos('kill', '1', '2', '3');
    await expect
      .poll(() => fact(page, 'read'), patience)
      .toMatch(/nobody can be read from: silence-0 waits for/);
    await goTo(page, '#/map');
    const states = page.locator('[data-node] [data-fact="state"]');
    await expect
      .poll(
        async () => (await states.allInnerTexts()).filter((text) => /running|heard|fenced/.test(text)),
        patience,
      )
      .toEqual(expect.toSatisfy((told: string[]) => told.length === 3 && !told.join().includes('running')));
    await expect.poll(() => page.getByText('◆ controller').count(), patience).toBe(0);
    cluster.chaos('start', '1', '2', '3');
    await expect.poll(async () => (await states.allInnerTexts()).join(), patience).toMatch(/(running.*){3}/s);
    await end();
  });

  test('the last event of an actor: what it said, which transitions were looked at, and which guards said no; now and at a moment that has been', async () => {
    const { page, end } = await openPage(browser, cluster.address(1));
    // A follower of the quorum hears answers to its fetches without end.
    await expect.poll(() => fact(page, 'quorum', '[data-node="2"]'), patience).toMatch(/follower|leader/);
    const follower = (await fact(page, 'quorum', '[data-node="2"]')) === 'follower' ? 2 : 3;
    await goTo(page, `#/machines/quorum?actor=broker-${follower}/quorum`);
    const inside = page.locator(`[data-actor="broker-${follower}/quorum"]`);
    const asked = inside.locator('[data-fact="asked"]');
    await expect.poll(() => asked.textContent(), patience).toContain('said no');
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => inside.locator('[data-fact="carried"]').textContent()).toContain('generation');
    await page.getByRole('button', { name: 'One event back' }).click();
    await expect.poll(() => asked.count()).toBe(1);
    // What it held then was told from when it was looked at, and what its state allowed is in the chart.
    await expect.poll(() => inside.locator('[data-fact="held"]').textContent()).toContain('generation');
    expect(await inside.locator('[data-fact="could"]').textContent()).toContain('fetch answered');
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('what leaves an actor: which order, to whom, and what it carries', async () => {
    const { page, end } = await openPage(browser, cluster.address(1));
    await expect.poll(() => fact(page, 'quorum', '[data-node="2"]'), patience).toMatch(/follower|leader/);
    const follower = (await fact(page, 'quorum', '[data-node="2"]')) === 'follower' ? 2 : 3;
    await goTo(page, `#/machines/quorum?actor=broker-${follower}/quorum`);
    const out = page.locator(`[data-actor="broker-${follower}/quorum"] [data-fact="out"]`);
    await expect
      .poll(() => out.textContent(), patience)
      .toMatch(/on fetch answered.*fetch from the leader→ node \d: fetchMetadata/);
    expect(await out.textContent()).toContain('fetchOffset');
    expect(await axeFindings(page)).toEqual([]);
    await end();
  });

  test('values are shown too where an answer takes longer than the next step', async () => {
    const { page, end } = await openPage(browser, cluster.address(1));
    await page.routeWebSocket(/\/watch/, (socket) => {
      const node = socket.connectToServer();
      node.onMessage((message) => void setTimeout(() => socket.send(message), 1000));
    });
    await page.reload();
    await goTo(page, '#/machines/quorum?actor=broker-1/quorum');
    await expect.poll(() => page.locator('.values dt').count(), patience).toBeGreaterThan(2);
    await end();
  });

  test('values of an actor, what can happen next to it, and which guard says no', async () => {
    const { page, end } = await openPage(browser, cluster.address(1));
    await goTo(page, '#/machines/quorum?actor=broker-1/quorum');
    await expect.poll(() => page.locator('[data-fact="next"] li').count(), patience).toBeGreaterThan(3);
    await expect.poll(() => page.locator('.values dt').count()).toBeGreaterThan(2);
    expect(await axeFindings(page)).toEqual([]);
    expect(Object.keys(await replicasShown(page))).toEqual([]);
    // What xstate calls it ends with the state that waits.
    await goTo(page, '#/machines/broker?actor=broker-1/broker');
    const inside = page.locator('[data-actor="broker-1/broker"]');
    await expect
      .poll(() => inside.locator('[data-fact="in"]').textContent(), patience)
      .toContain('after heartbeat interval');
    await expect
      .poll(() => inside.locator('[data-fact="next"]').textContent())
      .toContain('after heartbeat interval');
    expect(await inside.textContent()).not.toContain('interval.broker');
    await end();
  });
});

/** Opens the page of a topic, and waits until it is there. */
async function topicOf(page: Page, topic: string): Promise<void> {
  await page.locator('.broker-head').nth(2).waitFor();
  await goTo(page, `#/topics/${topic}`);
  await page.getByLabel('Value', { exact: true }).waitFor();
}

/** A partition that a broker leads, as the map shows it. */
async function partitionLedBy(page: Page, broker: number): Promise<string> {
  const cell = page.locator(`[data-replica^="${broker}/"]`).filter({ hasText: '★ leader' }).first();
  await cell.waitFor();
  return (await cell.getAttribute('data-replica'))?.slice(2) ?? '';
}
