// How the raw path's processes are told what they are, and how they speak to each other.

import { WebSocket } from 'ws';

/** What a process is in one turn. */
export type RawRole = {
  /** Of its files, one for each partition. */
  readonly directory: string;
  readonly partitions: number;
  readonly flush: 'os' | 'commit';
} & (
  | { readonly role: 'leader'; readonly replicas: number }
  | { readonly role: 'follower'; readonly leaderPort: number }
);

/**
 * Words of one byte and up to two numbers. `read`: from a position of partition 0, so many bytes at most; answered by the bytes.
 * A message that begins with 0 is a batch: its base offset does.
 */
export const words = { acknowledged: 1, fetch: 2, answered: 3, flushed: 4, read: 5 } as const;

export function word(code: number, one = 0, other = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(17));
  view.setUint8(0, code);
  view.setFloat64(1, one);
  view.setFloat64(9, other);
  return new Uint8Array(view.buffer);
}

/** Without masks, as the cluster's own sockets. */
export function dialRaw(port: number): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}`, {
    perMessageDeflate: false,
    generateMask: (mask) => mask.fill(0),
  });
}
