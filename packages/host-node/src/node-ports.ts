// All ports of one node, and its one port on the network: what a composition hands to `createNode`.

import { isIP } from 'node:net';
import type { Ports } from '@odradek/model';
import { createPeerNetwork, defaultLimits, type PeerNetwork, type WireLimits } from '@odradek/wire';
import { nodeClock } from './clock.ts';
import { nodeCompute } from './compute.ts';
import { createNodeDisk } from './disk.ts';
import { HostError } from './host-error.ts';
import { type IncomingLimits, incomingLimits } from './incoming-guard.ts';
import { Listener, type ListenerDoors } from './listener.ts';
import { nodeRandom } from './random.ts';
import { createDial } from './web-socket.ts';

export interface NodePortsOptions {
  readonly directory: string;
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: string;
  readonly incarnation: string;
  /** Of the cluster ({@link readSecretFile}); without it the node has no peers and listens on loopback only. */
  readonly secret: Uint8Array | undefined;
  /** Host and port to bind; port 0: the system chooses. Absent: loopback, a port of the system's choice. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** Names of `advertised.listeners`, which a Host header may have. */
  readonly advertisedNames?: readonly string[];
  /** `odradek.allowed.origins`. */
  readonly allowedOrigins?: readonly string[];
  /** Whether another node of the cluster has this address: pages that it has served may ask here too. */
  readonly isNodeOfCluster?: (host: string, port: number) => boolean;
  readonly doors?: ListenerDoors;
  /** Paths of the HTTP door at which something is changed, by POST. */
  readonly changingPaths?: readonly string[];
  readonly limits?: Partial<WireLimits>;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly incoming?: Partial<IncomingLimits>;
  /** What went wrong on a connection, for a log. */
  readonly onTrouble?: (connection: string, reason: string, from?: string) => void;
}

export interface NodePorts {
  readonly ports: Ports;
  /** The network port with its doors: `serveClients`, and the root of links and sessions to watch. */
  readonly network: PeerNetwork;
  /** How many connections are open, of all protocols. */
  connections(): number;
  /** How many connections are taken from now on; those that are open stay. */
  limitConnections(count: number): void;
  /** Begins to listen; answers with the address bound. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  close(): Promise<void>;
}

export function nodePorts(options: NodePortsOptions): NodePorts {
  const maxConnections = options.maxConnections ?? defaultLimits.maxClients;
  const limits = { ...defaultLimits, maxClients: maxConnections, ...options.limits };
  const { clusterId, nodeId: id, directoryId, incarnation, secret } = options;
  const onTrouble = options.onTrouble ?? (() => undefined);
  const network = createPeerNetwork({
    identity: { clusterId, id, directoryId, incarnation },
    secret,
    clock: nodeClock,
    random: nodeRandom,
    compute: nodeCompute,
    dial: createDial(limits.maxFrameBytes),
    limits,
    onTrouble,
  });
  const listener = new Listener({
    network,
    doors: options.doors ?? {},
    limits,
    maxConnections,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? maxConnections,
    incoming: { ...incomingLimits, ...options.incoming },
    advertisedNames: options.advertisedNames ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    changingPaths: options.changingPaths ?? [],
    ...(options.isNodeOfCluster === undefined ? {} : { isNodeOfCluster: options.isNodeOfCluster }),
    onTrouble,
  });
  const host = options.listen?.host ?? '127.0.0.1';
  return {
    ports: {
      clock: nodeClock,
      random: nodeRandom,
      compute: nodeCompute,
      disk: createNodeDisk(options.directory),
      network,
    },
    network,
    connections: () => listener.connections,
    limitConnections(count) {
      listener.limitConnections(count);
      network.limitClients(count);
    },
    async listen() {
      if (secret === undefined && !isLoopback(host))
        throw new HostError(
          'INVALID_CONFIG',
          `listening on ${host} needs odradek.cluster.secret.file; without a secret only loopback (127.0.0.1, ::1, localhost) is allowed`,
        );
      const port = options.listen?.port ?? 0;
      const bound = await listener.listen(host, port).catch((cause: unknown) => {
        throw new HostError('INVALID_CONFIG', `${host}:${port} cannot be listened on`, { cause });
      });
      return { host, port: bound };
    },
    async close() {
      network.close();
      await listener.close();
    },
  };
}

/** Whether an address is reached from this machine only. */
function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
