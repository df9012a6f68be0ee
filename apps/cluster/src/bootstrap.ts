// Which brokers a command speaks to when it begins.

import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type Endpoint, endpoints } from './arguments.ts';
import { connectFailure, usageFailure } from './failure.ts';
import type { Session } from './session.ts';
import { readClusterFile } from './up/cluster-file.ts';
import { isRunning, type KnownCluster, knownClusters } from './up/known-clusters.ts';

/** How a command names its cluster. */
export interface ClusterName {
  readonly bootstrap?: readonly Endpoint[];
  /** Where an `up` on this machine keeps its data. */
  readonly dataDir?: string;
}

/** `--bootstrap` or `--data-dir`, else `ODRADEK_BOOTSTRAP`, else the cluster that `up` started on this machine. */
export function bootstrapOf(name: ClusterName, session: Session): readonly Endpoint[] {
  checkName(name);
  const { bootstrap, dataDir } = name;
  const named = bootstrap ?? (dataDir === undefined ? namedBootstrap(session.environment) : undefined);
  if (named !== undefined) return named;
  const { dataDirectory, file } = clusterOfUp(session, dataDir);
  if (!isRunning(file))
    throw connectFailure(
      `the cluster in ${dataDirectory} is not running`,
      `Start it again with \`odradek up --data-dir ${dataDirectory}\`.`,
    );
  return file.nodes.filter((node) => node.roles.includes('broker')).map(({ host, port }) => ({ host, port }));
}

/** When nobody answers: what brings the brokers back, if they are those of an `up` that runs here and all are down. */
export function hintOfDead(
  { bootstrap, dataDir }: ClusterName,
  { environment }: Session,
): string | undefined {
  if (bootstrap !== undefined || (dataDir === undefined && namedBootstrap(environment) !== undefined))
    return undefined;
  const { file } = clustersOfUp(environment, dataDir).chosen ?? {};
  const brokers = file?.nodes.filter(({ roles }) => roles.includes('broker')) ?? [];
  if (file === undefined || !isRunning(file) || brokers.some(({ pid }) => pid !== null)) return undefined;
  const ids = brokers.map(({ id }) => id);
  return `All brokers that \`odradek up\` runs here are down: \`odradek chaos start ${ids.join(' ')}\` brings them back.`;
}

/** Refuses two names at once. */
function checkName({ bootstrap, dataDir }: ClusterName): void {
  if (bootstrap !== undefined && dataDir !== undefined)
    throw usageFailure('--bootstrap and --data-dir each name a cluster: give one of them');
}

/** The cluster of `up` in `dataDir`; else the one begun last of those that run, and if several do it is said which that is. */
export function clusterOfUp({ environment, terminal }: Session, dataDir?: string): KnownCluster {
  const { chosen, others } = clustersOfUp(environment, dataDir);
  if (chosen === undefined && dataDir !== undefined)
    throw connectFailure(
      `there is no cluster in ${resolve(dataDir)}`,
      'Clusters of `odradek up` have their data there: --data-dir names it in both commands.',
    );
  if (chosen === undefined)
    throw connectFailure(
      'no cluster is known on this machine',
      'Start one with `odradek up`, or name one with --bootstrap HOST:PORT or ODRADEK_BOOTSTRAP.',
    );
  if (others.length > 0)
    terminal.complain(
      `odradek: ${others.length + 1} clusters of \`up\` run here; this is the one begun last, in ${chosen.dataDirectory}. ` +
        `--data-dir names another: ${others.map(({ dataDirectory }) => dataDirectory).join(', ')}`,
    );
  return chosen;
}

/** `others`: those that run too, where nobody has said which is meant. */
function clustersOfUp(
  environment: NodeJS.ProcessEnv,
  dataDir: string | undefined,
): { readonly chosen: KnownCluster | undefined; readonly others: readonly KnownCluster[] } {
  if (dataDir !== undefined) {
    const dataDirectory = resolve(dataDir);
    const file = readClusterFile(dataDirectory);
    return { chosen: file && { dataDirectory, file }, others: [] };
  }
  const known = knownClusters(environment);
  const [last, ...others] = known.filter(({ file }) => isRunning(file));
  return { chosen: last ?? known[0], others };
}

/** The brokers that `ODRADEK_BOOTSTRAP` names; undefined when it names none. */
export function namedBootstrap({ ODRADEK_BOOTSTRAP }: NodeJS.ProcessEnv): readonly Endpoint[] | undefined {
  if (ODRADEK_BOOTSTRAP === undefined || ODRADEK_BOOTSTRAP === '') return undefined;
  try {
    return endpoints(ODRADEK_BOOTSTRAP);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw usageFailure(`ODRADEK_BOOTSTRAP: ${error.message}`);
    throw error;
  }
}

/** As a client takes it. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
