// Gives a directory its identity: whose it is, which cluster's, and who votes there (design: Identity).

import { existsSync } from 'node:fs';
import { writeFirstSnapshot } from '@odradek/core';
import {
  createNodeDisk,
  createSecretFile,
  readMetaProperties,
  writeMetaProperties,
} from '@odradek/host-node';
import type { Voter } from '@odradek/model';
import { makeDataDirectory } from './data-directory.ts';
import { localFailure } from './failure.ts';

export interface DirectoryIdentity {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: string;
  /** The same list in every directory of the cluster. */
  readonly voters: readonly Voter[];
}

/** Formats a directory. The identity is written last: a directory that has one is whole. */
export async function formatDirectory(directory: string, identity: DirectoryIdentity): Promise<void> {
  makeDataDirectory(directory, 'log.dirs names another one.');
  const disk = createNodeDisk(directory);
  await new Promise<void>((resolve, reject) => {
    writeFirstSnapshot(disk, identity.voters, Date.now(), (error) =>
      error === undefined
        ? resolve()
        : reject(localFailure('KAFKA_STORAGE_ERROR', `${directory} cannot be formatted: ${error}`)),
    );
  });
  const { clusterId, nodeId, directoryId } = identity;
  await writeMetaProperties(directory, { clusterId, nodeId, directoryId });
}

/** Formats a directory unless it is this node's already; another's is refused. */
export async function formatIfNew(directory: string, identity: DirectoryIdentity): Promise<void> {
  const meta = existsSync(directory) ? readMetaProperties(directory) : undefined;
  if (meta === undefined) await formatDirectory(directory, identity);
  else if (meta.clusterId !== identity.clusterId || meta.nodeId !== identity.nodeId)
    throw localFailure(
      'INCONSISTENT_CLUSTER_ID',
      `${directory} belongs to node ${meta.nodeId} of cluster ${meta.clusterId}`,
      'Use another --data-dir, or remove this one if nothing in it is needed.',
    );
}

/** Makes the cluster's secret unless it is there. */
export function ensureSecret(path: string): void {
  if (!existsSync(path)) createSecretFile(path);
}
