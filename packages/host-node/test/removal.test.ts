import { readdirSync, readlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createNodeDisk } from '../src/disk.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MIB = 1024 * 1024;

/** How many files of a directory this process has open although they have no name any more; Linux tells. */
function namelessBelow(directory: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that lists the others is closed by now.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(directory) && target.endsWith('(deleted)')).length;
}

function partition(sizes: readonly number[]) {
  const directory = temporaryDirectory();
  const disk = createNodeDisk(directory);
  disk.makeDirectory('t-0/below');
  sizes.forEach((size, index) => {
    const name = index % 2 === 0 ? `t-0/${index}.log` : `t-0/below/${index}.log`;
    disk.open(name, { create: true }).close();
    truncateSync(join(directory, name), size);
  });
  return { directory, disk };
}

it('removes files and directories, large and small, whether they are there or not', () => {
  const { directory, disk } = partition([0, 3 * MIB, 5 * MIB, 10]);
  disk.remove('t-0/0.log');
  disk.remove('t-0/2.log');
  expect(disk.list('t-0')).toEqual(['below']);
  disk.remove('t-0');
  disk.remove('t-0');
  expect(readdirSync(directory)).toEqual([]);
});

it.runIf(process.platform === 'linux')(
  'the space of large files is given back in the thread pool, one file after the other, not in the call',
  async () => {
    const { directory, disk } = partition([64 * MIB, 64 * MIB, 64 * MIB, 100]);
    disk.remove('t-0');
    expect(readdirSync(directory)).toEqual([]);
    // One may be closed by now, no more: the next one waits for this turn's end.
    expect(namelessBelow(directory)).toBeGreaterThanOrEqual(2);
    while (namelessBelow(directory) > 0) await turn();
  },
);

it('what is removed later is removed off the event loop', async () => {
  const { directory, disk } = partition([0, 3 * MIB, 10]);
  const before = disk.list('t-0');
  const removed = new Promise((resolve) => disk.removeLater('t-0', resolve));
  // In the call nothing has gone yet.
  expect(disk.list('t-0')).toEqual(before);
  expect(await removed).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});
