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
  type EncodedBody,
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

/** A message under way, taken in when it arrives, as a socket writes the bytes of records late; whose they are may not touch them until then. */
export interface UnderWay<T> {
  arrive(): Carried<T>;
}

/** The way of all messages of one world. */
export class EnvelopeTrip {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  request({ api, body }: AnyRequest): UnderWay<PeerRequest> {
    return this.#send(api, peerMessages[api], 'request', body);
  }

  answer({ api, body }: PeerAnswer): UnderWay<PeerAnswer> {
    return this.#send(api, peerMessages[api], 'response', body);
  }

  clientRequest({ api, body }: ClientRequest): UnderWay<ClientRequest> {
    return this.#send(api, clientMessages[api], 'request', body);
  }

  clientAnswer({ api, body }: ClientAnswer): UnderWay<ClientAnswer> {
    return this.#send(api, clientMessages[api], 'response', body);
  }

  #send<T>(api: string, pair: AnyPair, kind: 'request' | 'response', body: unknown): UnderWay<T> {
    const isFramed = (mixed(this.#seed, ++this.#count) >>> 0) % FRAMED_ONE_OF === 0;
    if (isFramed) return new ByBytes(api, pair, kind, body);
    const { plain, sizes, pieces } = encodeBody(kind, pair.id, pair[kind], body);
    const hash = hashOf(plain, pair.id);
    // It has bytes that both ends would share.
    if (hash === undefined) return new ByBytes(api, pair, kind, body);
    return new ByFields(api, pair, kind, { plain, sizes, pieces, hash });
  }
}

interface AnyPair {
  readonly id: number;
  readonly request: Field<unknown>;
  readonly response: Field<unknown>;
}

/** What arrives: the body was decoded by the schema of this API, so the two are one of the table's. */
function carried<T>(api: string, body: unknown, checksum: number): Carried<T> {
  return { message: { api, body } as T, checksum };
}

/** Through the bytes of a frame, as over a socket. */
class ByBytes<T> implements UnderWay<T> {
  readonly #api: string;
  readonly #field: Field<unknown>;
  readonly #pieces: readonly Uint8Array[];

  constructor(api: string, pair: AnyPair, kind: 'request' | 'response', body: unknown) {
    this.#api = api;
    this.#field = pair[kind];
    this.#pieces = encodeFrame(kind, pair.id, 0, this.#field, body).pieces;
  }

  arrive(): Carried<T> {
    const bytes = joinedBytes(this.#pieces);
    const body = bodyOf(decodeFrame(bytes, defaultLimits), this.#field);
    return carried(this.#api, body, crc32c(bytes, 0, bytes.length));
  }
}

interface Fields extends EncodedBody {
  readonly hash: number;
}

/** Into the positional arrays of its schema and out of them, its records copied. */
class ByFields<T> implements UnderWay<T> {
  readonly #api: string;
  readonly #pair: AnyPair;
  readonly #kind: 'request' | 'response';
  readonly #fields: Fields;

  constructor(api: string, pair: AnyPair, kind: 'request' | 'response', fields: Fields) {
    this.#api = api;
    this.#pair = pair;
    this.#kind = kind;
    this.#fields = fields;
  }

  arrive(): Carried<T> {
    const { plain, sizes, pieces, hash } = this.#fields;
    const hasRecords = sizes.length > 0;
    const records = hasRecords ? joinedBytes(pieces) : none;
    const runs = hasRecords ? runsOf(records, sizes) : noRuns;
    const { id: api } = this.#pair;
    const frame = { kind: this.#kind, api, version: MESSAGE_VERSION, correlationId: 0, body: plain, runs };
    const checksum = hasRecords ? mixed(hash, crc32c(records, 0, records.length)) : hash;
    return carried(this.#api, bodyOf(frame, this.#pair[this.#kind]), checksum >>> 0);
  }
}

const none = new Uint8Array(0);
const noRuns: RunSource = { count: 0, run: () => none };

function runsOf(records: Uint8Array, sizes: readonly number[]): RunSource {
  if (sizes.length === 1) return { count: 1, run: () => records };
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
