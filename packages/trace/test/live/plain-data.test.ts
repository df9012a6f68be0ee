import { describe, expect, test } from 'vitest';
import { plainData } from '../../src/live/plain-data.ts';

class Host {
  readonly secretBytes = 'do not show';
}

describe('plainData', () => {
  test('data is shown as it is', () => {
    const epochs = new Map([[1, { end: 5 }]]);
    expect(plainData({ a: 1, b: 'two', c: [true, null], epochs, ids: new Set([1, 2]) })).toEqual({
      a: 1,
      b: 'two',
      c: [true, null],
      epochs: { 1: { end: 5 } },
      ids: [1, 2],
    });
  });

  test('what is no data is named and not looked into', () => {
    const shown = plainData({
      host: new Host(),
      call: () => 1,
      bytes: new Uint8Array(7),
      n: 10n,
      at: Number.NaN,
    });
    expect(shown).toEqual({ host: '(Host)', bytes: '(7 bytes)', n: '10', at: 'NaN' });
  });

  test('secrets are hidden by their names', () => {
    expect(plainData({ clusterSecret: 'x', token: 'y', hello: { nonce: 'z', role: 'node' } })).toEqual({
      clusterSecret: '(hidden)',
      token: '(hidden)',
      hello: { nonce: '(hidden)', role: 'node' },
    });
  });

  test('long and deep values are cut, circles end, getters are not called', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle.self = circle;
    expect(JSON.stringify(plainData(circle)).length).toBeLessThan(300);
    const cut = { maxDepth: 2, maxEntries: 2, maxText: 3 };
    expect(plainData({ a: { b: { c: 1 } }, d: 'long', e: 1 }, cut)).toEqual({
      a: { b: '(1 entries)' },
      d: 'lon…',
      '…': '1 more',
    });
    expect(plainData([1, 2, 3], cut)).toEqual([1, 2, '… 1 more']);
    const getter = {
      get trap(): number {
        throw new Error('called');
      },
    };
    expect(plainData(getter)).toEqual({});
  });

  test('a key named __proto__ is a key', () => {
    expect(JSON.stringify(plainData(JSON.parse('{"__proto__": 1}')))).toBe('{"__proto__":1}');
  });
});
