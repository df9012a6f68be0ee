// The fake's brokers behind real sessions of the wire: sockets are pairs of queues on the virtual clock.

import type { ClientAnswer, ClientHandler, ClientRequest } from '@odradek/model';
import { createPeerNetwork, type Dial, type Socket, type SocketListener } from '@odradek/wire';
import { platformCompute } from '../../src/platform.ts';
import { seededRandom } from './client-on-fakes.ts';
import type { FakeCluster } from './fake-cluster.ts';
import type { VirtualClock } from './virtual-clock.ts';

class QueueSocket implements Socket {
  readonly #clock: VirtualClock;
  listener: SocketListener | undefined;
  other: QueueSocket | undefined;
  readonly bufferedBytes = 0;
  receivedBytes = 0;
  #isOver = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (this.#isOver) return;
    const bytes = new Uint8Array(Buffer.concat(pieces));
    this.#clock.setTimeout(() => this.other?.arrive(bytes), 1);
  }

  arrive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.receivedBytes += bytes.length;
    this.listener?.message(bytes);
  }

  close(reason: string): void {
    this.end(reason);
    this.other?.end(reason);
  }

  destroy(): void {
    this.close('destroyed');
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clock.setTimeout(() => this.listener?.closed({ refused: false, reason }), 1);
  }

  pause(): void {}

  resume(): void {}
}

export interface WiredBrokers {
  readonly dial: Dial;
  /** Closes every connection to a broker. */
  cut(broker: number): void;
  close(): void;
}

export function wiredBrokers(cluster: FakeCluster): WiredBrokers {
  const { clock } = cluster;
  const sockets: { readonly broker: number; readonly socket: QueueSocket }[] = [];
  const networks = new Map(
    cluster.brokers.map((id) => {
      const network = createPeerNetwork({
        identity: { clusterId: 'fake', id, directoryId: `d${id}`, incarnation: `i${id}` },
        secret: undefined,
        clock,
        random: seededRandom(id),
        compute: platformCompute,
        dial: () => new QueueSocket(clock),
      });
      network.serveClients(handlerOf(cluster, id));
      return [id, network];
    }),
  );
  return {
    dial(address, listener) {
      const broker = Number(/^broker-(\d+)$/.exec(address.host)?.[1] ?? -1);
      const network = networks.get(broker);
      const [near, far] = [new QueueSocket(clock), new QueueSocket(clock)];
      near.listener = listener;
      if (network === undefined || cluster.down.has(broker)) {
        clock.setTimeout(() => listener.closed({ refused: true, reason: 'nobody listens' }), 1);
        return near;
      }
      [near.other, far.other] = [far, near];
      sockets.push({ broker, socket: near });
      clock.setTimeout(() => {
        far.listener = network.accept(far, address);
        listener.opened();
      }, 1);
      return near;
    },
    cut(broker) {
      for (const one of sockets) if (one.broker === broker) one.socket.close('cut');
    },
    close() {
      for (const network of networks.values()) network.close();
    },
  };
}

function handlerOf(cluster: FakeCluster, broker: number): ClientHandler {
  const handle = (
    request: ClientRequest,
    answer: (response: ClientAnswer) => void,
    waitedMs: number,
  ): void => {
    const mayWait = request.api === 'fetch' && waitedMs < request.body.maxWaitMs;
    const body = cluster.handle(broker, request, mayWait);
    if (body === 'nothing yet') cluster.clock.setTimeout(() => handle(request, answer, waitedMs + 20), 20);
    // The fake answers each API with a body of that API.
    else answer({ api: request.api, body } as ClientAnswer);
  };
  return { handle: (_, request, answer) => handle(request, answer, 0) };
}
