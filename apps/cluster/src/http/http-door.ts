// HTTP on the node's one port: the console, metrics, and whether it lives and serves. Host, Origin and method were checked before
// (`@odradek/host-node`).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BreakDoor, consoleHeader } from '../console/break-door.ts';
import type { Site, SiteRequest } from '../console/site.ts';
import { contentType } from '../metrics/exposition.ts';
import { type Condition, conditionsText, isReady } from './readiness.ts';

export interface HttpDoorOptions {
  /** Undefined while the node is being put together. */
  conditions(): readonly Condition[] | undefined;
  /** The text of all metrics, made a piece at a time. */
  metrics(): Promise<string>;
  /** The console's files. */
  readonly site: Site;
  readonly breaking: BreakDoor;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /** To be done once it has left. */
  readonly afterwards?: () => void;
}

const plain = 'text/plain; charset=utf-8';
/** Where something is changed, by POST. */
export const changingPaths: readonly string[] = ['/break'];
const paths = ['/metrics', '/livez', '/readyz', '/readyz?verbose'];

function text(status: number, type: string, body: string): Answer {
  return {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    body,
  };
}

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

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { url = '/', headers } = request;
    const [path = '/', query = ''] = url.split('?');
    if (changingPaths.includes(path)) return this.#broken(request);
    if (!paths.includes(path)) {
      const found = await this.#options.site.answer(siteRequest(path, headers));
      return found ?? text(404, plain, `There is nothing here. There is: /, ${paths.join(', ')}\n`);
    }
    if (path === '/metrics') return text(200, contentType, await this.#metrics());
    const isVerbose = new URLSearchParams(query).has('verbose');
    return path === '/livez' ? live(isVerbose) : ready(this.#options.conditions(), isVerbose);
  }

  /** A page that another node of the cluster has served may break things too: its own node may be what it has just killed. */
  async #broken(request: IncomingMessage): Promise<Answer> {
    const shared = sharedWith(request.headers.origin);
    if (request.method === 'OPTIONS') return { status: 204, headers: shared, body: '' };
    const { status, body, afterwards } = await this.#options.breaking.answer(request);
    const { headers, ...answer } = text(status, 'application/json', `${JSON.stringify(body)}\n`);
    return {
      ...answer,
      headers: { ...headers, ...shared },
      ...(afterwards === undefined ? {} : { afterwards }),
    };
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
  return text(200, plain, isVerbose ? conditionsText('livez', [lives]) : 'ok\n');
}

function ready(given: readonly Condition[] | undefined, isVerbose: boolean): Answer {
  const conditions = given ?? [
    { name: 'started', isMet: false, isNeeded: true, text: 'the node is being put together' },
  ];
  const areMet = isReady(conditions);
  // Who is not ready says why, asked or not.
  const words = areMet && !isVerbose ? 'ok\n' : conditionsText('readyz', conditions);
  return text(areMet ? 200 : 503, plain, words);
}

function failed(error: unknown): Answer {
  return text(500, plain, `this cannot be told: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** The origin was found to be allowed before. */
function sharedWith(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': `content-type, ${consoleHeader}`,
    vary: 'origin',
  };
}

function siteRequest(path: string, headers: IncomingMessage['headers']): SiteRequest {
  return {
    path,
    host: headers.host ?? '',
    acceptsGzip: /\bgzip\b/.test(String(headers['accept-encoding'] ?? '')),
    etag: headers['if-none-match'],
  };
}

function send({ method }: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body, afterwards } = answer;
  if (afterwards !== undefined) response.on('close', afterwards);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(method === 'HEAD' ? undefined : body);
}
