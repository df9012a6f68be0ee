// The door through which `odradek chaos` reaches a running `up`: one order in one line of JSON, one answer in another.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createConnection, createServer, type Socket } from 'node:net';
import { connectFailure, Failure, failureOf, localFailure, timeoutFailure } from '../failure.ts';
import { type Obeyed, type Order, orderOf } from './orders.ts';

export interface ControlSocket {
  readonly port: number;
  close(): void;
}

/** An order is a short line; who sends more has lost its way. */
const maxOrderBytes = 4096;

/** Takes orders from this machine alone, and from those alone who know the token. */
export function serveControl(token: string, obey: (order: Order) => Promise<Obeyed>): Promise<ControlSocket> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    readLine(socket, maxOrderBytes, (line) => void answer(socket, line, token, obey));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the control socket has no port');
      // It keeps `up` alive when all nodes are dead: an order brings them back.
      resolve({ port: address.port, close: () => void server.close() });
    });
  });
}

async function answer(
  socket: Socket,
  line: string,
  token: string,
  obey: (order: Order) => Promise<Obeyed>,
): Promise<void> {
  try {
    const order = authorizedOrder(line, token);
    socket.end(`${JSON.stringify({ ok: true, data: await obey(order) })}\n`);
  } catch (error) {
    const { code, message, hint, exitCode } = failureOf(error);
    socket.end(`${JSON.stringify({ ok: false, error: { code, message, hint, exitCode } })}\n`);
  }
}

function authorizedOrder(line: string, token: string): Order {
  const given: unknown = parsed(line);
  const words = typeof given === 'object' && given !== null ? { ...given } : {};
  const said = 'token' in words && typeof words.token === 'string' ? words.token : '';
  // Digests have one length, so the comparison takes one time.
  if (!timingSafeEqual(digest(said), digest(token)))
    throw localFailure('CLUSTER_AUTHORIZATION_FAILED', 'the token is not the one in cluster.json');
  const order = orderOf('order' in words ? words.order : undefined);
  if (order === undefined) throw localFailure('INVALID_REQUEST', 'this is not an order that `up` knows');
  return order;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw localFailure('INVALID_REQUEST', 'an order is one line of JSON');
  }
}

/** Calls back once with the first line; a connection that sends too much without one is closed. */
function readLine(socket: Socket, maxBytes: number, done: (line: string) => void): void {
  let text = '';
  const take = (chunk: string): void => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= maxBytes) return;
    socket.off('data', take);
    if (end < 0) socket.destroy();
    else done(text.slice(0, end));
  };
  socket.setEncoding('utf8').on('data', take);
}

/** Longer than any start or stop of a node takes: what `up` says of those that take too long is to arrive. */
const orderTimeoutMs = 120_000;
const maxAnswerBytes = 1024 * 1024;

/** Gives one order to the `up` that listens at a port. */
export function giveOrder(port: number, token: string, order: Order): Promise<Obeyed> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.setTimeout(orderTimeoutMs, () => {
      reject(timeoutFailure(`\`odradek up\` did not answer within ${orderTimeoutMs / 1000} s`));
      socket.destroy();
    });
    const gone = (reason: string): void =>
      reject(
        connectFailure(`\`odradek up\` does not answer: ${reason}`, 'Is it still running in its terminal?'),
      );
    socket.on('error', (error) => gone(error.message));
    socket.on('close', () => gone('it closed the connection'));
    readLine(socket, maxAnswerBytes, (line) => {
      const said = JSON.parse(line) as Answer;
      if (said.ok) resolve(said.data);
      else reject(new Failure(said.error.code, said.error.exitCode, said.error.message, said.error.hint));
      socket.destroy();
    });
    socket.write(`${JSON.stringify({ token, order })}\n`);
  });
}

type Answer =
  | { readonly ok: true; readonly data: Obeyed }
  | { readonly ok: false; readonly error: Pick<Failure, 'code' | 'message' | 'hint' | 'exitCode'> };
