import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { struct } from '@odradek/model';
import { encodeFrame, helloBody, PROTOCOL_VERSION, WIRE_PATH } from '@odradek/wire';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { realNode, until } from './two-nodes.ts';

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  /** Of a refusal of the method. */
  readonly allow?: string;
}

function ask(port: number, method: string, headers: Record<string, string>, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      const { allow } = response.headers;
      response.on('end', () =>
        resolve({ status: response.statusCode, text, ...(allow === undefined ? {} : { allow }) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** What comes back when these bytes are sent. */
async function converse(port: number, ...sent: readonly (string | Uint8Array)[]): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  for (const bytes of sent) {
    socket.write(bytes);
    await new Promise(setImmediate);
  }
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const hello = (port: number) =>
  realNode(1, {
    listen: { port },
    advertisedNames: ['broker.example'],
    allowedOrigins: ['https://console.example'],
    changingPaths: ['/change'],
    doors: {
      http: (_, response) => {
        response.end('hello');
      },
    },
  });

describe('one port: HTTP', () => {
  it('is served by the handler that the composition gave', async () => {
    const { port } = await hello(0);
    expect(await ask(port, 'GET', {})).toEqual({ status: 200, text: 'hello' });
  });

  it('X10: Host must be an address, localhost or an advertised name', async () => {
    const { port } = await hello(0);
    for (const host of [`127.0.0.1:${port}`, '[::1]:9092', 'LOCALHOST:1', 'broker.example'])
      expect(await ask(port, 'GET', { host })).toMatchObject({ status: 200 });
    expect(await ask(port, 'GET', { host: 'rebound.example:9092' })).toEqual({
      status: 403,
      text: 'Host "rebound.example:9092" is not allowed. Allowed: an IP address, localhost, broker.example. Other names go into advertised.listeners.\n',
    });
  });

  it('X10: Origin must be absent, ours or allowed', async () => {
    const { port } = await hello(0);
    const host = `127.0.0.1:${port}`;
    for (const origin of [`http://${host}`, 'https://console.example'])
      expect(await ask(port, 'GET', { host, origin })).toMatchObject({ status: 200 });
    expect(await ask(port, 'GET', { host, origin: 'http://evil.example' })).toEqual({
      status: 403,
      text: `Origin "http://evil.example" is not allowed. Allowed: http://${host}, https://console.example. Others go into odradek.allowed.origins.\n`,
    });
    expect(await ask(port, 'GET', { host, origin: 'null' })).toMatchObject({ status: 403 });
  });

  it('what changes state is a POST of JSON', async () => {
    const { port } = await hello(0);
    const change = (method: string, headers: Record<string, string>): Promise<Answer> =>
      ask(port, method, headers, '/change?now');
    for (const method of ['DELETE', 'GET', 'OPTIONS'])
      expect(await change(method, {})).toMatchObject({ status: 405, allow: 'POST, OPTIONS' });
    expect(await change('POST', {})).toMatchObject({ status: 415 });
    expect(await change('POST', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    for (const type of ['application/json', 'application/json; charset=utf-8'])
      expect(await change('POST', { 'content-type': type })).toMatchObject({ status: 200 });
    const origin = 'https://console.example';
    expect(await change('OPTIONS', { origin })).toMatchObject({ status: 200 });
  });

  it('what is only looked at says so, whatever is sent there', async () => {
    const { port } = await hello(0);
    for (const headers of [{}, { 'content-type': 'application/json' }])
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
        expect(await ask(port, method, headers, '/livez?verbose')).toEqual({
          status: 405,
          allow: 'GET, HEAD',
          text: `Method "${method}" is not allowed at "/livez". Allowed: GET, HEAD.\n`,
        });
    expect(await ask(port, 'HEAD', {}, '/livez')).toMatchObject({ status: 200 });
  });

  it('nothing is served where there is no handler', async () => {
    const { port } = await realNode(1);
    expect(await ask(port, 'GET', {})).toMatchObject({ status: 404 });
  });

  it('a request that comes byte by byte is one too', async () => {
    const { port } = await hello(0);
    const text = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    expect((await converse(port, ...text)).toString()).toContain('hello');
  });
});

describe('one port: WebSocket', () => {
  async function opened(port: number, path: string, headers: Record<string, string>): Promise<string> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    return await new Promise((resolve) => {
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.on('error', (error) => resolve(error.message));
    });
  }

  it('X10: is refused to pages of other sites and under other names', async () => {
    const { port } = await realNode(1);
    expect(await opened(port, WIRE_PATH, {})).toBe('open');
    expect(await opened(port, WIRE_PATH, { origin: 'http://evil.example' })).toContain('403');
    expect(await opened(port, WIRE_PATH, { host: 'rebound.example' })).toContain('403');
    expect(await opened(port, '/other', {})).toContain('404');
  });

  it('goes to the composition on other paths', async () => {
    const paths: string[] = [];
    const node = await realNode(1, {
      doors: {
        upgrade(request, socket, head) {
          paths.push(request.url ?? '');
          if (request.url !== '/live?x=1') return false;
          new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, () => {});
          return true;
        },
      },
    });
    expect(await opened(node.port, '/live?x=1', {})).toBe('open');
    expect(await opened(node.port, '/dead', {})).toContain('404');
    expect(await opened(node.port, '/live?x=1', { origin: 'http://evil.example' })).toContain('403');
    expect(paths).toEqual(['/live?x=1', '/dead']);
  });

  it('X13: a stranger that speaks no wire costs its own connection', async () => {
    const node = await realNode(1);
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}${WIRE_PATH}`);
    await once(socket, 'open');
    socket.send(Buffer.from('no envelope'));
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1000, 'an envelope must be an array']);
    const texting = new WebSocket(`ws://127.0.0.1:${node.port}${WIRE_PATH}`);
    await once(texting, 'open');
    texting.send('text');
    expect((await once(texting, 'close'))[0]).toBe(1003);
    expect(node.evidence).toEqual([]);
  });
});

describe('X7, X12: before the hello', () => {
  it('headers that never end cost their connection at the deadline', async () => {
    const node = await realNode(1, { limits: { helloTimeoutMs: 50 } });
    const answer = await converse(node.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX: ');
    expect(answer.toString()).toBe('');
  });

  it('a stranger cannot have a large message gathered', async () => {
    const node = await realNode(1);
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}${WIRE_PATH}`);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.send(new Uint8Array(8 * 1024 * 1024));
    expect((await once(socket, 'close'))[0]).toBe(1006);
  });
});

describe('X10: on a WebSocket that was opened', () => {
  /** A client's session that is served, and the socket below it. */
  async function served(options: Parameters<typeof realNode>[1] = {}) {
    const node = await realNode(1, { clients: () => undefined, ...options });
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}${WIRE_PATH}`);
    socket.on('error', () => undefined);
    const upgraded = new Promise<Socket>((resolve) =>
      socket.once('upgrade', ({ socket: tcp }) => resolve(tcp)),
    );
    await once(socket, 'open');
    const hello = {
      ...({ protocolVersion: PROTOCOL_VERSION, role: 'client', channel: 'data', clusterId: '' } as const),
      ...{ nodeId: -1, directoryId: '', incarnation: '', nonce: new Uint8Array(16) },
    };
    socket.send(Buffer.concat(encodeFrame('hello', 0, 0, helloBody, hello).pieces));
    await once(socket, 'message');
    return { node, socket, tcp: await upgraded };
  }

  const closed = async (socket: WebSocket): Promise<number> => {
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };

  it('pings without end cost their connection, also when nobody reads the answers', async () => {
    const { node, socket, tcp } = await served({ incoming: { maxPings: 50 } });
    tcp.pause();
    for (let i = 0; i < 60; i++) socket.ping(Buffer.alloc(125));
    await until(() => node.troubles.length > 0 || node.network.root.getSnapshot().children.size === 0);
    tcp.resume();
    expect(await closed(socket)).toBe(1006);
  });

  it('a few pings are answered', async () => {
    const { socket } = await served();
    socket.ping(Buffer.from('are you there'));
    const [said] = (await once(socket, 'pong')) as [Buffer];
    expect(String(said)).toBe('are you there');
  });

  it('X7: a message that comes byte by byte costs its connection, a whole one in time does not', async () => {
    const { socket, tcp } = await served({ incoming: { slowMessageMs: 20, minBytesPerSecond: 1_000_000 } });
    const ended = closed(socket);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    // A binary message of 200 bytes, with a mask of zeros, of which a byte comes now and then.
    tcp.write(Uint8Array.of(0x82, 0xfe, 0, 200, 0, 0, 0, 0));
    await until(() => {
      if (!isOver) tcp.write(Uint8Array.of(0xc0));
      return isOver;
    });
    expect(await ended).toBe(1006);
  });

  it('a message in too many pieces costs its connection', async () => {
    const { socket } = await served();
    const ended = closed(socket);
    for (let i = 0; i < 2000; i++) socket.send('x', { fin: false });
    expect(await ended).toBeGreaterThan(1000);
  });

  it.each([
    ['a frame without a mask', Uint8Array.of(0x82, 1, 0)],
    ['reserved bits', Uint8Array.of(0xf2, 0x81, 0, 0, 0, 0, 0)],
    ['an unknown opcode', Uint8Array.of(0x83, 0x80, 0, 0, 0, 0)],
    ['a control frame in pieces', Uint8Array.of(0x09, 0x80, 0, 0, 0, 0)],
    ['a ping of more than 125 bytes', Uint8Array.of(0x89, 0xfe, 0, 200, 0, 0, 0, 0)],
    ['a length of 2^63 - 1', Uint8Array.of(0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)],
    ['a length above the limit', Uint8Array.of(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['a close with a code that there is not', Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 0, 1)],
  ])('%s costs its connection', async (_, bytes) => {
    const { node, socket, tcp } = await served();
    const ended = closed(socket);
    tcp.write(bytes);
    await ended;
    expect(await ask(node.port, 'GET', {})).toMatchObject({ status: 404 });
  });

  it('what comes after our goodbye is not heard', async () => {
    let asked = 0;
    const { socket } = await served({ clients: () => asked++ });
    const ended = closed(socket);
    socket.send('text');
    for (let i = 0; i < 5; i++)
      socket.send(Buffer.concat(encodeFrame('request', 64, i, struct({}), {}).pieces));
    await ended;
    expect(asked).toBe(0);
  });
});

describe('X7: how many connections', () => {
  it('from one address no more than the cap, and again when one is gone', async () => {
    const node = await realNode(1, { maxConnectionsPerAddress: 2 });
    const [one, other] = [connect(node.port, '127.0.0.1'), connect(node.port, '127.0.0.1')];
    await Promise.all([once(one, 'connect'), once(other, 'connect')]);
    expect(await converse(node.port)).toHaveLength(0);
    expect(node.troubles[0]).toContain('2 connections from its address are open');
    one.destroy();
    await until(() => true);
    let answer = await ask(node.port, 'GET', {}).catch(() => undefined);
    while (answer === undefined) answer = await ask(node.port, 'GET', {}).catch(() => undefined);
    expect(answer).toMatchObject({ status: 404 });
    other.destroy();
  });

  it('a thousand that say nothing cost no more than their deadline', async () => {
    const node = await realNode(1, { limits: { helloTimeoutMs: 200 } });
    const silent = Array.from({ length: 1000 }, () => connect(node.port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => undefined);
    const closed = silent.map((socket) => once(socket, 'close'));
    expect(await ask(node.port, 'GET', {})).toMatchObject({ status: 404 });
    await Promise.all(closed);
    expect(await ask(node.port, 'GET', {})).toMatchObject({ status: 404 });
  });
});

describe('one port: others', () => {
  it('TLS is refused by an alert, and the log says why', async () => {
    const node = await realNode(1);
    const answer = await converse(node.port, Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0));
    expect([...answer]).toEqual([0x15, 3, 3, 0, 2, 2, 40]);
    expect(node.troubles[0]).toContain('it speaks TLS, which this node does not');
  });

  it("Kafka's bytes go to the Kafka door, unread", async () => {
    const seen: number[] = [];
    const node = await realNode(1, {
      doors: {
        kafka(socket) {
          socket.on('data', (chunk) => {
            seen.push(...chunk);
            socket.end('bye');
          });
          socket.resume();
        },
      },
    });
    const answer = await converse(node.port, Uint8Array.of(0, 0, 0, 2, 7, 7));
    expect(answer.toString()).toBe('bye');
    expect(seen).toEqual([0, 0, 0, 2, 7, 7]);
  });

  it('X7: silence ends with the deadline, and without a Kafka door the connection ends', async () => {
    const node = await realNode(1, { limits: { helloTimeoutMs: 20 } });
    expect(await converse(node.port)).toHaveLength(0);
    expect(await converse(node.port, Uint8Array.of(0, 0, 0, 2))).toHaveLength(0);
    await until(() => node.troubles.length > 0);
    expect(node.troubles[0]).toContain('neither HTTP nor WebSocket');
  });
});
