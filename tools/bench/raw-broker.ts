// The raw path: what any broker must do with a batch, and nothing else. Socket in, checksum, append, socket out; followers fetch.
// No topics, epochs, elections, recovery or limits: the baseline, not a design. Roles come from the parent process, one per turn.
//
// A message that begins with 0 is a batch (its base offset does); any other is a word and up to two numbers.

import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { nodeCompute } from '@odradek/host-node';
import { type WebSocket, WebSocketServer } from 'ws';
import { dialRaw, type RawRole } from './raw-socket.ts';

const words = { acknowledged: 1, fetch: 2, answered: 3, flushed: 4 } as const;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

function word(code: number, one = 0, other = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(17));
  view.setUint8(0, code);
  view.setFloat64(1, one);
  view.setFloat64(9, other);
  return new Uint8Array(view.buffer);
}

/** A file of batches, flushed by group commit: one flush for all that came while another ran. */
class RawLog {
  endOffset = 0;
  flushedEndOffset = 0;
  readonly #role: RawRole;
  readonly #file: number;
  readonly #flushed: () => void;
  #isFlushing = false;
  #isClosed = false;

  constructor(role: RawRole, flushed: () => void) {
    this.#role = role;
    this.#file = openSync(role.path, 'w');
    this.#flushed = flushed;
  }

  append(batch: Buffer): void {
    const stated = batch.readUInt32BE(17);
    if (nodeCompute.crc32c(batch, 21, batch.length) !== stated) throw new Error('a batch is damaged');
    if (this.#role.role === 'leader') batch.writeBigInt64BE(BigInt(this.endOffset), 0);
    this.endOffset += batch.readInt32BE(23) + 1;
    writeSync(this.#file, batch);
    if (this.#role.flush === 'os') this.flushedEndOffset = this.endOffset;
    else if (!this.#isFlushing) {
      this.#isFlushing = true;
      // Appends of one turn of the event loop share a flush.
      setImmediate(() => this.#flush());
    }
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isFlushing) closeSync(this.#file);
  }

  #flush(): void {
    const end = this.endOffset;
    fdatasync(this.#file, (error) => {
      if (error !== null) throw error;
      if (this.#isClosed) {
        closeSync(this.#file);
        return;
      }
      this.flushedEndOffset = end;
      this.#isFlushing = this.endOffset > end;
      if (this.#isFlushing) this.#flush();
      this.#flushed();
    });
  }
}

class Leader {
  readonly #log: RawLog;
  readonly #others: number;
  readonly #batches: { readonly bytes: Buffer; readonly endOffset: number }[] = [];
  readonly #waiting: { readonly socket: WebSocket; readonly endOffset: number }[] = [];
  readonly #followers = new Map<WebSocket, { fetchOffset: number; flushedEnd: number; isParked: boolean }>();

  constructor(role: RawRole & { role: 'leader' }) {
    this.#log = new RawLog(role, () => this.#acknowledge());
    this.#others = role.replicas - 1;
  }

  received(socket: WebSocket, message: Buffer): void {
    if (message[0] === 0) this.#produced(socket, message);
    else this.#told(socket, message);
  }

  close(): void {
    for (const socket of this.#followers.keys()) socket.terminate();
    this.#log.close();
  }

  #produced(socket: WebSocket, batch: Buffer): void {
    this.#log.append(batch);
    const { endOffset } = this.#log;
    if (this.#others > 0) this.#batches.push({ bytes: batch, endOffset });
    this.#waiting.push({ socket, endOffset });
    for (const [follower, progress] of this.#followers) if (progress.isParked) this.#answer(follower);
    this.#acknowledge();
  }

  #told(socket: WebSocket, message: Buffer): void {
    const progress = this.#followers.get(socket) ?? { fetchOffset: 0, flushedEnd: 0, isParked: false };
    this.#followers.set(socket, progress);
    progress.flushedEnd = message.readDoubleBE(1);
    if (message[0] === words.fetch) {
      progress.fetchOffset = message.readDoubleBE(9);
      this.#answer(socket);
    }
    this.#acknowledge();
  }

  #answer(socket: WebSocket): void {
    const progress = this.#followers.get(socket);
    if (progress === undefined) return;
    const from = this.#batches.findIndex(({ endOffset }) => endOffset > progress.fetchOffset);
    progress.isParked = from === -1;
    if (from === -1) return;
    let bytes = 0;
    for (const batch of this.#batches.slice(from)) {
      if (bytes > 0 && bytes + batch.bytes.length > MAX_ANSWER_BYTES) break;
      bytes += batch.bytes.length;
      socket.send(batch.bytes);
    }
    socket.send(word(words.answered));
  }

  #acknowledge(): void {
    if (this.#followers.size < this.#others) return;
    const followers = [...this.#followers.values()];
    const committed = Math.min(this.#log.flushedEndOffset, ...followers.map((one) => one.flushedEnd));
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.endOffset > committed) break;
      this.#waiting.shift();
      next.socket.send(word(words.acknowledged));
    }
    while ((this.#batches[0]?.endOffset ?? Infinity) <= committed) this.#batches.shift();
  }
}

class Follower {
  readonly #log: RawLog;
  readonly #socket: WebSocket;

  constructor(role: RawRole & { role: 'follower' }, following: () => void) {
    this.#log = new RawLog(role, () => this.#socket.send(word(words.flushed, this.#log.flushedEndOffset)));
    this.#socket = dialRaw(role.leaderPort);
    this.#socket.on('open', () => {
      this.#fetch();
      following();
    });
    this.#socket.on('message', (message: Buffer) => {
      if (message[0] === 0) this.#log.append(message);
      else this.#fetch();
    });
  }

  close(): void {
    this.#socket.terminate();
    this.#log.close();
  }

  #fetch(): void {
    this.#socket.send(word(words.fetch, this.#log.flushedEndOffset, this.#log.endOffset));
  }
}

let role: Leader | Follower | undefined;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) =>
  socket.on('message', (message: Buffer) => {
    if (role instanceof Leader) role.received(socket, message);
  }),
);
const ready = (): unknown => process.send?.((server.address() as AddressInfo).port);
server.on('listening', ready);
process.on('disconnect', () => process.exit());
process.on('message', (order: RawRole | 'end') => {
  role?.close();
  if (order === 'end') role = undefined;
  else role = order.role === 'leader' ? new Leader(order) : new Follower(order, ready);
  if (!(role instanceof Follower)) ready();
});
