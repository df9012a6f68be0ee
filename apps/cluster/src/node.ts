// The composition: the ports of Node, the storage on a disk, and the node's machines. Another world is another such file.

import { join } from 'node:path';
import { createNode, type OdradekNode, readVoters } from '@odradek/core';
import {
  type ListenerDoors,
  lockDirectory,
  META_NAME,
  type MetaProperties,
  type NodePorts,
  nodePorts,
  readMetaProperties,
  readSecretFile,
} from '@odradek/host-node';
import type { Configuration, Disk, Network, Ports, Voter } from '@odradek/model';
import { NewsTeller } from '@odradek/trace';
import { defaultLimits } from '@odradek/wire';
import type { GiveOrder } from './console/break-door.ts';
import { NodeConsole } from './console/node-console.ts';
import { deferred } from './deferred.ts';
import { localFailure } from './failure.ts';
import type { CurrentFaults } from './faults/faults.ts';
import { faultyDisk } from './faults/faulty-disk.ts';
import { faultyNetwork } from './faults/faulty-network.ts';
import { changingPaths, HttpDoor } from './http/http-door.ts';
import { conditionsOf } from './http/readiness.ts';
import type { NodeLog } from './log/node-log.ts';
import { logDirectoryOf } from './log-directory.ts';
import { metricsText } from './metrics/node-metrics.ts';
import { LoopDelay } from './metrics/process-families.ts';
import { newId } from './uuid.ts';
import { version } from './version.ts';

export interface NodeOptions {
  readonly log: NodeLog;
  /** Under `up`: what is wrong with its world. */
  readonly faults: CurrentFaults | undefined;
  /** Under `up`: how the console breaks things. */
  readonly giveOrder?: GiveOrder;
}

export interface RunningNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  /** The root of its actors, to be watched. */
  readonly root: OdradekNode['root'];
  /** Resolves once it serves. */
  readonly ready: Promise<void>;
  /** Whether partitions are placed here that it does not host yet. */
  isTakingPlaces(): boolean;
  /** Rejects when the node is broken and must end. */
  readonly failed: Promise<never>;
  /** Flushes, leaves the marker of a clean end, and gives the directory back. */
  stop(movesLeaderships: boolean): Promise<void>;
}

/** Starts the node that a configuration describes, in its own directory. One that cannot start leaves nothing behind. */
export async function startNode(configuration: Configuration, options: NodeOptions): Promise<RunningNode> {
  const directory = logDirectoryOf(configuration);
  const meta = identityOf(directory, configuration.values['node.id']);
  const lock = await lockDirectory(directory);
  const held: Held = [() => lock.release()];
  try {
    return await compose({ configuration, options, directory, meta }, held);
  } catch (error) {
    await giveBack(held);
    throw error;
  }
}

/** How to give back what a node has taken of the world, in the order in which it was taken. */
type Held = (() => unknown)[];

async function giveBack(held: Held): Promise<void> {
  for (let step = held.pop(); step !== undefined; step = held.pop()) await step();
}

interface Composing {
  readonly configuration: Configuration;
  readonly options: NodeOptions;
  readonly directory: string;
  readonly meta: MetaProperties;
}

async function compose(
  { configuration, options, directory, meta }: Composing,
  held: Held,
): Promise<RunningNode> {
  const incarnation = newId();
  const { clusterId } = meta;
  const { giveOrder } = options;
  const consoleOfNode = new NodeConsole({ configuration, clusterId, ...options, giveOrder });
  const loopDelay = new LoopDelay();
  held.push(() => loopDelay.close());
  const parts: Parts = { configuration, clusterId, loopDelay };
  const doors: ListenerDoors = {
    http: httpHandler(parts, consoleOfNode),
    upgrade: (request, socket, head) => consoleOfNode.upgrade(request, socket, head),
  };
  const host = hostPorts(configuration, directory, { ...meta, incarnation }, options, doors, consoleOfNode);
  parts.host = host;
  held.push(
    () => host.close(),
    () => consoleOfNode.close(),
  );
  const faulty = withFaults(host.ports, options.faults);
  const ports = { ...faulty, network: consoleOfNode.over(faulty.network) };
  const bound = await host.listen();
  const told = configuration.values['advertised.listeners'][0] ?? bound;
  const broken = deferred<never>();
  const news = new NewsTeller(options.log.news);
  const voters = votersOf(ports.disk, directory, meta);
  const node = createNode({
    identity: {
      ...meta,
      incarnation,
      host: told.host,
      port: told.port || bound.port,
      processId: process.pid,
    },
    voters,
    ports,
    configuration,
    // Closed with the ports, once the node has said what it had to say.
    doors: [{ open: (clients) => host.network.serveClients(clients), close: () => {} }],
    ...{ soon: setImmediate, next: process.nextTick },
    onBroken: (error) => broken.reject(error),
    say: options.log.say,
    machines: options.log.machines,
    replayed(before, after) {
      if (before.configs !== after.configs)
        host.limitConnections(node.configuration.values['max.connections']);
      news.replayed(node.isActiveController, before, after);
    },
  });
  parts.node = node;
  consoleOfNode.show(node, host.network.root);
  node.start();
  dial(ports.network, voters, meta.nodeId);
  const ready = untilServing(node).then(() => news.begin(node.isActiveController));
  return {
    id: meta.nodeId,
    ...bound,
    root: node.root,
    ready,
    isTakingPlaces: () => node.isTakingPlaces,
    failed: broken.promise,
    async stop(movesLeaderships) {
      await new Promise<void>((resolve) => node.stop({ movesLeaderships }, () => resolve()));
      await giveBack(held);
    },
  };
}

/** What a node asks first, it asks the voters: the way to them is made while it opens its logs, and not when the first question waits for it. */
function dial(network: Network, voters: readonly Voter[], self: number): void {
  for (const { id } of voters) if (id !== self) network.probe(id);
}

/** Refuses a directory that nobody has formatted, or that is another node's. */
function identityOf(directory: string, nodeId: number) {
  const meta = readMetaProperties(directory);
  if (meta === undefined)
    throw localFailure(
      'LOG_DIR_NOT_FOUND',
      `${directory} is not formatted`,
      // S69: a voter that lost its disk may have voted already; under its old directory id it would vote a second time.
      `In place of a lost directory, or for a node that joins: odradek format --config FILE --join HOST:PORT. For a new cluster: odradek format --config FILE --voters ${nodeId}@HOST:PORT:DIRECTORY_ID,…`,
    );
  if (meta.nodeId !== nodeId)
    throw localFailure(
      'INVALID_CONFIG',
      `${directory} is formatted for node ${meta.nodeId}, and node.id is ${nodeId}`,
    );
  return meta;
}

/** The voters that formatting wrote. Refuses a directory that could only wait for ever. */
function votersOf(disk: Disk, directory: string, meta: MetaProperties): readonly Voter[] {
  const voters = readVoters(disk) ?? [];
  const [only, ...more] = voters;
  if (only?.id === meta.nodeId && more.length === 0 && only.directoryId !== meta.directoryId)
    throw localFailure(
      'INVALID_CONFIG',
      `${join(directory, META_NAME)} says directory ${meta.directoryId}, and the only voter of this cluster is node ${only.id} with directory ${only.directoryId}: no quorum could form`,
      'The directory that votes has to be there, or the identity that it was formatted with.',
    );
  return voters;
}

/** What the HTTP door looks at; it is open before the node is there. */
interface Parts {
  readonly configuration: Configuration;
  readonly clusterId: string;
  readonly loopDelay: LoopDelay;
  node?: OdradekNode;
  host?: NodePorts;
}

function httpHandler(parts: Parts, { site, breaking }: NodeConsole): NonNullable<ListenerDoors['http']> {
  const isBroker = parts.configuration.values['process.roles'].includes('broker');
  const door = new HttpDoor({
    site,
    breaking,
    conditions: () => parts.node && conditionsOf(parts.node.measures(), isBroker),
    async metrics() {
      const { node, host } = parts;
      if (node === undefined || host === undefined) throw new Error('the node is being put together');
      const roots = [node.root, host.network.root];
      const connections = host.connections();
      return metricsText({
        ...parts,
        configuration: node.configuration,
        version,
        measures: node.measures(),
        roots,
        connections,
      });
    },
  });
  return (request, response) => door.handle(request, response);
}

function hostPorts(
  { values }: Configuration,
  directory: string,
  identity: { clusterId: string; nodeId: number; directoryId: string; incarnation: string },
  { log }: NodeOptions,
  doors: ListenerDoors,
  consoleOfNode: NodeConsole,
): NodePorts {
  const secretFile = values['odradek.cluster.secret.file'];
  const [listens] = values.listeners;
  return nodePorts({
    ...identity,
    directory,
    secret: secretFile === '' ? undefined : readSecretFile(secretFile),
    ...(listens === undefined
      ? {}
      : { listen: { host: listens.host === '' ? '::' : listens.host, port: listens.port } }),
    advertisedNames: values['advertised.listeners'].map((listener) => listener.host),
    allowedOrigins: values['odradek.allowed.origins'],
    maxConnections: values['max.connections'],
    maxConnectionsPerAddress: values['max.connections.per.ip'],
    limits: {
      maxRequestBytes: values['socket.request.max.bytes'],
      maxServingBytes: values['queued.max.request.bytes'],
      clientHeartbeatMs: clientHeartbeatMs(values['connections.max.idle.ms']),
    },
    changingPaths,
    isNodeOfCluster: (name, port) => consoleOfNode.isNode(name, port),
    doors,
    // That a peer cannot be dialled is told by what the controller makes of it.
    onTrouble(connection, reason, from) {
      if (!connection.startsWith('link')) log.trouble(connection, reason, from);
    },
  });
}

/** A connection is closed after so many looks at it in a row without a byte. */
function clientHeartbeatMs(idleMs: number): number {
  return Math.max(1, Math.min(defaultLimits.clientHeartbeatMs, idleMs / defaultLimits.missedHeartbeats));
}

function withFaults(ports: Ports, faults: CurrentFaults | undefined): Ports {
  if (faults === undefined) return ports;
  return {
    ...ports,
    network: faultyNetwork(ports.network, ports.clock, faults),
    disk: faultyDisk(ports.disk, ports.clock, faults),
  };
}

/** A node serves once its broker's machine is running. */
function untilServing(node: OdradekNode): Promise<void> {
  return new Promise((resolve) => {
    const broker = node.root.getSnapshot().children.get('broker');
    const look = (): void => {
      if (node.state !== 'running') return;
      subscription?.unsubscribe();
      resolve();
    };
    const subscription = broker?.subscribe(look);
    look();
  });
}
