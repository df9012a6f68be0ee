// The network as one process has it: dials on the first request, keeps the connection, dials anew after a failure.

import type {
  Channel,
  Network,
  NetworkReply,
  NodeId,
  PeerApi,
  PeerHandler,
  PeerRequest,
} from '@odradek/model';
import type { Endpoint, NetworkConnection } from './network-connection.ts';
import { Question } from './network-question.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** What a port needs of the network it belongs to. */
export interface PortNetwork {
  readonly time: VirtualTime;
  connect(dialler: Endpoint, toId: NodeId, address: string, channel: Channel): NetworkConnection;
  /** The processes whose control connections to this one are open. */
  linkedTo(process: VirtualProcess): VirtualProcess[];
}

export class NetworkPort implements Network {
  readonly #network: PortNetwork;
  readonly #endpoint: Endpoint;
  readonly #addresses = new Map<NodeId, string>();
  readonly #connections = new Map<string, NetworkConnection>();

  constructor(network: PortNetwork, endpoint: Endpoint) {
    this.#network = network;
    this.#endpoint = endpoint;
  }

  request<Api extends PeerApi>(
    to: NodeId,
    channel: Channel,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    const { process } = this.#endpoint;
    if (process.hasEnded) return;
    const question = new Question(this.#network.time, process, request, timeoutMs, done);
    const connection = this.#connection(to, channel);
    if (connection === undefined) question.fail('unknown address');
    else connection.ask(question);
  }

  address(id: NodeId, host: string, port: number): void {
    this.#addresses.set(id, `${host}:${port}`);
  }

  probe(id: NodeId): void {
    if (!this.#endpoint.process.hasEnded) this.#connection(id, 'control')?.probe();
  }

  serve(handler: PeerHandler): void {
    const { process } = this.#endpoint;
    this.#endpoint.handler = handler;
    for (const peer of this.#network.linkedTo(process))
      this.#network.time.after(0, () =>
        process.run(() => handler.observe({ type: 'linked', peer: peer.identity })),
      );
  }

  #connection(to: NodeId, channel: Channel): NetworkConnection | undefined {
    const address = this.#addresses.get(to);
    if (address === undefined) return undefined;
    const key = `${to} ${channel}`;
    const open = this.#connections.get(key);
    if (open !== undefined && !open.isClosed && open.address === address) return open;
    const dialled = this.#network.connect(this.#endpoint, to, address, channel);
    this.#connections.set(key, dialled);
    return dialled;
  }
}
