import { MemoryDisk } from '@odradek/storage';
import { describe, expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';
import { QuorumWatch } from '../src/quorum-watch.ts';
import { logOf } from './log-of.ts';

function cluster(): ClusterWorld {
  const world = new ClusterWorld({ seed: 1, controllers: 1 });
  world.startAll();
  world.play('run until all-running');
  return world;
}

describe('the quorum of whole nodes', () => {
  it('V21: a vote that is given twice is seen on the wire', () => {
    const world = cluster();
    const vote = { voterDirectoryId: 'd1', epoch: 77 };
    expect(world.oracle.voted({ ...vote, candidateDirectoryId: 'd2' })).toBeUndefined();
    expect(world.oracle.voted({ ...vote, candidateDirectoryId: 'd3' })).toMatch(/^V21/);
  });

  it('V24: a metadata log whose beginning no snapshot covers', () => {
    const disk = new MemoryDisk({ later: () => {} });
    disk.makeDirectory('__cluster_metadata-0');
    disk.writeFile('__cluster_metadata-0/00000000000000000002-0000000001.checkpoint', new Uint8Array(1));
    const log = logOf('a@1 b@1 c@1');
    const look = (watch: QuorumWatch): string | undefined => {
      const quorum = { isLeader: false, leaderId: undefined, epoch: 1, highWatermark: 0 };
      const node = { metadataQuorum: { quorum, log } };
      const living = { id: 1, life: 1, directoryId: 'd1', disk, node };
      return watch.look([{ id: 1, living }], [{ id: 1 }]);
    };
    const watch = new QuorumWatch();
    expect(look(watch)).toBeUndefined();
    log.advanceLogStart(2, 3);
    expect(look(watch)).toBeUndefined();
    log.advanceLogStart(3, 3);
    expect(look(watch)).toMatch(/^V24: the metadata log of 1 begins at 3, and its snapshots end at \[2\]/);
  });
});
