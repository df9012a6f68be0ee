import type { DiskDone } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { decodeOffsets } from '../src/checkpoint-files.ts';
import { LogDirectory } from '../src/log-directory.ts';
import { DIRECTORY_ID } from './support/broker.ts';
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
  const made = new LogDirectory({ disk, clock, directoryId: DIRECTORY_ID, flushPolicy: 'commit' });
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
    open.closeCleanly(3, (error) => {
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
