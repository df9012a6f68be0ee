// Real nodes on loopback ports given by the system.

import type { ClientHandler, PeerEvidence, PeerHandler, PeerRequest } from '@odradek/model';
import type { WireLimits } from '@odradek/wire';
import { onTestFinished } from 'vitest';
import { type NodePorts, type NodePortsOptions, nodePorts } from '../src/node-ports.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export const secret = new TextEncoder().encode('a secret that is long enough for a test');

export interface RealNode extends NodePorts {
  readonly port: number;
  readonly evidence: PeerEvidence[];
  readonly troubles: string[];
}

/** A node that listens, and is closed after the test. */
export async function realNode(
  id: number,
  options: Partial<NodePortsOptions> & {
    handle?: PeerHandler['handle'];
    clients?: ClientHandler['handle'];
    limits?: Partial<WireLimits>;
  } = {},
): Promise<RealNode> {
  const troubles: string[] = [];
  const evidence: PeerEvidence[] = [];
  const node = nodePorts({
    directory: temporaryDirectory(),
    clusterId: 'c',
    nodeId: id,
    directoryId: `d${id}`,
    incarnation: `i${id}`,
    secret,
    onTrouble: (connection, reason) => troubles.push(`${connection}: ${reason}`),
    ...options,
  });
  const answerNothing: PeerHandler['handle'] = () => undefined;
  node.network.serve({
    handle: options.handle ?? answerNothing,
    observe: (seen) => evidence.push(seen),
  });
  if (options.clients !== undefined) node.network.serveClients({ handle: options.clients });
  const { port } = await node.listen();
  onTestFinished(() => node.close());
  return { ...node, port, evidence, troubles };
}

/** Asks a peer, as a promise. */
export function ask(from: NodePorts, to: number, channel: 'control' | 'data', request: PeerRequest) {
  return new Promise<unknown>((resolve) => {
    from.network.request(to, channel, request, 20_000, resolve);
  });
}

/** Waits until something holds, asking again at each turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
