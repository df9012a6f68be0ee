// Where the page is, and what is beside it there.

/** A part of the browser's location. */
export interface Place {
  readonly href: string;
  readonly host: string;
}

/** The address of a WebSocket beside the page. */
export function addressBeside({ href }: Place, path: string): URL {
  const address = new URL(path, href.replace(/[?#].*$/, ''));
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address;
}
