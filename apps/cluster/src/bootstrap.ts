// Which brokers a command speaks to when it begins.

import { InvalidArgumentError } from 'commander';
import { type Endpoint, endpoints } from './arguments.ts';
import { connectFailure, usageFailure } from './failure.ts';
import { rememberedCluster } from './up/cluster-file.ts';

/** `--bootstrap`, else `ODRADEK_BOOTSTRAP`, else the cluster that `up` started on this machine. */
export function bootstrapOf(
  given: readonly Endpoint[] | undefined,
  environment: NodeJS.ProcessEnv,
): readonly Endpoint[] {
  const named = given ?? namedBootstrap(environment);
  if (named !== undefined) return named;
  const cluster = rememberedCluster(environment);
  if (cluster === undefined)
    throw connectFailure(
      'no cluster is known on this machine',
      'Start one with `odradek up`, or name one with --bootstrap HOST:PORT or ODRADEK_BOOTSTRAP.',
    );
  if (cluster.file.pid === null)
    throw connectFailure(
      `the cluster in ${cluster.dataDirectory} is not running`,
      `Start it again with \`odradek up --data-dir ${cluster.dataDirectory}\`.`,
    );
  return cluster.file.nodes
    .filter((node) => node.roles.includes('broker'))
    .map(({ host, port }) => ({ host, port }));
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
