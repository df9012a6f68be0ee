import { type Client, createClient } from '@odradek/client';
import { createDial, nodeCompute } from '@odradek/host-node';
import { defaultLimits } from '@odradek/wire';
import type { Endpoint } from './arguments.ts';
import { endpointText } from './bootstrap.ts';

/** A client over the sockets and the checksums that are the fastest in Node. */
export function connect(bootstrap: readonly Endpoint[], requestTimeoutMs?: number): Client {
  return createClient({
    bootstrap: bootstrap.map(endpointText),
    socket: createDial(defaultLimits.maxFrameBytes),
    compute: nodeCompute,
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
}
