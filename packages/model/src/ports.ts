// Everything a node asks of the world. A port takes an order at once and reports its completion by a callback, never
// before the order has returned (so a callback cannot re-enter its caller) and at most once.
// Hosts, the simulator and the browser implement these; nothing below a host knows another clock, file or socket.

import type { DirectoryId, NodeId } from './nouns.ts';
import type { PeerAnswer, PeerApi, PeerRequest, PeerResponse } from './peer-messages.ts';

/** The ports of one node. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly compute: Compute;
}

export type TimerHandle = number | object;

/** Time. Its two timer methods are also what xstate expects of a root actor's clock. */
export interface Clock {
  /** Milliseconds that never go back, from any origin: for every timeout and every age (E7). */
  nowMs(): number;
  /** Milliseconds since 1970; may jump. For record timestamps and retention only. */
  wallMs(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** Chance. Seeded in the simulator. */
export interface Random {
  /** An integer from 0 up to, not including, `bound`. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
}

/** Which of the two links of an ordered pair carries a request: a large fetch must never delay a heartbeat. */
export type Channel = 'control' | 'data';

/** How a request to a peer ended when no answer came. `refused`: its address refuses connections (failure by evidence). */
export type NetworkFailure = 'disconnected' | 'refused' | 'timed out' | 'unknown address' | 'closed';

export type NetworkReply<Api extends PeerApi> =
  | { readonly outcome: 'answered'; readonly response: PeerResponse<Api> }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure };

/** Who sent a request, as proved when its link was made (X8). */
export interface Peer {
  readonly id: NodeId;
  readonly directoryId: DirectoryId;
  readonly incarnation: string;
}

/** What the links show about a peer, by evidence rather than by timeout. */
export type PeerEvidence =
  /** A control link from this process of the peer is open here. */
  | { readonly type: 'linked'; readonly peer: Peer }
  /** Its last control link towards us has closed. */
  | { readonly type: 'unlinked'; readonly peer: Peer }
  /** Its address has just refused a connection of ours. */
  | { readonly type: 'refused'; readonly id: NodeId }
  /** A connection of ours to it has just been made, or it has just answered on one. */
  | { readonly type: 'reached'; readonly id: NodeId };

export interface PeerHandler {
  /** Handles one request; `answer` may be called at once or later, once. An unanswered one times out at the asker. */
  handle(peer: Peer, request: PeerRequest, answer: (response: PeerAnswer) => void): void;
  observe(evidence: PeerEvidence): void;
}

/** Messages between nodes. Requests flow from the dialler to the listener only. */
export interface Network {
  /** Asks a peer. Requests on one channel to one peer arrive in order, or, from the first failure on, not at all. */
  request<Api extends PeerApi>(
    to: NodeId,
    channel: Channel,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void;
  /** Says where a peer listens. Links are dialled on the first request, and kept. */
  address(id: NodeId, host: string, port: number): void;
  /** Dials the address now, even with nothing to ask: evidence is wanted (a silent peer: dead, or only slow?). */
  probe(id: NodeId): void;
  /** Hands in the node that answers. Until then peers are not answered. */
  serve(handler: PeerHandler): void;
}

/** Why the disk refused. `code` is the system's: ENOSPC, EIO, EMFILE, ENOENT … */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: string;
  readonly path: string;
  constructor(code: string, operation: string, path: string) {
    super(`${operation} of ${path} failed: ${code}`);
    this.code = code;
    this.path = path;
  }
}

/** Codes that pass when somebody makes room or closes files: nothing is lost, and asking again may succeed (D6, D11). */
const PASSING: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** Whether the disk only had no room, or the process too many open files. Of a sync that says nothing: its error is final (D3). */
export function isPassing({ code }: DiskError): boolean {
  return PASSING.has(code);
}

export type DiskDone = (error?: DiskError) => void;

export type DiskReadDone = (result: Uint8Array | DiskError) => void;

/**
 * Files below one directory; paths are relative to it, with `/`. What is synchronous reaches the page cache only; what must
 * survive power loss is asked with a `done` (law 2). Synchronous calls throw {@link DiskError}.
 */
export interface Disk {
  open(path: string, options: { readonly create: boolean }): DiskFile;
  exists(path: string): boolean;
  /** Of a file, without opening it; undefined when there is none. */
  sizeOf(path: string): number | undefined;
  /** The names in a directory, sorted; empty when it does not exist. */
  list(path: string): readonly string[];
  makeDirectory(path: string): void;
  /** The whole file, or undefined when it does not exist. */
  readFile(path: string): Uint8Array | undefined;
  /** Writes a whole small file, through a temporary name; not durable before the directory is synced. */
  writeFile(path: string, bytes: Uint8Array): void;
  /** Temporary file, fsync, rename, fsync of the directory (Q1, D5); `done` when all of it is durable. */
  replaceFile(path: string, bytes: Uint8Array, done: DiskDone): void;
  /** Makes names created, renamed or removed in a directory durable (D5). */
  syncDirectory(path: string, done: DiskDone): void;
  rename(from: string, to: string): void;
  /** Removes a file, or a directory with all in it. Does nothing when it does not exist. */
  remove(path: string): void;
  /**
   * Does so off the event loop, some of it after the rest: a system that still writes a file makes whoever removes it wait, for seconds.
   * Whoever orders it keeps others away from the path.
   */
  removeLater(path: string, done: DiskDone): void;
  /** How many bytes more the disk has room for; undefined where that cannot be known (D6). */
  freeBytes(): number | undefined;
  /** Identifies the host's uptime: another value after a reboot. `undefined` where that cannot be known. */
  readonly bootId: string | undefined;
}

export interface DiskFile {
  readonly path: string;
  readonly size: number;
  /** Appends to the page cache, all or (throwing) an unknown prefix: the caller cuts it off, or treats the file as failed (D3, D4). */
  append(chunks: readonly Uint8Array[]): void;
  /** Overwrites at a position within the file (indexes). */
  write(position: number, bytes: Uint8Array): void;
  /** Reads synchronously, for what is likely cached; returns how many bytes there were. */
  read(position: number, target: Uint8Array): number;
  /** Reads off the event loop. */
  readLater(position: number, length: number, done: DiskReadDone): void;
  truncate(size: number): void;
  /** fdatasync. After an error the file is dead: never ask again (D3). */
  sync(done: DiskDone): void;
  close(): void;
}

export type CompressionCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export type InflateDone = (
  result: Uint8Array | { readonly error: 'CORRUPT' | 'TOO_LARGE' | 'UNSUPPORTED' },
) => void;

/** Work that a platform does better than JavaScript. */
export interface Compute {
  crc32c(bytes: Uint8Array, start: number, end: number): number;
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** Inflates off the event loop; stops at `maxBytes` while streaming (X5). */
  inflate(codec: CompressionCodec, bytes: Uint8Array, maxBytes: number, done: InflateDone): void;
  deflate(codec: CompressionCodec, bytes: Uint8Array, done: (result: Uint8Array) => void): void;
}
