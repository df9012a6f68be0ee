// The raw path: what any broker must do with a batch, and nothing else. Socket in, checksum, append, socket out; followers fetch.
// No topics, epochs, elections, recovery or limits: the baseline, not a design. Roles come from the parent process, one per turn.

import { closeSync, fdatasync, mkdirSync, openSync, read, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { nodeCompute } from '@odradek/host-node';
import { type WebSocket, WebSocketServer } from 'ws';
import { dialRaw, type RawRole, word, words } from './raw-socket.ts';

const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
/** Where a batch says its leader epoch, which the checksum does not cover: here the partition. */
const PARTITION_AT = 12;

/**
 * Files of batches, flushed by group commit: one flush of all that is dirty for all that came while another ran. Batches are numbered
 * over all partitions.
 */
class RawLog {
  endOffset = 0;
  flushedEndOffset = 0;
  readonly #role: RawRole;
  readonly #files: number[];
  readonly #flushed: () => void;
  #dirty = new Set<number>();
  #isFlushing = false;
  #isClosed = false;

  constructor(role: RawRole, flushed: () => void) {
    this.#role = role;
    mkdirSync(role.directory, { recursive: true });
    this.#files = Array.from({ length: role.partitions }, (_, index) =>
      openSync(join(role.directory, `${index}.log`), 'w+'),
    );
    this.#flushed = flushed;
  }

  append(batch: Buffer): void {
    const stated = batch.readUInt32BE(17);
    if (nodeCompute.crc32c(batch, 21, batch.length) !== stated) throw new Error('a batch is damaged');
    this.endOffset += 1;
    const file = this.#files[batch.readUInt32BE(PARTITION_AT)] ?? -1;
    writeSync(file, batch);
    if (this.#role.flush === 'os') this.flushedEndOffset = this.endOffset;
    else this.#dirtied(file);
  }

  read(position: number, maxBytes: number, done: (bytes: Uint8Array) => void): void {
    const target = new Uint8Array(maxBytes);
    read(this.#files[0] ?? -1, target, 0, maxBytes, position, (error, count) => {
      if (error !== null) throw error;
      done(target.subarray(0, count));
    });
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isFlushing) this.#closeFiles();
  }

  #closeFiles(): void {
    for (const file of this.#files) closeSync(file);
  }

  #dirtied(file: number): void {
    this.#dirty.add(file);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // Appends of one turn of the event loop share a flush.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const end = this.endOffset;
    const files = this.#dirty;
    this.#dirty = new Set();
    let open = files.size;
    for (const file of files)
      fdatasync(file, (error) => {
        if (error !== null) throw error;
        open -= 1;
        if (open === 0) this.#hasFlushed(end);
      });
  }

  #hasFlushed(end: number): void {
    this.flushedEndOffset = end;
    this.#isFlushing = this.#dirty.size > 0 && !this.#isClosed;
    if (this.#isClosed) {
      this.#closeFiles();
      return;
    }
    if (this.#isFlushing) this.#flush();
    this.#flushed();
  }
}

class Leader {
  readonly #log: RawLog;
  readonly #others: number;
  readonly #batches: { readonly bytes: Buffer; readonly endOffset: number }[] = [];
  readonly #waiting: { readonly socket: WebSocket; readonly endOffset: number }[] = [];
  readonly #followers = new Map<WebSocket, { fetchOffset: number; flushedEnd: number; isParked: boolean }>();

  constructor(role: RawRole & { role: 'leader' }) {
    this.#others = role.replicas - 1;
    this.#log = new RawLog(role, () => this.#acknowledge());
  }

  received(socket: WebSocket, message: Buffer): void {
    if (message[0] === 0) this.#produced(socket, message);
    else if (message[0] === words.read)
      this.#log.read(message.readDoubleBE(1), message.readDoubleBE(9), (bytes) => socket.send(bytes));
    else this.#told(socket, message);
  }

  close(): void {
    for (const socket of this.#followers.keys()) socket.terminate();
    this.#log.close();
  }

  #produced(socket: WebSocket, batch: Buffer): void {
    // As a broker does, which gives every batch its place.
    batch.writeBigInt64BE(BigInt(this.#log.endOffset), 0);
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
    while ((this.#batches[0]?.endOffset ?? Number.POSITIVE_INFINITY) <= committed) this.#batches.shift();
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
