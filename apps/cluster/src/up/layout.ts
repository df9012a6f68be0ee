// Which nodes a cluster of `up` has: ids, roles, ports and directories.

import { join } from 'node:path';
import type { Voter } from '@odradek/model';
import { usageFailure } from '../failure.ts';
import type { ClusterFile, ClusterNode, NodeRole } from './cluster-file.ts';

export interface ClusterShape {
  readonly brokers: number;
  /** Nodes that vote and hold no partitions; 0: the first brokers vote. */
  readonly controllers: number;
}

/** The first id of controllers that are nodes of their own. */
const firstControllerId = 101;

/** The voters of the quorum when brokers vote: three survive the loss of one, more would only make commits slower. */
const mostVotingBrokers = 3;

/** Ids and roles in the order of their ports: brokers first, controllers after them. */
export function rolesOf(
  shape: ClusterShape,
): readonly { readonly id: number; readonly roles: readonly NodeRole[] }[] {
  const voting = shape.controllers > 0 ? 0 : shape.brokers < mostVotingBrokers ? 1 : mostVotingBrokers;
  const brokers = idsFrom(1, shape.brokers).map((id) => ({
    id,
    roles: (id <= voting ? ['broker', 'controller'] : ['broker']) satisfies NodeRole[],
  }));
  const controllers = idsFrom(firstControllerId, shape.controllers).map((id) => ({
    id,
    roles: ['controller'] satisfies NodeRole[],
  }));
  return [...brokers, ...controllers];
}

function idsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

export interface NewClusterOptions extends ClusterShape {
  readonly dataDirectory: string;
  readonly clusterId: string;
  /** As many as there are nodes. */
  readonly ports: readonly number[];
  /** A new random UUID each time. */
  readonly newDirectoryId: () => string;
}

/** A cluster that has never run. */
export function newCluster(options: NewClusterOptions): ClusterFile {
  const nodes = rolesOf(options).map(({ id, roles }, index): ClusterNode => {
    const port = options.ports[index];
    if (port === undefined) throw new Error(`no port for node ${id}`);
    return newNode(options, id, roles, port);
  });
  return { version: 1, clusterId: options.clusterId, pid: null, control: null, nodes };
}

function newNode(
  { dataDirectory, newDirectoryId }: Pick<NewClusterOptions, 'dataDirectory' | 'newDirectoryId'>,
  id: number,
  roles: readonly NodeRole[],
  port: number,
): ClusterNode {
  const directory = join(dataDirectory, `node-${id}`);
  return { id, roles, host: '127.0.0.1', port, directory, directoryId: newDirectoryId(), pid: null };
}

/** Who votes, as every directory is told when it is formatted. */
export function votersOf({ nodes }: ClusterFile): readonly Voter[] {
  return nodes
    .filter((node) => node.roles.includes('controller'))
    .map(({ id, directoryId, host, port }) => ({ id, directoryId, host, port }));
}

/** What a second `up` on the same directory was asked for; undefined where nothing was said. */
export interface WantedShape {
  readonly brokers: number | undefined;
  readonly controllers: number | undefined;
  readonly port: number | undefined;
}

/** A cluster goes on as it was laid out: its voters are written into every directory. What differs is refused by name. */
export function checkSameShape(file: ClusterFile, wanted: WantedShape): void {
  const brokers = file.nodes.filter((node) => node.roles.includes('broker'));
  const controllers = file.nodes.length - brokers.length;
  const differing =
    difference('--brokers', wanted.brokers, brokers.length) ??
    difference('--controllers', wanted.controllers, controllers) ??
    (wanted.port === 0 ? undefined : difference('--port', wanted.port, brokers[0]?.port ?? 0));
  if (differing !== undefined)
    throw usageFailure(
      `this data directory holds a cluster with ${differing}`,
      'Leave the option out to go on with it, or begin another one with --data-dir.',
    );
}

function difference(name: string, wanted: number | undefined, is: number): string | undefined {
  return wanted === undefined || wanted === is ? undefined : `${name} ${is}, not ${wanted}`;
}
