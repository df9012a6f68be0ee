// Asking for a producer id (P1).

import { type Cluster, MOST_METADATA_WAIT_MS } from '../cluster/cluster.ts';
import type { Reply } from '../connection/connection.ts';
import { errorNamed, isRetriable, OdradekError } from '../errors.ts';

export interface ProducerId {
  readonly id: number;
  readonly epoch: number;
}

/** `isFinal`: asking again cannot help. */
export type ProducerIdAnswer = ProducerId | { readonly error: OdradekError; readonly isFinal: boolean };

/** Asks any broker, at every attempt another; not before it is known who is silent. */
export function askForProducerId(
  cluster: Cluster,
  attempt: number,
  done: (answer: ProducerIdAnswer) => void,
): void {
  cluster.whenKnown(MOST_METADATA_WAIT_MS, () => ask(cluster, attempt, done));
}

function ask(cluster: Cluster, attempt: number, done: (answer: ProducerIdAnswer) => void): void {
  const brokers = cluster.anyBroker();
  const address = brokers[(attempt - 1) % brokers.length];
  if (address === undefined) return;
  const request = { api: 'initProducerId', body: {} } as const;
  // An id that comes too late is one of many that are not used.
  const timeoutMs = Math.min(cluster.options.requestTimeoutMs, MOST_METADATA_WAIT_MS);
  cluster.askAt<'initProducerId'>(address, request, timeoutMs, (reply) => {
    const error = problemWith(reply);
    if (error === undefined && reply.outcome === 'answered')
      done({ id: reply.response.producerId, epoch: reply.response.producerEpoch });
    else if (error !== undefined) done({ error, isFinal: !isRetriable(error.code) });
  });
}

function problemWith(reply: Reply<'initProducerId'>): OdradekError | undefined {
  if (reply.outcome === 'failed') return new OdradekError('NETWORK_EXCEPTION', reply.detail);
  if (reply.outcome === 'refused') return errorNamed(reply.error, reply.message, 'a producer id');
  const { error, errorMessage } = reply.response;
  return error === 'NONE' ? undefined : errorNamed(error, errorMessage, 'a producer id');
}
