// How the raw path's processes are told what they are, and how they speak to each other.

import { WebSocket } from 'ws';

/** What a process is in one turn. */
export type RawRole = { readonly path: string; readonly flush: 'os' | 'commit' } & (
  | { readonly role: 'leader'; readonly replicas: number }
  | { readonly role: 'follower'; readonly leaderPort: number }
);

/** Without masks, as the cluster's own sockets. */
export function dialRaw(port: number): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}`, {
    perMessageDeflate: false,
    generateMask: (mask) => mask.fill(0),
  });
}
