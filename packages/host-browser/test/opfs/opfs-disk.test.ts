// The disk in the browser's file system, over one that is made up. In a real browser: `apps/visualizer/test/browser/opfs.test.ts`.

import { DiskError } from '@odradek/model';
import { diskContract } from '@odradek/model/disk-contract';
import { array, assert, asyncProperty, boolean, constantFrom, integer, oneof, record } from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type OpfsDisk, openOpfsDisk } from '../../src/opfs/opfs-disk.ts';
import { MadeUpDirectory } from './made-up-directory.ts';

const ready = await Promise.all(
  Array.from({ length: 40 }, () => openOpfsDisk(new MadeUpDirectory(), { spareFiles: 8 })),
);

diskContract('the file system of a browser, made up', { describe, it, expect }, () => {
  const disk = ready.pop();
  if (disk === undefined) throw new Error('the contract has more tests than disks were made ready');
  return { disk, dispose: () => disk.close() };
});

const opened: OpfsDisk[] = [];
afterAll(() => {
  for (const disk of ready) disk.close();
});
afterEach(() => {
  for (const disk of opened.splice(0)) disk.close();
});

async function opens(directory: MadeUpDirectory, spareFiles = 4): Promise<OpfsDisk> {
  const disk = await openOpfsDisk(directory, { spareFiles });
  opened.push(disk);
  return disk;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (disk: OpfsDisk, path: string): string | undefined => {
  const read = disk.readFile(path);
  return read && new TextDecoder().decode(read);
};
const done = (order: (done: (error?: DiskError) => void) => void): Promise<DiskError | undefined> =>
  new Promise((resolve) => order(resolve));

function codeOf(act: () => void): string {
  try {
    act();
    return 'nothing';
  } catch (error) {
    if (error instanceof DiskError) return error.code;
    throw error;
  }
}

describe('a disk in the file system of a browser', () => {
  it('is there again when it is opened again', async () => {
    const directory = new MadeUpDirectory();
    const disk = await opens(directory);
    disk.makeDirectory('orders-0/inner');
    const file = disk.open('orders-0/log', { create: true });
    file.append([bytes('ab'), bytes('cd')]);
    disk.rename('orders-0', 'orders-1');
    disk.writeFile('meta', bytes('x'));
    disk.close();
    const again = await opens(directory);
    expect(again.list('')).toEqual(['meta', 'orders-1']);
    expect(again.list('orders-1')).toEqual(['inner', 'log']);
    expect(textOf(again, 'orders-1/log')).toBe('abcd');
  });

  it('is nobody else’s while it is open', async () => {
    const directory = new MadeUpDirectory();
    await opens(directory);
    await expect(openOpfsDisk(directory)).rejects.toMatchObject({ code: 'EBUSY' });
  });

  it('D6: what has no room is refused, and what was there before stays', async () => {
    const directory = new MadeUpDirectory();
    const disk = await opens(directory);
    disk.writeFile('a', bytes('before'));
    directory.room = 3;
    expect(codeOf(() => disk.writeFile('a', bytes('after that')))).toBe('ENOSPC');
    expect(codeOf(() => disk.open('b', { create: true }))).toBe('ENOSPC');
    expect(disk.list('')).toEqual(['a']);
    directory.room = 1000;
    disk.open('b', { create: true }).append([bytes('1')]);
    disk.close();
    const again = await opens(directory);
    expect([textOf(again, 'a'), textOf(again, 'b')]).toEqual(['before', '1']);
  });

  it('D11: files that are not ready yet are refused as by a process with too many, and come', async () => {
    const directory = new MadeUpDirectory();
    const disk = await opens(directory, 2);
    directory.isStuck = true;
    for (const name of ['a', 'b']) disk.open(name, { create: true });
    expect(codeOf(() => disk.open('c', { create: true }))).toBe('EMFILE');
    directory.isStuck = false;
    await expect.poll(() => codeOf(() => disk.open('c', { create: true }))).toBe('nothing');
  });

  it('a file that is removed while it is open is read to its end, and then its place is another’s', async () => {
    const disk = await opens(new MadeUpDirectory());
    const file = disk.open('old', { create: true });
    file.append([bytes('old')]);
    disk.remove('old');
    disk.writeFile('new', bytes('new'));
    const target = new Uint8Array(3);
    expect(file.read(0, target)).toBe(3);
    expect(new TextDecoder().decode(target)).toBe('old');
    file.close();
    expect(textOf(disk, 'new')).toBe('new');
  });

  it('names that change without end take no room without end', async () => {
    const directory = new MadeUpDirectory();
    const disk = await opens(directory);
    for (let turn = 0; turn < 20_000; turn++) disk.writeFile('state', bytes(String(turn)));
    expect(directory.size).toBeLessThan(300_000);
    disk.close();
    expect(textOf(await opens(directory), 'state')).toBe('19999');
  });

  it('D5, Q1: whatever the power leaves, a file that was replaced is the old or the new one, and what was done is kept', async () => {
    const path = constantFrom('a', 'b', 'd/c');
    const act = oneof(
      record({ do: constantFrom('replace' as const), path, sync: boolean() }),
      record({ do: constantFrom('write' as const), path, sync: boolean() }),
      record({ do: constantFrom('remove' as const), path, sync: boolean() }),
    );
    await assert(
      asyncProperty(
        array(act, { maxLength: 25 }),
        array(boolean(), { minLength: 200, maxLength: 200 }),
        integer({ min: 0, max: 3 }),
        async (acts, keeps, reopenings) => {
          let directory = new MadeUpDirectory();
          let disk = await opens(directory);
          disk.makeDirectory('d');
          await done((end) => disk.syncDirectory('', end));
          /** What each may be after the power has failed: the last of them is what it is before. */
          const may = new Map<string, (string | undefined)[]>([
            ['a', [undefined]],
            ['b', [undefined]],
            ['d/c', [undefined]],
          ]);
          for (const [index, { do: what, path, sync }] of acts.entries()) {
            const content = `${what} ${index}`;
            const isDurable = sync || what === 'replace';
            if (what === 'replace')
              expect(await done((end) => disk.replaceFile(path, bytes(content), end))).toBeUndefined();
            else if (what === 'write') disk.writeFile(path, bytes(content));
            else disk.remove(path);
            if (sync) await done((end) => disk.syncDirectory('', end));
            const now = what === 'remove' ? undefined : content;
            may.set(path, [...(may.get(path) ?? []), now]);
            // All names are durable together.
            if (isDurable) for (const [one, all] of may) may.set(one, all.slice(-1));
          }
          for (let turn = 0; turn <= reopenings; turn++) {
            directory = directory.afterPowerLoss(() => keeps.pop() ?? true);
            disk = await opens(directory);
            for (const [one, all] of may) {
              expect(all).toContain(textOf(disk, one));
              may.set(one, [textOf(disk, one)]);
            }
          }
          disk.writeFile('d/after', bytes('it goes on'));
          expect(textOf(disk, 'd/after')).toBe('it goes on');
        },
      ),
      { numRuns: 150 },
    );
  });
});
