// A web server of the simplest kind: gives out the files of a folder, from a subfolder of its addresses, as any host of static pages would.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import type { Duplex } from 'node:stream';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** As strict as a broker's: nothing from elsewhere, no program but the page's own files. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export interface StaticServer {
  /** The address of the folder, with a slash at its end. */
  readonly address: string;
  close(): Promise<void>;
}

const prefix = '/some/where/';

/** What a broker does besides giving out files. */
export interface AsBroker {
  /** Its id, which it writes into the page. */
  readonly node: number;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export async function serveFolder(folder: string, broker?: AsBroker): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const inside = normalize(join(folder, pathname.slice(prefix.length) || 'index.html'));
    if (!pathname.startsWith(prefix) || !inside.startsWith(folder + sep)) {
      response.writeHead(404).end();
      return;
    }
    readFile(inside).then(
      (file) => {
        const content =
          broker === undefined
            ? file
            : file.toString('utf8').replace('data-served-by="files"', `data-served-by="${broker.node}"`);
        const type = types[extname(inside)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  if (broker !== undefined) server.on('upgrade', broker.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port.');
  return {
    address: `http://127.0.0.1:${bound.port}${prefix}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
