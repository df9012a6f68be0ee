// Sockets between processes of one virtual time, for the real protocol: whole messages, in order, to a listener or to nobody.

import type { Address, Dial, Socket, SocketListener } from '@odradek/wire';
import type { VirtualTime } from '../virtual-clock.ts';
import type { VirtualProcess } from '../virtual-process.ts';

/** Takes a socket that was dialled. */
export type Accept = (socket: Socket) => SocketListener;

/** Where processes listen. */
export class MemoryNetwork {
  readonly #time: VirtualTime;
  readonly #sockets = new Map<VirtualProcess, Set<MemorySocket>>();
  readonly #doors = new Map<string, { readonly process: VirtualProcess; readonly accept: Accept }>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  listen({ host, port }: Address, process: VirtualProcess, accept: Accept): void {
    this.#doors.set(`${host}:${port}`, { process, accept });
  }

  /** A socket that ends with its process. */
  #socketOf(process: VirtualProcess): MemorySocket {
    const known = this.#sockets.get(process);
    const sockets = known ?? new Set<MemorySocket>();
    if (known === undefined) {
      this.#sockets.set(process, sockets);
      process.whenEnded(() => {
        for (const socket of sockets) socket.close('its process ended');
      });
    }
    const socket = new MemorySocket(this.#time, process, () => sockets.delete(socket));
    sockets.add(socket);
    return socket;
  }

  /** How a process dials. */
  dialFrom(process: VirtualProcess): Dial {
    return ({ host, port }, listener) => {
      const near = this.#socketOf(process);
      near.listener = listener;
      this.#time.after(0, () => {
        const door = this.#doors.get(`${host}:${port}`);
        if (door === undefined || door.process.hasEnded) {
          near.lost({ refused: true, reason: `${host}:${port} refuses` });
          return;
        }
        const far = this.#socketOf(door.process);
        near.other = far;
        far.other = near;
        far.listener = door.accept(far);
        process.run(() => listener.opened());
      });
      return near;
    };
  }
}

class MemorySocket implements Socket {
  listener: SocketListener | undefined;
  other: MemorySocket | undefined;
  receivedBytes = 0;
  readonly bufferedBytes = 0;
  readonly #time: VirtualTime;
  readonly #process: VirtualProcess;
  readonly #ended: () => void;
  #isOver = false;
  #isPaused = false;
  readonly #held: Uint8Array[] = [];

  constructor(time: VirtualTime, process: VirtualProcess, ended: () => void) {
    this.#time = time;
    this.#process = process;
    this.#ended = ended;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (this.#isOver) return;
    const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    const { other } = this;
    this.#time.after(0, () => other?.arrive(bytes));
  }

  close(reason: string): void {
    this.#end(reason);
  }

  destroy(): void {
    this.#end('dropped');
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const bytes of this.#held.splice(0)) this.arrive(bytes);
  }

  arrive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isPaused) this.#held.push(bytes);
    else {
      this.receivedBytes += bytes.length;
      this.#process.run(() => this.listener?.message(bytes));
    }
  }

  lost(end: Parameters<SocketListener['closed']>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended();
    this.#process.run(() => this.listener?.closed(end));
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    const { other } = this;
    const end = { refused: false, reason };
    this.#time.after(0, () => {
      this.lost(end);
      other?.lost(end);
    });
  }
}
