import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Field, type PeerRequest, peerMessages } from '../src/index.ts';

const kindsBelow = (field: Field<unknown>, path: string): readonly string[] => {
  const inside = field.fields
    ? Object.entries(field.fields).flatMap(([name, one]) => kindsBelow(one, `${path}.${name}`))
    : field.of
      ? kindsBelow(field.of, `${path}[]`)
      : [];
  return field.kind === 'records' ? [path, ...inside] : inside;
};

describe('the table of messages between nodes', () => {
  it('gives every API a number of its own', () => {
    const ids = Object.values(peerMessages).map((pair) => pair.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('carries record bytes in answers only: the unmasked direction of a link', () => {
    const inRequests = Object.entries(peerMessages).flatMap(([name, pair]) => kindsBelow(pair.request, name));
    const inResponses = Object.entries(peerMessages).flatMap(([name, pair]) =>
      kindsBelow(pair.response, name),
    );
    expect(inRequests).toEqual([]);
    expect(inResponses).toEqual(['fetchMetadata.records', 'fetchReplicas.partitions[].records']);
  });

  it('reads what an older peer did not send as unknown, not as offset 0 (S50)', () => {
    expect(peerMessages.fetchMetadata.response.fallback.highWatermark).toBe(-1);
    expect(peerMessages.registerBroker.response.fallback.brokerEpoch).toBe(-1);
  });

  it('types a request by the name of its API', () => {
    expectTypeOf<PeerRequest<'vote'>['body']['preVote']>().toEqualTypeOf<boolean>();
    expectTypeOf<
      PeerRequest<'fetchReplicas'>['body']['partitions'][number]['flushedEnd']
    >().toEqualTypeOf<number>();
  });
});
