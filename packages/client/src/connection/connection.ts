// A way to one broker. What is dialled, kept alive and proved below it is the wire's business.

import type { ClientApi, ClientRequest, ClientResponse, NetworkFailure } from '@odradek/model';
import type { Address } from '@odradek/wire';

/** How a request ended. `refused`: the broker would not even try it, by Kafka's error name. `detail` is for a person. */
export type Reply<Api extends ClientApi> =
  | { readonly outcome: 'answered'; readonly response: ClientResponse<Api> }
  | { readonly outcome: 'refused'; readonly error: string; readonly message: string }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure; readonly detail: string };

export interface Connection {
  /**
   * Asks; dials first if need be. Requests arrive in order or, from the first failure on, not at all. `done` is called later,
   * once, never before this call has returned.
   */
  request<Api extends ClientApi>(
    request: ClientRequest<Api>,
    timeoutMs: number,
    done: (reply: Reply<Api>) => void,
  ): void;
  /** Fails what is unanswered (`closed`). */
  close(): void;
}

export type Connect = (address: Address) => Connection;

/** Whether a failure proves that nothing was done: the broker was not even reached. */
export function wasNotSent(reason: NetworkFailure): boolean {
  return reason === 'refused' || reason === 'unknown address';
}
