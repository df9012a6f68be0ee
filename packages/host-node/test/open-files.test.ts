import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createNodeDisk } from '../src/disk.ts';
import { type IdleFile, OpenFiles } from '../src/open-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

class FakeFile implements IdleFile {
  readonly name: string;
  isBusy: boolean;
  /** How often it was asked to close. */
  asked = 0;
  readonly #released: string[];
  constructor(name: string, released: string[], isBusy = false) {
    this.name = name;
    this.#released = released;
    this.isBusy = isBusy;
  }
  release(): boolean {
    this.asked += 1;
    if (this.isBusy) return false;
    this.#released.push(this.name);
    return true;
  }
}

it('D11: closes the file used least lately, and none that is in use', () => {
  const released: string[] = [];
  const files = new OpenFiles(3);
  const [busy, a, b, c, d] = [
    new FakeFile('busy', released, true),
    ...['a', 'b', 'c', 'd'].map((name) => new FakeFile(name, released)),
  ] as const;
  for (const file of [busy, a, b]) if (file !== undefined) files.used(file);
  if (a !== undefined) files.used(a);
  for (const file of [c, d]) if (file !== undefined) files.used(file);
  expect([released, files.count]).toEqual([['b', 'a'], 3]);
  if (d !== undefined) files.closed(d);
  expect(files.count).toBe(2);
});

it('D11: the file that is being used is not closed, even if all others are in use', () => {
  const released: string[] = [];
  const files = new OpenFiles(1);
  files.used(new FakeFile('busy', released, true));
  files.used(new FakeFile('mine', released));
  expect(released).toEqual([]);
});

it('D11: thousands that wait for a sync are asked once, not each time that another is used', () => {
  const released: string[] = [];
  const files = new OpenFiles(2);
  const waiting = Array.from(
    { length: 1000 },
    (_, index) => new FakeFile(`waiting ${index}`, released, true),
  );
  for (const file of waiting) files.used(file);
  const mine = new FakeFile('mine', released);
  for (let use = 0; use < 1000; use++) files.used(mine);
  expect(Math.max(...waiting.map(({ asked }) => asked))).toBe(1);
  expect([released, files.count]).toEqual([[], 1001]);
  for (const file of waiting) {
    file.isBusy = false;
    files.settled(file);
  }
  files.used(mine);
  expect([released.length, files.count]).toEqual([999, 2]);
});

it('D11: makes room when the system has no more', () => {
  const released: string[] = [];
  const files = new OpenFiles(100);
  expect(files.makeRoom()).toBe(false);
  for (let index = 0; index < 10; index++) files.used(new FakeFile(`${index}`, released));
  expect(files.makeRoom()).toBe(true);
  expect(released).toEqual(['0', '1', '2', '3', '4']);
});

it('D11: far more files than may be open keep what is written to them', async () => {
  const directory = temporaryDirectory();
  const disk = createNodeDisk(directory, { maxOpenFiles: 3 });
  const files = Array.from({ length: 50 }, (_, index) => disk.open(`log-${index}`, { create: true }));
  for (const round of ['a', 'b', 'c'])
    await Promise.all(
      files.map((file, index) => {
        file.append([new TextEncoder().encode(`${round}${index},`)]);
        return new Promise<void>((done, fail) =>
          file.sync((error) => (error === undefined ? done() : fail(error))),
        );
      }),
    );
  const target = new Uint8Array(2);
  expect(files.map((file) => file.read(0, target))).toEqual(files.map(() => 2));
  files.forEach((file, index) => {
    file.close();
    expect(readFileSync(join(directory, `log-${index}`), 'utf8')).toBe(`a${index},b${index},c${index},`);
  });
});
