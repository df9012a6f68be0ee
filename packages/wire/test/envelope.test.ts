import {
  bytes,
  clientMessages,
  integer,
  integerOr,
  list,
  peerMessages,
  records,
  struct,
  text,
} from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf, decodeFrame, encodeFrame } from '../src/envelope.ts';
import { WireError } from '../src/errors.ts';
import { defaultLimits } from '../src/limits.ts';
import { anyValueOf, arrived, joined } from './arbitrary-message.ts';

const tables = { ...peerMessages, ...clientMessages };
const limits = defaultLimits;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('an envelope', () => {
  const directions = Object.entries(tables).flatMap(([name, pair]) => [
    { name: `${name} request`, kind: 'request' as const, id: pair.id, field: pair.request },
    { name: `${name} response`, kind: 'response' as const, id: pair.id, field: pair.response },
  ]);

  it.each(directions)('brings every $name back as it was', ({ kind, id, field }) => {
    fc.assert(
      fc.property(anyValueOf(field), fc.nat(), (value, correlationId) => {
        const encoded = encodeFrame<unknown>(kind, id, correlationId, field, value);
        const message = joined(encoded.pieces);
        expect(message.length).toBe(encoded.byteLength);
        const frame = decodeFrame(message, limits);
        expect(frame).toMatchObject({ kind, api: id, version: 0, correlationId });
        expect(arrived(field, bodyOf(frame, field))).toEqual(arrived(field, value));
      }),
      { numRuns: 20 },
    );
  });

  it('keeps its bytes for ever: a vote', () => {
    const { pieces } = encodeFrame('request', peerMessages.vote.id, 7, peerMessages.vote.request, {
      clusterId: 'c',
      epoch: 3,
      candidateId: 1,
      candidateDirectoryId: 'd',
      voterId: 2,
      voterDirectoryId: 'e',
      lastEpoch: 2,
      lastEpochEndOffset: 5_000_000_000,
      preVote: true,
    });
    expect(hex(joined(pieces))).toBe('960001000799a1630301a16402a16502cb41f2a05f20000000c390');
  });

  it('keeps its bytes for ever: a fetch answer with two runs of records', () => {
    const row = {
      topicId: 't',
      error: 'NONE',
      errorMessage: null,
      highWatermark: 300,
      logStartOffset: 0,
      diverging: null,
      leaderHint: -1,
    };
    const { pieces } = encodeFrame(
      'response',
      clientMessages.fetch.id,
      70_000,
      clientMessages.fetch.response,
      {
        error: 'NONE',
        errorMessage: null,
        partitions: [
          { ...row, partition: 0, records: [Uint8Array.of(1, 2), Uint8Array.of(3)] },
          { ...row, partition: 1, records: [] },
          { ...row, partition: 2, diverging: { epoch: 4, endOffset: 9 }, records: [Uint8Array.of(4)] },
        ],
      },
    );
    expect(hex(joined(pieces))).toBe(
      '96013e00ce0001117093a44e4f4e45c09399a17400a44e4f4e45c0cd012c00c0ff0099a17401a44e4f4e45c0cd012c00c0ffff99a17402a44e4f4e45c0cd012c00920409ff0192030101020304',
    );
  });

  it('does not copy record bytes on either way', () => {
    const batch = Uint8Array.of(1, 2, 3);
    const field = struct({ records });
    const { pieces } = encodeFrame('request', 1, 1, field, { records: [batch] });
    expect(pieces[1]).toBe(batch);
    const message = joined(pieces);
    const [run] = bodyOf(decodeFrame(message, limits), field).records;
    expect(run?.buffer).toBe(message.buffer);
  });

  const older = struct({ rows: list(struct({ id: integer, records })) });
  const newer = struct({
    rows: list(struct({ id: integer, records, more: records, note: text })),
    epoch: integerOr(-1),
  });

  it('is cut when it comes from a newer peer, whose unknown records are passed over', () => {
    const row = { more: [Uint8Array.of(9, 9)], note: 'new' };
    const { pieces } = encodeFrame('request', 1, 1, newer, {
      rows: [
        { id: 1, records: [Uint8Array.of(1)], ...row },
        { id: 2, records: [Uint8Array.of(2)], ...row },
      ],
      epoch: 5,
    });
    expect(bodyOf(decodeFrame(joined(pieces), limits), older)).toEqual({
      rows: [
        { id: 1, records: [Uint8Array.of(1)] },
        { id: 2, records: [Uint8Array.of(2)] },
      ],
    });
  });

  it('takes defaults for what an older peer does not send', () => {
    const { pieces } = encodeFrame('request', 1, 1, older, {
      rows: [{ id: 1, records: [Uint8Array.of(1)] }],
    });
    expect(bodyOf(decodeFrame(joined(pieces), limits), newer)).toEqual({
      rows: [{ id: 1, records: [Uint8Array.of(1)], more: [], note: '' }],
      epoch: -1,
    });
  });
});

describe('hostile bytes', () => {
  const fields = Object.values(tables).flatMap((pair) => [pair.request, pair.response]);

  function readAll(message: Uint8Array): void {
    const frame = decodeFrame(message, limits);
    for (const field of fields) bodyOf(frame, field);
  }

  function costsAtMostTheConnection(message: Uint8Array): void {
    try {
      readAll(message);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }

  it('X13: arbitrary bytes are refused or read, nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), costsAtMostTheConnection), { numRuns: 500 });
  });

  it('X13: so are true messages with some bytes changed or cut', () => {
    const field = peerMessages.fetchReplicas.response;
    fc.assert(
      fc.property(
        anyValueOf(field),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        (value, changes, cut) => {
          const message = joined(encodeFrame<unknown>('response', 40, 1, field, value).pieces);
          for (const [place, byte] of changes) message[place % message.length] = byte;
          costsAtMostTheConnection(message.subarray(0, message.length - (cut % message.length)));
        },
      ),
      { numRuns: 300 },
    );
  });

  const refused: readonly [string, Uint8Array, RegExp][] = [
    [
      'X2: an array that claims 4 thousand million elements',
      Uint8Array.of(0xdd, 255, 255, 255, 255),
      /claimed/,
    ],
    ['X2: a text longer than the bytes', Uint8Array.of(0x91, 0xd9, 200), /claimed/],
    ['X11: a text above the limit', Uint8Array.of(0x91, 0xdb, 0, 2, 0, 0), /text of 131072 bytes/],
    ['X2: bytes longer than the bytes', Uint8Array.of(0x91, 0xc6, 0x7f, 0, 0, 0), /claimed/],
    ['X11: a map', Uint8Array.of(0x81, 0xa1, 0x61, 1), /only nil/],
    ['X11: an extension', Uint8Array.of(0xd4, 0x72, 0x40), /only nil/],
    ['X11: nesting', new Uint8Array(100).fill(0x91), /deeper than 16/],
    ['an envelope that is no array', Uint8Array.of(1), /array/],
    ['an unknown kind', Uint8Array.of(0x96, 99, 1, 0, 1, 0x90, 0x90), /unknown kind/],
    ['trailing bytes', Uint8Array.of(0x96, 0, 1, 0, 1, 0x90, 0x90, 1), /end at byte 7, the frame at 8/],
    ['runs beyond the end', Uint8Array.of(0x96, 0, 1, 0, 1, 0x90, 0x91, 5), /end at byte 13/],
  ];

  it.each(refused)('%s is refused', (_, message, reason) => {
    expect(() => decodeFrame(message, limits)).toThrow(reason);
  });

  it('X11: more values than allowed are refused though they fit into the frame', () => {
    const message = new Uint8Array(2000).fill(0xc0);
    message.set([0xdc, 0x07, 0xcd]);
    expect(() => decodeFrame(message, { ...limits, maxValues: 100 })).toThrow(/more than 100 values/);
  });

  it('a frame above the limit is refused before it is looked at', () => {
    expect(() => decodeFrame(new Uint8Array(11), { ...limits, maxFrameBytes: 10 })).toThrow(/at most 10/);
  });

  it('a run that is not there is refused', () => {
    const field = struct({ records });
    const message = Uint8Array.of(0x96, 0, 1, 0, 1, 0x91, 3, 0x90);
    expect(() => bodyOf(decodeFrame(message, limits), field)).toThrow(/records must be -1 or the place/);
  });

  it('integers that JavaScript would round are refused, on both ways', () => {
    const field = struct({ offset: integer });
    expect(() => encodeFrame('request', 1, 1, field, { offset: 2 ** 53 })).toThrow(
      /offset must be an integer/,
    );
    const envelope = [0x96, 0, 1, 0, 1, 0x91, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1, 0x90];
    const frame = decodeFrame(Uint8Array.from(envelope), limits);
    expect(() => bodyOf(frame, field)).toThrow(/offset must be an integer within/);
  });

  it('a value of another type is refused by the name of its field', () => {
    const { pieces } = encodeFrame('request', 5, 1, struct({ name: text }), { name: 'x' });
    const wanted = struct({ chunk: bytes });
    expect(() => bodyOf(decodeFrame(joined(pieces), limits), wanted)).toThrow(
      'request 5.chunk must be bytes, not a text of 1 characters',
    );
  });
});
