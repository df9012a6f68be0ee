// No "unlimited" is left anywhere: every number that a peer could make grow has a cap here (E3, E4, X7, X11).

/** How large a frame may be and what may be in its envelope. */
export interface FrameLimits {
  /** Envelope and record bytes together. */
  readonly maxFrameBytes: number;
  /** What a listener takes: answers may be larger than any request. */
  readonly maxRequestBytes: number;
  /** Before the hello is done: nobody has said yet who speaks. */
  readonly maxGreetingBytes: number;
  readonly maxTextBytes: number;
  /** All values of an envelope together, so that a small frame cannot become a large heap. */
  readonly maxValues: number;
  readonly maxDepth: number;
}

/** Times and caps of links and sessions. */
export interface WireLimits extends FrameLimits {
  /** From the dial to an open socket: a peer may hang in SYN, DNS or the upgrade (E3). */
  readonly connectTimeoutMs: number;
  /** From an open socket to the end of the hello, on both sides (X7). */
  readonly helloTimeoutMs: number;
  /** How often a link says that it is alive, and expects the same. */
  readonly heartbeatMs: number;
  /** After so many heartbeats without a byte the other side is gone. Beats are counted, not time: a stalled process counts one (E6). */
  readonly missedHeartbeats: number;
  /** How often a listener looks whether a client is alive: longer, because a browser slows the timers of a hidden tab down. */
  readonly clientHeartbeatMs: number;
  readonly backOffMinMs: number;
  readonly backOffMaxMs: number;
  /** Requests of one link that wait or are unanswered; beyond it the link is given up, on both sides. */
  readonly maxRequests: number;
  /** Bytes of requests sent and not answered yet; further ones wait, and beyond it a client's socket is not read (E3, X7). */
  readonly maxUnansweredBytes: number;
  /** Bytes of requests that wait to be sent; beyond it the link is given up. */
  readonly maxWaitingBytes: number;
  /** Requests of one client that are being answered; beyond it the socket is not read (X7). */
  readonly maxServing: number;
  /** Bytes of requests of all clients that are being answered; who asks beyond it is not read (X1). */
  readonly maxServingBytes: number;
  /** Clients that are served at the same time; nodes are not counted (X7). */
  readonly maxClients: number;
  /** Answers not taken by the other side yet; beyond it the socket is not read. */
  readonly maxBufferedBytes: number;
  /** And beyond this it is closed (E4). */
  readonly maxBufferedBytesHard: number;
  /** From asking a socket to close to dropping it. */
  readonly closeTimeoutMs: number;
}

export const defaultLimits: WireLimits = {
  maxFrameBytes: 112 * 1024 * 1024,
  maxRequestBytes: 100 * 1024 * 1024,
  maxGreetingBytes: 4096,
  maxTextBytes: 64 * 1024,
  maxValues: 1_000_000,
  maxDepth: 16,
  connectTimeoutMs: 3000,
  helloTimeoutMs: 3000,
  heartbeatMs: 500,
  missedHeartbeats: 6,
  clientHeartbeatMs: 30_000,
  backOffMinMs: 30,
  backOffMaxMs: 1000,
  maxRequests: 10_000,
  maxUnansweredBytes: 64 * 1024 * 1024,
  maxWaitingBytes: 64 * 1024 * 1024,
  maxServing: 256,
  maxServingBytes: 256 * 1024 * 1024,
  maxClients: 10_000,
  maxBufferedBytes: 32 * 1024 * 1024,
  maxBufferedBytesHard: 256 * 1024 * 1024,
  closeTimeoutMs: 1000,
};

/**
 * How long to wait before the next dial: doubled with each failure in a row, up to the maximum, then anything between half of
 * it and all of it, so that many do not come at once (E5). `draw` is a chance from 0 to 1.
 */
export function backOffMs(failures: number, draw: number, limits: WireLimits): number {
  const doubled = limits.backOffMinMs * 2 ** Math.min(Math.max(failures - 1, 0), 20);
  const ceiling = Math.min(doubled, limits.backOffMaxMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * draw);
}
