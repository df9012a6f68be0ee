import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskError, type DiskFile } from '@odradek/model';
import { diskContract } from '@odradek/model/disk-contract';
import { describe, expect, it } from 'vitest';
import { createNodeDisk } from '../src/disk.ts';
import { temporaryDirectory } from './temporary-directory.ts';

diskContract('files', { describe, it, expect }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-'));
  return {
    disk: createNodeDisk(directory),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
});

diskContract('files of which one may be open', { describe, it, expect }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-'));
  return {
    disk: createNodeDisk(directory, { maxOpenFiles: 1 }),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (read: Uint8Array | undefined): string => new TextDecoder().decode(read);

function synced(file: DiskFile): Promise<DiskError | undefined> {
  return new Promise((resolve) => file.sync(resolve));
}

describe('a disk', () => {
  it('keeps what was appended, in one call or in several, also when opened again', async () => {
    const disk = createNodeDisk(temporaryDirectory());
    disk.makeDirectory('orders-0');
    const file = disk.open('orders-0/log', { create: true });
    file.append([bytes('ab'), bytes(''), bytes('cd')]);
    file.append([bytes('ef')]);
    expect(file.size).toBe(6);
    expect(await synced(file)).toBeUndefined();
    file.close();
    const again = disk.open('orders-0/log', { create: false });
    const target = new Uint8Array(10);
    expect(again.read(1, target)).toBe(5);
    expect(text(target.subarray(0, 5))).toBe('bcdef');
    again.close();
  });

  it('D4: writes any number of chunks, more than the system takes in one call', () => {
    const directory = temporaryDirectory();
    const file = createNodeDisk(directory).open('log', { create: true });
    const chunks = Array.from({ length: 3000 }, (_, i) => bytes(`${i},`));
    file.append(chunks);
    file.close();
    expect(readFileSync(join(directory, 'log'), 'utf8')).toBe(chunks.map(text).join(''));
  });

  it('overwrites at a position, and cuts', () => {
    const file = createNodeDisk(temporaryDirectory()).open('index', { create: true });
    file.append([bytes('abcdef')]);
    file.write(1, bytes('XY'));
    file.truncate(4);
    const target = new Uint8Array(6);
    expect([file.size, file.read(0, target), text(target.subarray(0, 4))]).toEqual([4, 4, 'aXYd']);
    file.close();
  });

  it('reads later what is there, and less at the end', async () => {
    const file = createNodeDisk(temporaryDirectory()).open('log', { create: true });
    file.append([bytes('abcdef')]);
    const read = await new Promise((resolve) => file.readLater(4, 10, resolve));
    expect(read).toEqual(bytes('ef'));
    file.close();
  });

  it('closes a file only after what is under way on it', async () => {
    const file = createNodeDisk(temporaryDirectory()).open('log', { create: true });
    file.append([bytes('abc')]);
    const order: string[] = [];
    const read = new Promise<void>((resolve) =>
      file.readLater(0, 3, (result) => {
        order.push(result instanceof DiskError ? result.message : text(result));
        resolve();
      }),
    );
    file.close();
    expect(() => file.append([bytes('d')])).toThrow(/append of log failed: EBADF/);
    order.push('closed');
    await read;
    expect(order).toEqual(['closed', 'abc']);
  });

  it('Q1, D5: replaces a file whole, and leaves no other name behind', async () => {
    const directory = temporaryDirectory();
    const disk = createNodeDisk(directory);
    disk.writeFile('quorum-state', bytes('old'));
    const done = new Promise((resolve) => disk.replaceFile('quorum-state', bytes('new'), resolve));
    expect(text(disk.readFile('quorum-state'))).toBe('old');
    expect(await done).toBeUndefined();
    expect(text(disk.readFile('quorum-state'))).toBe('new');
    expect(readdirSync(directory)).toEqual(['quorum-state']);
  });

  it('Q1, D5: of replacements of a file that are under way at once each is whole, and the last stays', async () => {
    const directory = temporaryDirectory();
    const disk = createNodeDisk(directory);
    const errors = await Promise.all(
      Array.from(
        { length: 40 },
        (_, index) =>
          new Promise((resolve) =>
            disk.replaceFile(
              'quorum-state',
              bytes(`${index}`.repeat(((index * 7919) % 5) * 30_000 + 1)),
              resolve,
            ),
          ),
      ),
    );
    expect(errors.filter((error) => error !== undefined)).toEqual([]);
    expect(text(disk.readFile('quorum-state'))).toBe('39'.repeat(((39 * 7919) % 5) * 30_000 + 1));
    expect(readdirSync(directory)).toEqual(['quorum-state']);
  });

  it('names what is there, sorted, and takes it away', async () => {
    const disk = createNodeDisk(temporaryDirectory());
    expect(disk.list('nowhere')).toEqual([]);
    disk.makeDirectory('t-0/deep');
    disk.writeFile('t-0/b', bytes(''));
    disk.writeFile('t-0/a', bytes(''));
    expect(disk.list('t-0')).toEqual(['a', 'b', 'deep']);
    disk.rename('t-0/a', 't-0/c');
    expect([disk.exists('t-0/a'), disk.exists('t-0/c')]).toEqual([false, true]);
    expect(await new Promise((resolve) => disk.syncDirectory('t-0', resolve))).toBeUndefined();
    disk.remove('t-0');
    disk.remove('t-0');
    expect(disk.list('.')).toEqual([]);
    expect(disk.readFile('t-0/c')).toBeUndefined();
  });

  it('says by its code why it refuses', async () => {
    const directory = temporaryDirectory();
    const disk = createNodeDisk(directory);
    mkdirSync(join(directory, 'folder'));
    expect(() => disk.open('nowhere', { create: false })).toThrow('open of nowhere failed: ENOENT');
    expect(() => disk.readFile('folder')).toThrow(DiskError);
    const error = await new Promise((resolve) => disk.replaceFile('no/where', bytes('x'), resolve));
    expect(error).toMatchObject({ code: 'ENOENT', path: 'no/where' });
  });

  it('X6: gives nothing outside of its directory', () => {
    const disk = createNodeDisk(temporaryDirectory());
    expect(() => disk.readFile('../other')).toThrow('resolve of ../other failed: EINVAL');
  });

  it('knows the uptime of the host, the same for every disk', () => {
    const [one, other] = [createNodeDisk(temporaryDirectory()), createNodeDisk(temporaryDirectory())];
    expect(one.bootId).toBe(other.bootId);
    if (process.platform === 'linux') expect(one.bootId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
