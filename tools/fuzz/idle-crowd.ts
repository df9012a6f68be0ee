// Clients that say hello, are let in, and never say anything again.

import { randomBytes } from 'node:crypto';
import {
  type Address,
  type Dial,
  decodeFrame,
  defaultLimits,
  encodeFrame,
  helloBody,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  type Socket,
} from '@odradek/wire';

/** So many dial at the same time. */
const AT_ONCE = 100;

export class IdleCrowd {
  readonly #address: Address;
  readonly #dial: Dial;
  readonly #members = new Set<Socket>();
  /** What the last one was told when it was sent away. */
  farewell = '';

  constructor(address: Address, dial: Dial) {
    this.#address = address;
    this.#dial = dial;
  }

  /** How many are connected. */
  get size(): number {
    return this.#members.size;
  }

  /** Resolves once so many more are let in; rejects when one is not. */
  async gather(count: number): Promise<void> {
    let left = count;
    const one = async (): Promise<void> => {
      for (; left > 0; ) {
        left -= 1;
        await this.#enter();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  leave(): void {
    for (const member of this.#members) member.destroy();
  }

  #enter(): Promise<void> {
    return new Promise((letIn, refused) => {
      const socket = this.#dial(this.#address, {
        opened: () => socket.send(hello()),
        message: (bytes) => {
          if (decodeFrame(bytes, defaultLimits).kind !== 'welcome') return;
          this.#members.add(socket);
          letIn();
        },
        drained: () => undefined,
        closed: ({ reason }) => {
          if (this.#members.delete(socket)) this.farewell = reason;
          refused(new Error(`not let in: ${reason}`));
        },
      });
    });
  }
}

function hello(): readonly Uint8Array[] {
  const { pieces } = encodeFrame('hello', 0, 0, helloBody, {
    ...{ protocolVersion: PROTOCOL_VERSION, role: 'client', channel: 'data', clusterId: '' },
    ...{ nodeId: -1, directoryId: '', incarnation: '', nonce: new Uint8Array(randomBytes(NONCE_BYTES)) },
  });
  return pieces;
}
