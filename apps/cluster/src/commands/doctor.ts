// Looks at this machine and says what would keep a node from working, before it does.

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lockDirectory, readMetaProperties, readSecretFile } from '@odradek/host-node';
import type { Configuration } from '@odradek/model';
import { type Endpoint, endpoints } from '../arguments.ts';
import { bootstrapOf, type ClusterName, clusterOfUp, namedBootstrap } from '../bootstrap.ts';
import { withClient } from '../cluster-client.ts';
import { askNode } from '../doctor/ask-node.ts';
import { clusterFindings } from '../doctor/cluster-findings.ts';
import { diskFindings, limitFindings } from '../doctor/disk-and-limits.ts';
import type { Finding } from '../doctor/finding.ts';
import { Failure } from '../failure.ts';
import { logDirectoryOf } from '../log-directory.ts';
import { type Outcome, table } from '../output.ts';
import type { Session } from '../session.ts';
import { defaultDataDirectory } from '../up/cluster-file.ts';
import { isRunning, knownClusters } from '../up/known-clusters.ts';
import { isFree } from '../up/ports.ts';
import { type ConfigurationOptions, readConfiguration } from './config.ts';

interface DoctorOptions extends ConfigurationOptions, ClusterName {
  readonly port: number;
}

/** `doctor` */
export async function doctor(session: Session, options: DoctorOptions): Promise<Outcome> {
  const findings = [nodeVersion(), ...(await lookedAt(session, options))];
  const wrong = findings.filter((finding) => !finding.ok);
  const rows = findings.map(({ check, ok, isNote, found }) => [
    ok ? (isNote === true ? 'note' : 'ok') : 'WRONG',
    check,
    found,
  ]);
  const text = table(session.terminal, ['', 'looked at', 'found'], rows);
  if (wrong.length > 0) {
    if (!session.terminal.isJson) session.terminal.print(text);
    const message = wrong.map(({ check, found }) => `${check}: ${found}`).join('; ');
    throw new Failure('INVALID_CONFIG', 1, message, undefined, { findings });
  }
  return { data: { findings }, text };
}

/** A node's own machine and configuration, a running cluster, or what `up` would need. */
async function lookedAt(session: Session, options: DoctorOptions): Promise<Finding[]> {
  const { config, dataDir } = options;
  const isNamed = options.bootstrap !== undefined || dataDir !== undefined;
  const isForCluster = isNamed || (config === undefined && namedBootstrap(session.environment) !== undefined);
  const bootstrap = isForCluster ? bootstrapOf(options, session) : undefined;
  const own = config === undefined ? [] : await forBroker(readConfiguration(session.environment, options));
  if (bootstrap !== undefined) return [...own, ...(await forCluster(session, bootstrap))];
  if (config !== undefined) return own;
  const running = runningNodes(session);
  const cluster = running.length === 0 ? [] : await forCluster(session, running);
  return [...(await forUp(session, options.port)), ...cluster];
}

/** The brokers that `up` runs on this machine. */
function runningNodes(session: Session): readonly Endpoint[] {
  if (!knownClusters(session.environment).some(({ file }) => isRunning(file))) return [];
  return clusterOfUp(session).file.nodes.filter(({ pid, roles }) => pid !== null && roles.includes('broker'));
}

/** Asks each broker at the address that clients are told. */
async function forCluster(session: Session, bootstrap: readonly Endpoint[]): Promise<readonly Finding[]> {
  const [reachedAt] = bootstrap;
  if (reachedAt === undefined) return [];
  return withClient(session, { bootstrap, timeout: 5000 }, async (client) => {
    const { clusterId, brokers } = await client.admin().clusterStatus();
    const asked = brokers.map(async ({ id, state, address }) => {
      const [endpoint] = endpoints(address);
      if (endpoint === undefined) throw new Error(`broker ${id} has no address`);
      return { id, state, address: endpoint, asked: await askNode(endpoint) };
    });
    return clusterFindings({ clusterId, reachedAt, brokers: await Promise.all(asked) });
  });
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return {
    check: 'Node',
    ok: major >= 24,
    found: `${process.versions.node}${major >= 24 ? '' : '; 24 or newer is needed'}`,
  };
}

/** What `odradek up` needs. */
async function forUp({ environment }: Session, first: number): Promise<Finding[]> {
  const running = knownClusters(environment).find(({ file }) => isRunning(file));
  const ports = [first, first + 1, first + 2];
  const free = await Promise.all(ports.map(isFree));
  const taken = ports.filter((_, index) => free[index] === false);
  const found =
    taken.length === 0
      ? `${ports.join(', ')} are free`
      : running === undefined
        ? `${taken.join(', ')} in use by another program; choose others with --port`
        : `${taken.join(', ')} in use; the cluster in ${running.dataDirectory} is running (pid ${running.file.pid})`;
  return [
    { check: 'ports', ok: taken.length === 0 || running !== undefined, found },
    writable('data directory', defaultDataDirectory(environment)),
  ];
}

/** What `odradek broker` needs. */
async function forBroker(configuration: Configuration): Promise<Finding[]> {
  const directory = logDirectoryOf(configuration);
  return [
    writable('log.dirs', directory),
    identity(directory, configuration.values['node.id']),
    ...(await startable(directory, configuration)),
    secret(configuration),
    ...advertised(configuration),
    ...machine(directory, configuration),
  ];
}

/** Whether it could be started here; while it runs, that it runs. */
async function startable(directory: string, configuration: Configuration): Promise<Finding[]> {
  const { values } = configuration;
  const [{ host, port } = { host: '', port: 9092 }] = values.listeners;
  const asked = await askNode({ host: host === '' ? '127.0.0.1' : host, port });
  if ('word' in asked && asked.word.node === values['node.id'])
    return [
      { check: 'lock and listeners', ok: true, found: `node ${asked.word.node} runs, at port ${port}` },
    ];
  return [await lock(directory), await listener(configuration)];
}

/** Measured where the directory is, or will be; a directory that cannot be written to has been told of. */
function machine(directory: string, configuration: Configuration): Finding[] {
  const nearest = nearestExisting(resolve(directory));
  if (!writable('', directory).ok) return [];
  const isDurable = configuration.values['odradek.flush.policy'] !== 'memory';
  return [...diskFindings(nearest, isDurable), ...limitFindings(directory, configuration)];
}

function writable(check: string, directory: string): Finding {
  const nearest = nearestExisting(resolve(directory));
  try {
    accessSync(nearest, constants.W_OK);
    const isThere = nearest === resolve(directory);
    return { check, ok: true, found: isThere ? directory : `${directory} will be made` };
  } catch {
    return { check, ok: false, found: `${nearest} cannot be written to by this user` };
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? path : nearestExisting(dirname(path));
}

function identity(directory: string, nodeId: number): Finding {
  const check = 'identity';
  const meta = existsSync(directory) ? readMetaProperties(directory) : undefined;
  if (meta === undefined)
    return {
      check,
      ok: false,
      found: `${directory} is not formatted: odradek format --config FILE --voters …`,
    };
  const found = `node ${meta.nodeId} of cluster ${meta.clusterId}`;
  // A directory that was exchanged with another node's: the node will not start on it.
  return meta.nodeId === nodeId
    ? { check, ok: true, found }
    : { check, ok: false, found: `${directory} is that of ${found}, and node.id is ${nodeId}` };
}

async function lock(directory: string): Promise<Finding> {
  if (!existsSync(directory)) return { check: 'lock', ok: true, found: 'the directory is not there yet' };
  try {
    (await lockDirectory(directory)).release();
    return { check: 'lock', ok: true, found: 'no other process uses the directory' };
  } catch (error) {
    return { check: 'lock', ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

function secret({ values }: Configuration): Finding {
  const path = values['odradek.cluster.secret.file'];
  if (path === '')
    return { check: 'secret', ok: true, found: 'none: this node has no peers and listens on loopback only' };
  try {
    readSecretFile(path);
    return { check: 'secret', ok: true, found: path };
  } catch (error) {
    return { check: 'secret', ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

async function listener({ values }: Configuration): Promise<Finding> {
  const { port = 9092 } = values.listeners[0] ?? {};
  const ok = await isFree(port);
  return { check: 'listeners', ok, found: `port ${port} is ${ok ? 'free' : 'in use by another program'}` };
}

/** Clients are told the advertised address: one that only this machine understands is of no use elsewhere. */
function advertised({ values }: Configuration): Finding[] {
  const [listens] = values.listeners;
  const [told = listens] = values['advertised.listeners'];
  if (told === undefined || listens === undefined) return [];
  const isOpen = listens.host === '' || listens.host === '0.0.0.0' || listens.host === '::';
  const check = 'advertised.listeners';
  if (isOpen && values['advertised.listeners'].length === 0)
    return [
      { check, ok: true, found: 'not set: clients go on with the address under which they found this node' },
    ];
  const isLocal = isLoopback(told);
  if (isOpen && isLocal)
    return [
      {
        check,
        ok: false,
        found: `${told.host} is told to clients, who then look for the node on their own machine`,
      },
    ];
  return [
    { check, ok: true, found: `${told.host}:${told.port}${isLocal ? ', for this machine alone' : ''}` },
  ];
}

function isLoopback({ host }: Endpoint): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
