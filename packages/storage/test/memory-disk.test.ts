import { DiskError } from '@odradek/model';
import { diskContract } from '@odradek/model/disk-contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskFault, MemoryDisk } from '../src/memory-disk.ts';
import { everyOther, everythingSurvives, nothingSurvives, type Survival } from '../src/survival.ts';
import { diskWithQueue, seeded } from './support/queue.ts';

diskContract('memory', { describe, it, expect }, () => {
  const { disk, queue } = diskWithQueue();
  return { disk, pump: () => queue.run() };
});

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe('D1: what survives', () => {
  it('D1: a killed process loses no completed write', () => {
    const { disk } = diskWithQueue();
    disk.open('log', { create: true }).append([bytes(3, 7)]);
    disk.crash();
    expect([...(disk.readFile('log') ?? [])]).toEqual([7, 7, 7]);
  });

  it('D1: files opened before a crash are dead, and orders under way are never answered', () => {
    const { disk, queue } = diskWithQueue();
    const file = disk.open('log', { create: true });
    let answers = 0;
    file.sync(() => answers++);
    disk.crash();
    queue.run();
    expect(answers).toBe(0);
    expect(() => file.append([bytes(1, 1)])).toThrow(DiskError);
  });

  it('D1: what was synced stays after power loss, whatever came after it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 0, max: 2000 }),
        (seed, synced, after) => {
          const { disk, queue } = diskWithQueue();
          const file = disk.open('log', { create: true });
          file.append([bytes(synced, 1)]);
          file.sync(() => {});
          disk.syncDirectory('', () => {});
          file.append([bytes(after, 2)]);
          queue.run();
          disk.power(seeded(seed));
          const left = disk.readFile('log') ?? new Uint8Array(0);
          expect(left.length).toBeGreaterThanOrEqual(synced);
          expect(left.subarray(0, synced).every((value) => value === 1)).toBe(true);
          expect(left.subarray(synced).every((value) => value === 2 || value === 0)).toBe(true);
        },
      ),
    );
  });

  it('D1: a schedule may say what stays: nothing, everything, or every other sector', () => {
    const left = (survival: Survival): number[] => {
      const { disk, queue } = diskWithQueue();
      const file = disk.open('log', { create: true });
      disk.syncDirectory('', () => {});
      queue.run();
      file.append([bytes(512, 1), bytes(512, 2)]);
      disk.losePower(survival);
      const found = disk.readFile('log') ?? new Uint8Array(0);
      return [found[0] ?? -1, found[512] ?? -1];
    };
    expect(left(nothingSurvives)).toEqual([-1, -1]);
    expect(left(everythingSurvives)).toEqual([1, 2]);
    expect(left(everyOther('first'))).toEqual([1, -1]);
  });

  it('D3: after a failed sync a killed process finds what the disk has, not what the page cache had', () => {
    let isBroken = false;
    const queue: (() => void)[] = [];
    const disk = new MemoryDisk({
      later: (callback) => void queue.push(callback),
      fault: (operation) => (isBroken && operation === 'sync' ? { code: 'EIO' } : undefined),
    });
    const run = (): void => {
      for (const callback of queue.splice(0)) callback();
    };
    const file = disk.open('log', { create: true });
    file.append([bytes(2, 1)]);
    file.sync(() => {});
    run();
    isBroken = true;
    file.append([bytes(2, 2)]);
    file.sync(() => {});
    run();
    disk.crash();
    expect([...(disk.readFile('log') ?? [])]).toEqual([1, 1]);
  });

  it('D1: what is synced as a whole is durable, its names too', () => {
    const { disk } = diskWithQueue();
    disk.open('log', { create: true }).append([bytes(3, 7)]);
    disk.syncAll();
    disk.losePower(nothingSurvives);
    expect([...(disk.readFile('log') ?? [])]).toEqual([7, 7, 7]);
  });

  it('D1: what was overwritten or cut since the sync may come back, sector by sector', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const { disk, queue } = diskWithQueue({ sectorBytes: 1 });
      const file = disk.open('f', { create: true });
      file.append([bytes(2, 1)]);
      file.sync(() => {});
      disk.syncDirectory('', () => {});
      queue.run();
      file.write(0, bytes(2, 2));
      disk.power(seeded(seed));
      seen.add([...(disk.readFile('f') ?? [])].join(''));
    }
    expect([...seen].sort()).toEqual(['11', '12', '21', '22']);
  });

  it('D5: a name that was not synced with its directory may vanish, one that was does not', () => {
    let vanished = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { disk, queue } = diskWithQueue();
      disk.makeDirectory('a');
      disk.syncDirectory('', () => {});
      disk.writeFile('a/old', bytes(1, 1));
      disk.syncDirectory('a', () => {});
      queue.run();
      disk.writeFile('a/new', bytes(1, 1));
      disk.power(seeded(seed));
      expect(disk.exists('a/old')).toBe(true);
      if (!disk.exists('a/new')) vanished++;
    }
    expect(vanished).toBeGreaterThan(5);
    expect(vanished).toBeLessThan(45);
  });

  it('D5: a directory that was removed and made anew is the one or the other after power loss, never both in one', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const { disk, queue } = diskWithQueue();
      disk.makeDirectory('a');
      disk.writeFile('a/old', bytes(1, 1));
      disk.syncDirectory('', () => {});
      disk.syncDirectory('a', () => {});
      queue.run();
      disk.remove('a');
      disk.makeDirectory('a');
      disk.writeFile('a/new', bytes(1, 1));
      disk.power(seeded(seed));
      seen.add(disk.exists('a') ? disk.list('a').join() : 'gone');
    }
    expect([...seen].sort()).toEqual(['', 'gone', 'new', 'old']);
  });

  it('D5: a directory is renamed as a whole, or not at all', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const { disk, queue } = diskWithQueue();
      disk.makeDirectory('a');
      for (const name of ['one', 'two', 'three']) disk.writeFile(`a/${name}`, bytes(1, 1));
      disk.syncDirectory('', () => {});
      disk.syncDirectory('a', () => {});
      queue.run();
      disk.rename('a', 'b');
      disk.power(seeded(seed));
      seen.add(['a', 'b'].map((name) => disk.list(name).length).join());
    }
    expect([...seen].sort()).toEqual(['0,3', '3,0']);
  });

  it('D5: lists what is there, in order, however often it was asked and whatever came, went or was lost since', () => {
    const { disk, queue } = diskWithQueue();
    disk.makeDirectory('a');
    disk.writeFile('a/2', bytes(1, 1));
    disk.syncDirectory('', () => {});
    disk.syncDirectory('a', () => {});
    queue.run();
    const listed = [disk.list('a')];
    const changes = [
      () => disk.writeFile('a/1', bytes(1, 1)),
      () => disk.rename('a/1', 'a/3'),
      () => disk.remove('a/2'),
      () => disk.losePower(nothingSurvives),
    ];
    for (const change of changes) {
      change();
      listed.push(disk.list('a'));
    }
    expect(listed).toEqual([['2'], ['1', '2'], ['2', '3'], ['3'], ['2']]);
  });

  it('Q1: a file that is being replaced is the old or the new one, never a mixture', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const { disk, queue } = diskWithQueue();
      disk.replaceFile('state', bytes(4, 1), () => {});
      queue.run();
      disk.replaceFile('state', bytes(6, 2), () => {});
      disk.power(seeded(seed));
      seen.add([...(disk.readFile('state') ?? [])].join(''));
    }
    expect([...seen].sort()).toEqual(['1111', '222222']);
  });

  it('says by its boot id whether the page cache can have survived', () => {
    const { disk } = diskWithQueue({ bootId: 'boot' });
    const before = disk.bootId;
    disk.crash();
    expect(disk.bootId).toBe(before);
    disk.power(seeded(1));
    expect(disk.bootId).not.toBe(before);
  });
});

describe('faults', () => {
  it('D4: a short append keeps a part and says so', () => {
    const fault: DiskFault = { code: 'ENOSPC', keptBytes: 2 };
    const { disk } = diskWithQueue({ fault: (operation) => (operation === 'append' ? fault : undefined) });
    const file = disk.open('log', { create: true });
    expect(() => file.append([bytes(3, 1)])).toThrow('append of log failed: ENOSPC');
    expect(file.size).toBe(2);
  });

  it('D3: after a failed sync the next one succeeds and has saved nothing', () => {
    let syncs = 0;
    const { disk, queue } = diskWithQueue({
      fault: (operation) => (operation === 'sync' && syncs++ === 0 ? { code: 'EIO' } : undefined),
    });
    const file = disk.open('log', { create: true });
    disk.syncDirectory('', () => {});
    file.append([bytes(4, 1)]);
    const results: (string | undefined)[] = [];
    for (let time = 0; time < 2; time++) file.sync((error) => results.push(error?.code));
    queue.run();
    expect(results).toEqual(['EIO', undefined]);
    const kept = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      disk.power(seeded(seed));
      kept.add((disk.readFile('log') ?? []).length);
    }
    expect(kept.has(0)).toBe(true);
  });

  it('bit rot changes what is stored', () => {
    const { disk } = diskWithQueue();
    disk.writeFile('f', bytes(3, 1));
    disk.corrupt('f', 1, bytes(1, 9));
    expect([...(disk.readFile('f') ?? [])]).toEqual([1, 9, 1]);
  });
});
