// What must hold of a cluster once all faults are over (W2, W3).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, TopicDescription } from '@odradek/client';
import { createNodeDisk, nodeCompute } from '@odradek/host-node';
import { checkLog } from '@odradek/storage';
import type { Measurement } from '../measure.ts';
import type { ClusterFile } from '../up/cluster-file.ts';
import { later } from './later.ts';
import { soakTopic } from './load.ts';

type Described = TopicDescription['partitions'][number];

const lookAgainMs = 100;

/** Waits until something holds; false when it never did. Errors while looking count as: not yet. */
export async function within(limitMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  const endsAt = performance.now() + limitMs;
  while (performance.now() < endsAt) {
    try {
      if (await holds()) return true;
    } catch {
      // While a cluster changes, an answer may be that it is not known yet.
    }
    await later(lookAgainMs);
  }
  return false;
}

/** Every replica is in sync, and at its leader's end. */
export async function areLevel(client: Client): Promise<boolean> {
  const { partitions } = await client.admin().describeTopic(soakTopic);
  return partitions.every(isLevel);
}

function isLevel({ replicas, inSyncReplicas, replicaEnds, highWatermark, logEndOffset }: Described): boolean {
  return (
    inSyncReplicas.length === replicas.length &&
    replicaEnds.length === replicas.length &&
    highWatermark === logEndOffset &&
    replicaEnds.every((end) => end.flushedEndOffset === logEndOffset)
  );
}

/** Compares the segments of all replicas, byte for byte. Returns what differs. */
export function differences({ nodes }: ClusterFile, partitions: readonly Described[]): readonly string[] {
  return partitions.flatMap(({ partition, replicas }) => {
    const name = `${soakTopic}-${partition}`;
    const [first, ...others] = replicas.map((id) => {
      const directory = nodes.find((node) => node.id === id)?.directory ?? '';
      return { id, bytes: segmentsOf(join(directory, name)) };
    });
    if (first === undefined) return [`${name} has no replicas`];
    return others
      .filter(({ bytes }) => !bytes.equals(first.bytes))
      .map(({ id, bytes }) => {
        const at = bytes.findIndex((byte, index) => byte !== first.bytes[index]);
        return `${name}: brokers ${first.id} (${first.bytes.length} bytes) and ${id} (${bytes.length}) differ from byte ${at} on (V5)`;
      });
  });
}

function segmentsOf(directory: string): Buffer {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return Buffer.concat(names.sort().map((name) => readFileSync(join(directory, name))));
}

/** What `odradek log check` finds in a broker's directory. */
export async function unsound(directory: string): Promise<readonly string[]> {
  const disk = createNodeDisk(directory, { isReadOnly: true });
  const { problems } = await new Promise<{
    readonly problems: readonly { readonly file: string; readonly message: string }[];
  }>((resolve) => checkLog({ disk, path: '', compute: nodeCompute }, resolve));
  return problems.map(({ file, message }) => `${join(directory, file)}: ${message} (D8)`);
}

/** How much more a process may hold than before: caches that fill once, and what happens to be under way. */
const leeway = { heapBytes: 24 * 1024 * 1024, timers: 20, handles: 40 };

/** What a node holds that it did not hold before. */
export function leaks(id: number, before: Measurement, after: Measurement): readonly string[] {
  const kinds = ['heapBytes', 'timers', 'handles'] as const;
  return kinds
    .filter((kind) => after[kind] > before[kind] + leeway[kind])
    .map((kind) => `node ${id} had ${before[kind]} ${kind}, and has ${after[kind]} (W2)`);
}
