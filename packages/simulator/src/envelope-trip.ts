// Messages cross the virtual network as they would a real one: through their schema's encoding and back. So no two nodes share an
// object or a byte, and a message that its schema does not allow fails in the simulator too. A share of them, which the seed draws,
// goes through the very bytes of a frame; the rest leaves out msgpack, which is as long a way as all else that happens to a message.

import { crc32c, joinedBytes } from '@odradek/format';
import {
  type ClientAnswer,
  type ClientRequest,
  clientMessages,
  type Field,
  type PeerAnswer,
  type PeerApi,
  type PeerRequest,
  peerMessages,
} from '@odradek/model';
import {
  bodyOf,
  decodeFrame,
  defaultLimits,
  encodeBody,
  encodeFrame,
  MESSAGE_VERSION,
  type Plain,
  type RunSource,
} from '@odradek/wire';
import { mixed, mixedText } from './mixing.ts';

/** A message after its way, and a checksum of its content for the trace. */
export interface Carried<T> {
  readonly message: T;
  readonly checksum: number;
}

/** A request whose type is known by its API's name alone. */
export interface AnyRequest {
  readonly api: PeerApi;
  readonly body: unknown;
}

/** Of so many messages one goes through the bytes of a frame. */
const FRAMED_ONE_OF = 8;

/** A message under way: called when it arrives, as a socket writes the bytes of records late; whose they are may not touch them until then. */
export type UnderWay<T> = () => Carried<T>;

/** The way of all messages of one world. */
export class EnvelopeTrip {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  request({ api, body }: AnyRequest): UnderWay<PeerRequest> {
    const arrive = this.#send(peerMessages[api], 'request', body);
    // The body was decoded by the schema of this API: the pair is one of the table's.
    return () => carriedAs(arrive(), (arrived) => ({ api, body: arrived }) as PeerRequest);
  }

  answer({ api, body }: PeerAnswer): UnderWay<PeerAnswer> {
    const arrive = this.#send(peerMessages[api], 'response', body);
    return () => carriedAs(arrive(), (arrived) => ({ api, body: arrived }) as PeerAnswer);
  }

  clientRequest({ api, body }: ClientRequest): UnderWay<ClientRequest> {
    const arrive = this.#send(clientMessages[api], 'request', body);
    return () => carriedAs(arrive(), (arrived) => ({ api, body: arrived }) as ClientRequest);
  }

  clientAnswer({ api, body }: ClientAnswer): UnderWay<ClientAnswer> {
    const arrive = this.#send(clientMessages[api], 'response', body);
    return () => carriedAs(arrive(), (arrived) => ({ api, body: arrived }) as ClientAnswer);
  }

  #send(pair: AnyPair, kind: 'request' | 'response', body: unknown): () => CarriedBody {
    const isFramed = (mixed(this.#seed, ++this.#count) >>> 0) % FRAMED_ONE_OF === 0;
    const short = isFramed ? undefined : byFields(pair, kind, body);
    return short ?? byBytes(pair, kind, body);
  }
}

function carriedAs<T>({ body, checksum }: CarriedBody, message: (body: unknown) => T): Carried<T> {
  return { message: message(body), checksum };
}

interface AnyPair {
  readonly id: number;
  readonly request: Field<unknown>;
  readonly response: Field<unknown>;
}

interface CarriedBody {
  readonly body: unknown;
  readonly checksum: number;
}

/** Through the bytes of a frame, as over a socket. */
function byBytes(pair: AnyPair, kind: 'request' | 'response', body: unknown): () => CarriedBody {
  const field = pair[kind];
  const { pieces } = encodeFrame(kind, pair.id, 0, field, body);
  return () => {
    const bytes = joinedBytes(pieces);
    return {
      body: bodyOf(decodeFrame(bytes, defaultLimits), field),
      checksum: crc32c(bytes, 0, bytes.length),
    };
  };
}

/** Into the positional arrays of its schema and out of them, its records copied. Undefined: it has bytes that both ends would share. */
function byFields(
  pair: AnyPair,
  kind: 'request' | 'response',
  body: unknown,
): (() => CarriedBody) | undefined {
  const field = pair[kind];
  const { plain, sizes, pieces } = encodeBody(kind, pair.id, field, body);
  const hash = hashOf(plain, pair.id);
  if (hash === undefined) return undefined;
  return () => {
    const hasRecords = sizes.length > 0;
    const records = hasRecords ? joinedBytes(pieces) : none;
    const runs = hasRecords ? runsOf(records, sizes) : noRuns;
    const frame = { kind, api: pair.id, version: MESSAGE_VERSION, correlationId: 0, body: plain, runs };
    const checksum = hasRecords ? mixed(hash, crc32c(records, 0, records.length)) : hash;
    return { body: bodyOf(frame, field), checksum: checksum >>> 0 };
  };
}

const none = new Uint8Array(0);
const noRuns: RunSource = { count: 0, run: () => none };

function runsOf(records: Uint8Array, sizes: readonly number[]): RunSource {
  const ends: number[] = [];
  let end = 0;
  for (const size of sizes) {
    end += size;
    ends.push(end);
  }
  return { count: ends.length, run: (index) => records.subarray(ends[index - 1] ?? 0, ends[index]) };
}

/** Over all that a message says; undefined where it has bytes. */
function hashOf(plain: Plain, before: number): number | undefined {
  if (typeof plain === 'number') return mixed(mixed(before, plain | 0), Math.floor(plain / 2 ** 32) | 0);
  if (typeof plain === 'string') return mixedText(before, plain);
  if (plain === null) return mixed(before, 1);
  if (typeof plain === 'boolean') return mixed(before, plain ? 2 : 3);
  if (plain instanceof Uint8Array) return undefined;
  let hash: number | undefined = mixed(before, plain.length);
  for (const one of plain) {
    hash = hashOf(one, hash);
    if (hash === undefined) return undefined;
  }
  return hash;
}
