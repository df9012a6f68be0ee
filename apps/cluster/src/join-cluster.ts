// What a node must know of the cluster that it joins, asked of one of its nodes; and the secret by which the others take it for
// one of theirs (design: Identity). It observes the metadata and never votes.

import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { ClusterStatus } from '@odradek/client';
import { copySecretFile, readSecretFile } from '@odradek/host-node';
import type { Configuration, Voter } from '@odradek/model';
import { type Endpoint, endpoints } from './arguments.ts';
import { endpointText } from './bootstrap.ts';
import { withClient } from './cluster-client.ts';
import { localFailure, refusedFailure, usageFailure } from './failure.ts';
import type { Session } from './session.ts';

/** What `format --join` was told. */
export interface JoinOrder {
  readonly nodeId: number;
  /** Any node of the cluster that takes clients. */
  readonly at: readonly Endpoint[];
  /** If given, the cluster must be this one. */
  readonly clusterId: string | undefined;
}

export interface JoinedCluster {
  readonly clusterId: string;
  readonly voters: readonly Voter[];
}

const answerTimeoutMs = 10_000;
const connectTimeoutMs = 2000;

/** Asks the cluster who it is and who votes; refuses an id that somebody there has. */
export async function askCluster(session: Session, order: JoinOrder): Promise<JoinedCluster> {
  const { at, clusterId } = order;
  const where = at.map(endpointText).join(',');
  const status = await withClient(session, { bootstrap: at, timeout: answerTimeoutMs }, (client) =>
    client.admin().clusterStatus(),
  );
  if (clusterId !== undefined && status.clusterId !== clusterId)
    throw localFailure(
      'INCONSISTENT_CLUSTER_ID',
      `${where} is of cluster ${status.clusterId}, not of ${clusterId}`,
    );
  const voters = status.quorum.voters.map(({ id, directoryId, host, port }) => ({
    id,
    directoryId,
    host,
    port,
  }));
  if (voters.length === 0 || voters.some(({ host, port }) => host === '' || port === 0))
    throw refusedFailure('UNSUPPORTED_VERSION', `${where} does not tell where the voters are`);
  await refuseNamesakes(order, status, voters);
  return { clusterId: status.clusterId, voters };
}

/**
 * Refuses an id that somebody has who runs. One that was lost comes back under its number with another directory; if it voted, without
 * its vote: who forgot how it voted must not vote again (S69).
 */
async function refuseNamesakes(
  { nodeId }: JoinOrder,
  { brokers }: ClusterStatus,
  voters: readonly Voter[],
): Promise<void> {
  const voter = voters.find(({ id }) => id === nodeId);
  if (voter !== undefined && (await isListening(voter)))
    throw usageFailure(
      `node ${nodeId} votes in that cluster, and runs: its directory is made by --voters, not by --join`,
      'A new node needs a node.id of its own.',
    );
  const namesake = brokers.find(({ id, state }) => id === nodeId && state !== 'fenced');
  const [address] = namesake === undefined ? [] : endpoints(namesake.address);
  if (namesake !== undefined && address !== undefined && (await isListening(address)))
    throw usageFailure(
      `broker ${nodeId} runs in that cluster already, at ${namesake.address}`,
      'A new node needs a node.id of its own.',
    );
}

/** Evidence, sooner than any session ends: an address that takes connections is somebody's. */
function isListening({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: connectTimeoutMs });
    const end = (answer: boolean) => (): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** Puts the cluster's secret where the node will look for it. A new one would be of no use: the others would refuse it. */
export function takeSecret({ values }: Configuration, given: string | undefined): void {
  const own = values['odradek.cluster.secret.file'];
  if (own === '')
    throw usageFailure(
      'odradek.cluster.secret.file is not set: a node that joins others proves with their secret that it belongs to them',
      'Set it in the configuration to a path, and give a copy of another node’s file: --secret-file FILE.',
    );
  if (given !== undefined && !existsSync(given)) throw usageFailure(`there is no secret in ${given}`);
  if (!existsSync(own)) {
    if (given === undefined)
      throw usageFailure(
        `there is no secret in ${own}`,
        'Put a copy of another node’s file there, or name one with --secret-file FILE.',
      );
    copySecretFile(given, own);
  } else if (given !== undefined && !isSameSecret(given, own))
    throw usageFailure(`${own} has another secret than ${given}`, 'All nodes of a cluster have the same.');
}

function isSameSecret(one: string, other: string): boolean {
  return Buffer.from(readSecretFile(one)).equals(Buffer.from(readSecretFile(other)));
}
