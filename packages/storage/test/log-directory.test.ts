import type { DiskDone } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { decodeOffsets } from '../src/checkpoint-files.ts';
import { LogDirectory } from '../src/log-directory.ts';
import { DIRECTORY_ID, incarnationOf } from './support/broker.ts';
import { diskWithQueue, ManualClock } from './support/queue.ts';

/** A directory, with what its disk was asked to replace. */
function directory() {
  const { disk, queue } = diskWithQueue({ bootId: 'boot' });
  const clock = new ManualClock();
  const underWay = new Set<string>();
  const replaced: string[] = [];
  let twice = 0;
  const replace = disk.replaceFile.bind(disk);
  disk.replaceFile = (path: string, bytes: Uint8Array, done: DiskDone): void => {
    if (underWay.has(path)) twice += 1;
    underWay.add(path);
    replaced.push(path);
    replace(path, bytes, (error) => {
      underWay.delete(path);
      done(error);
    });
  };
  const made = new LogDirectory({
    ...{ disk, clock, directoryId: DIRECTORY_ID, incarnation: incarnationOf(1) },
    flushPolicy: 'commit',
  });
  return { disk, queue, clock, directory: made, replaced, twice: () => twice };
}

const marker = '.kafka_cleanshutdown';
const recoveryPoints = 'recovery-point-offset-checkpoint';

describe('the end of a run', () => {
  it('C9: waits for checkpoints that are being written, so that no file is written twice at once', () => {
    const { directory: open, disk, queue, twice } = directory();
    open.note('recoveryPoint', 'orders-0', 5);
    open.checkpoint();
    open.note('recoveryPoint', 'orders-0', 7);
    let hasEnded = false;
    open.closeCleanly(3, new Map(), (error) => {
      expect(error).toBeUndefined();
      hasEnded = true;
    });
    queue.run();
    expect([hasEnded, twice(), disk.exists(marker)]).toEqual([true, 0, true]);
    expect([...(decodeOffsets(disk.readFile(recoveryPoints) ?? new Uint8Array(0)) ?? [])]).toEqual([
      ['orders-0', 7],
    ]);
  });

  it('without the marker writes the checkpoints all the same, and nothing afterwards', () => {
    const { directory: open, disk, queue, clock, replaced } = directory();
    open.note('highWatermark', 'orders-0', 5);
    open.close(() => {});
    queue.run();
    const written = replaced.length;
    expect(disk.exists(marker)).toBe(false);
    expect(disk.exists('replication-offset-checkpoint')).toBe(true);
    open.note('highWatermark', 'orders-0', 6);
    clock.advance(60_000);
    queue.run();
    expect(replaced).toHaveLength(written);
  });
});

describe('the recovery points of new logs', () => {
  it('S14 are written at once; of many that come one after the other not for each, since each time all are written', () => {
    const { directory: open, disk, queue, clock, replaced } = directory();
    const written = (): number => replaced.filter((path) => path === recoveryPoints).length;
    const wait = (ms: number): void => {
      clock.advance(ms);
      queue.run();
    };
    open.note('recoveryPoint', 'orders-0', 1);
    wait(0);
    expect(written()).toBe(1);
    for (let partition = 1; partition <= 500; partition++) {
      open.note('recoveryPoint', `orders-${partition}`, 1);
      wait(1);
    }
    expect(written()).toBeLessThanOrEqual(7);
    wait(100);
    expect(decodeOffsets(disk.readFile(recoveryPoints) ?? new Uint8Array(0))?.size).toBe(501);
    wait(1000);
    const before = written();
    open.note('recoveryPoint', 'orders-501', 1);
    wait(0);
    expect(written()).toBe(before + 1);
  });
});

describe('what the checkpoints say of a log that was cut', () => {
  it('L8, D10: no high watermark of what was there before is left to the next process, which would believe it of other records', () => {
    const { directory: open, disk, queue } = directory();
    const onDisk = (): unknown[] => [
      ...(decodeOffsets(disk.readFile('replication-offset-checkpoint') ?? new Uint8Array(0)) ?? []),
    ];
    for (const log of ['t-0', 't-1']) open.note('highWatermark', log, 254);
    open.checkpoint();
    queue.run();
    open.lowerRecoveryPoint('t-0', 138);
    disk.crash();
    expect(onDisk()).toEqual([
      ['t-0', 138],
      ['t-1', 254],
    ]);
  });
});

describe('what the checkpoints say of logs that were deleted', () => {
  /** The high watermarks of two logs are on the disk. */
  function ofTwo() {
    const made = directory();
    for (const log of ['t-0', 't-1']) made.directory.note('highWatermark', log, 229);
    made.directory.checkpoint();
    made.queue.run();
    const onDisk = (): unknown[] => [
      ...(decodeOffsets(made.disk.readFile('replication-offset-checkpoint') ?? new Uint8Array(0)) ?? []),
    ];
    return { ...made, onDisk };
  }

  it('D10: deleted together, they leave nothing for logs of their names that are made after them', () => {
    const { directory: open, queue, onDisk } = ofTwo();
    expect(onDisk()).toHaveLength(2);
    open.forget('t-0');
    open.forget('t-1');
    queue.run();
    expect(onDisk()).toEqual([]);
  });

  it('D10: a log is not made while the files still speak of an earlier one of its name', () => {
    const { directory: open, queue, onDisk } = ofTwo();
    const found: unknown[] = [];
    open.whenForgotten('t-0', () => found.push(onDisk().length));
    open.forget('t-0');
    open.whenForgotten('t-0', () => found.push(onDisk().length));
    expect(found).toEqual([2]);
    queue.run();
    expect(found).toEqual([2, 1]);
  });
});
