// A socket as this protocol needs it: whole binary messages, in order. Node's `ws`, a browser's WebSocket and the
// simulator's pair of queues implement it.

/** The path of a node's HTTP address at which this protocol is spoken, and its WebSocket subprotocol. */
export const WIRE_PATH = '/wire';
export const WIRE_SUBPROTOCOL = 'odradek';

/** Where to dial. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How a socket ended. `refused`: the address itself refused the connection (failure by evidence). */
export interface SocketEnd {
  readonly refused: boolean;
  /** For a person: what happened. */
  readonly reason: string;
}

export interface Socket {
  /** Sends the pieces as one message, without copying them together. They must not change afterwards. After the end: ignored. */
  send(pieces: readonly Uint8Array[]): void;
  /** Says goodbye and closes; `closed` follows, at the latest after `destroy`. */
  close(reason: string): void;
  /** Drops the connection at once; `closed` follows. */
  destroy(): void;
  /** Bytes given to `send` that the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Bytes that came in, those of a message still incomplete too: a sign of life. */
  readonly receivedBytes: number;
  /** Stops reading, so that the sender is slowed down; where that is not possible, does nothing. */
  pause(): void;
  resume(): void;
}

/** What a socket tells its owner, never from within a call of the owner. `closed` comes once and last, also if it never opened. */
export interface SocketListener {
  opened(): void;
  /** One whole message. The receiver may keep the bytes. */
  message(bytes: Uint8Array): void;
  /** All that was buffered is on its way. */
  drained(): void;
  closed(end: SocketEnd): void;
}

/** Opens a socket to an address. */
export type Dial = (address: Address, listener: SocketListener) => Socket;
