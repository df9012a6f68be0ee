// HTTP on the node's one port: metrics, and whether it lives and serves. Host, Origin and method were checked before
// (`@odradek/host-node`).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentType } from '../metrics/exposition.ts';
import { type Condition, conditionsText, isReady } from './readiness.ts';

export interface HttpDoorOptions {
  /** Undefined while the node is being put together. */
  conditions(): readonly Condition[] | undefined;
  /** The text of all metrics, made a piece at a time. */
  metrics(): Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plain = 'text/plain; charset=utf-8';
const paths = ['/metrics', '/livez', '/readyz', '/readyz?verbose'];

export class HttpDoor {
  readonly #options: HttpDoorOptions;
  /** Who asks while an answer is being made gets the same one. */
  #making: Promise<string> | undefined;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request).then(
      (answer) => send(request, response, answer),
      // What cannot be told costs its asker an answer, and nobody else anything (X13).
      (error: unknown) => send(request, response, failed(error)),
    );
  }

  async #answer({ method, url = '/' }: IncomingMessage): Promise<Answer> {
    const [path = '/', query = ''] = url.split('?');
    if (!paths.includes(path))
      return { status: 404, type: plain, text: `There is nothing here. There is: ${paths.join(', ')}\n` };
    if (method !== 'GET' && method !== 'HEAD')
      return { status: 405, type: plain, text: `${path} is only looked at: GET, HEAD.\n` };
    if (path === '/metrics') return { status: 200, type: contentType, text: await this.#metrics() };
    const isVerbose = new URLSearchParams(query).has('verbose');
    return path === '/livez' ? live(isVerbose) : ready(this.#options.conditions(), isVerbose);
  }

  #metrics(): Promise<string> {
    this.#making ??= this.#options.metrics().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }
}

/** Who can answer lives. */
function live(isVerbose: boolean): Answer {
  const lives = { name: 'event-loop', isMet: true, isNeeded: true, text: 'it answers' };
  return { status: 200, type: plain, text: isVerbose ? conditionsText('livez', [lives]) : 'ok\n' };
}

function ready(given: readonly Condition[] | undefined, isVerbose: boolean): Answer {
  const conditions = given ?? [
    { name: 'started', isMet: false, isNeeded: true, text: 'the node is being put together' },
  ];
  const areMet = isReady(conditions);
  // Who is not ready says why, asked or not.
  const text = areMet && !isVerbose ? 'ok\n' : conditionsText('readyz', conditions);
  return { status: areMet ? 200 : 503, type: plain, text };
}

function failed(error: unknown): Answer {
  const text = `this cannot be told: ${error instanceof Error ? error.message : String(error)}\n`;
  return { status: 500, type: plain, text };
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(method === 'HEAD' ? undefined : text);
}
