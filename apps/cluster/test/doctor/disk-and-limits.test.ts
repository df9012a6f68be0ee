import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskFindings, medium, openFiles } from '../../src/doctor/disk-and-limits.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-doctor-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('the disk: what is free, whether it is one, and how long a flush takes; nothing stays behind', () => {
  const [space, , flush] = diskFindings(directory, true);
  expect(space?.found).toMatch(/^[\d.]+ GiB of [\d.]+ GiB free on the disk of /);
  expect(flush?.found).toMatch(/^\d+\.\d\d ms in the middle, \d+\.\d\d ms at worst, of 9/);
  expect(readdirSync(directory)).toEqual([]);
});

it('a directory in memory is worth a note where records are to survive', () => {
  const tmpfs = 0x01021994;
  expect(medium('/run/x', tmpfs, true)).toEqual({
    ...{ check: 'disk', ok: true, isNote: true },
    found: '/run/x is on tmpfs: it is gone when the machine restarts',
  });
  expect(medium('/run/x', tmpfs, false).isNote).toBeUndefined();
  expect(medium('/srv', 0xef53, true)).toEqual({ check: 'disk', ok: true, found: '/srv is on a disk' });
});

it('open files: what logs want, and what is left for connections', () => {
  expect(openFiles(20_000, 100, 10_000)).toEqual({
    ...{ check: 'open files', ok: true },
    found: '20000 may be open; 100 logs want 500',
  });
  expect(openFiles(1024, 100, 10_000)).toMatchObject({
    ...{ ok: true, isNote: true },
    found: expect.stringContaining('which leaves 524 connections of max.connections=10000'),
  });
  expect(openFiles(1024, 1000, 10_000)).toMatchObject({
    ok: false,
    found: '1024 may be open; 1000 logs want 3200: raise it, ulimit -n 6400',
  });
});
