// The console's files, as every broker serves them: the page at `/`, and beside it what it is made of. Nothing from elsewhere is ever
// loaded (the content security policy sees to it), so it works without any other network.

import { createHash } from 'node:crypto';
import { readFile as readLater } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** `node:fs/promises` loads a reader of lines and watchers of files with it: 3 ms of each broker's start. */
const readFile = promisify(readLater);

export interface SiteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

export interface SiteRequest {
  readonly path: string;
  /** As it was checked. */
  readonly host: string;
  readonly acceptsGzip: boolean;
  /** What the browser has. */
  readonly etag: string | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface SiteOptions {
  /** Where the built files may be; the first that has them is taken. */
  readonly directories: readonly string[];
  readonly nodeId: number;
  /** The brokers of the cluster, which the page may ask when this one has died. */
  readonly others: () => readonly Address[];
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Names with a hash of the content (`main-Bx3k9_aQ.js`) mean the same for ever. */
const hashed = /-[\w-]{8}\.\w+$/;
/** One folder, and nothing of it that begins with a dot. */
const name = /^(?:assets\/)?[\w-][\w.-]*$/;

const notBuilt = `<!doctype html><meta charset="utf-8"><title>Odradek</title>
<p>The console is not built. In the repository: <code>npm run build</code>, then load this page again.</p>
`;

export class Site {
  readonly #options: SiteOptions;
  readonly #zipped = new Map<string, Buffer>();

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  /** Undefined: there is no such file. */
  async answer(request: SiteRequest): Promise<SiteAnswer | undefined> {
    const file = request.path === '/' ? 'index.html' : request.path.slice(1);
    const type = types[extname(file)];
    if (type === undefined || !name.test(file)) return undefined;
    const content = await this.#read(file);
    if (file === 'index.html') return this.#page(request, content);
    return content === undefined ? undefined : this.#file(request, file, type, content);
  }

  #page({ host, etag: known }: SiteRequest, content: Buffer | undefined): SiteAnswer {
    const headers = { ...sameForAll, 'content-type': types['.html'] ?? '', 'cache-control': 'no-cache' };
    const policy = { 'content-security-policy': policyFor(host, this.#options.others()) };
    if (content === undefined) return { status: 503, headers: { ...headers, ...policy }, body: notBuilt };
    // The page learns that somebody is there to be asked.
    const body = content
      .toString('utf8')
      .replace('data-served-by="files"', `data-served-by="${this.#options.nodeId}"`);
    const etag = etagOf(body);
    if (etag === known) return { status: 304, headers: { ...headers, etag }, body: '' };
    return { status: 200, headers: { ...headers, ...policy, etag }, body };
  }

  async #file(
    { etag: known, acceptsGzip }: SiteRequest,
    file: string,
    type: string,
    content: Buffer,
  ): Promise<SiteAnswer> {
    const isForEver = hashed.test(file);
    const etag = etagOf(content);
    const headers = {
      ...sameForAll,
      'content-type': type,
      'cache-control': isForEver ? 'public, max-age=31536000, immutable' : 'no-cache',
      // A worker has a policy of its own.
      ...(extname(file) === '.js' ? { 'content-security-policy': workerPolicy } : {}),
      vary: 'accept-encoding',
      etag,
    };
    if (etag === known) return { status: 304, headers, body: '' };
    const zipped = acceptsGzip && isForEver ? await this.#zip(file, content) : undefined;
    if (zipped === undefined) return { status: 200, headers, body: content };
    return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: zipped };
  }

  async #read(file: string): Promise<Buffer | undefined> {
    for (const directory of this.#options.directories) {
      try {
        return await readFile(join(directory, file));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return undefined;
  }

  /** Compressed once, off the event loop. */
  async #zip(file: string, content: Buffer): Promise<Buffer | undefined> {
    if (content.length < 1024) return undefined;
    const known = this.#zipped.get(file);
    if (known !== undefined) return known;
    const made = await promisify(gzip)(content);
    if (this.#zipped.size > 100) this.#zipped.clear();
    this.#zipped.set(file, made);
    return made;
  }
}

const sameForAll = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** So many brokers are named: a header has its end. */
const mostNamed = 50;

/** `'self'` is not everywhere said to mean WebSockets too. */
function policyFor(host: string, others: readonly Address[]): string {
  const nodes = others.slice(0, mostNamed).flatMap(addressesOf);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", `ws://${host}`, ...nodes].join(' ')}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** What a broker registered may be anything, and must not become a word of the policy. */
function addressesOf({ host, port }: Address): string[] {
  if (!/^[\w.:-]+$/.test(host)) return [];
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [`http://${address}`, `ws://${address}`];
}

const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";

function etagOf(content: Buffer | string): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 20)}"`;
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR')
  );
}
