// What a visitor has to fetch before the page can be used.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { firstFiles, zippedBytes } from './measure/first-files.ts';

const dist = resolve(import.meta.dirname, '../dist');

test('the page and its style are 250 kB at most, compressed', () => {
  const first = firstFiles(dist);
  expect(first.size).toBeGreaterThan(3);
  expect(zippedBytes(dist, first)).toBeLessThan(250_000);
});

test('no file of it names an address elsewhere that a browser would ask', () => {
  for (const name of readdirSync(dist).filter((file) => /\.(css|html)$/.test(file))) {
    const text = readFileSync(join(dist, name), 'utf8');
    expect(text, name).not.toMatch(/(src|href)="https?:|url\(["']?https?:|@import/);
  }
});

test('what a visitor fetches at first has neither the layout engine nor the drawings in it', () => {
  const first = readFileSync(join(dist, 'index.html'), 'utf8').match(/main-[^"]+\.js/)?.[0] ?? '';
  const text = readFileSync(join(dist, first), 'utf8');
  expect(text).not.toContain('org.eclipse.elk.core');
  expect(text).not.toContain('shrinking.awaiting metadata');
});

test('the cluster in the tab has the machines that ship in it, and none of those that the simulator breaks on purpose', () => {
  const worker = readdirSync(dist).find((name) => /^worker-/.test(name)) ?? '';
  const text = readFileSync(join(dist, worker), 'utf8');
  expect(text).toContain('leaderReplica');
  expect(text).not.toMatch(/forced true|inverted/);
});

test('objects that an actor holds are called in the tab as their classes are in the sources', () => {
  const text = readdirSync(dist)
    .filter((name) => /^worker-.*\.js$/.test(name))
    .map((name) => readFileSync(join(dist, name), 'utf8'))
    .join('\n');
  for (const name of ['SleepingLog', 'BrokerLife', 'ControllerDesk']) expect(text).toContain(name);
});

test('the licences of what others have written lie beside it', () => {
  const text = readFileSync(join(dist, 'licences.txt'), 'utf8');
  expect(text).toMatch(/^elkjs \d\S+, EPL-2\.0 OR GPL-3\.0-or-later$/m);
  expect(text).toContain('Eclipse Public License - v 2.0');
  expect(text).toMatch(/^preact \d\S+, MIT$/m);
});
