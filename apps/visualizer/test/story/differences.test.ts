import { expect, test } from 'vitest';
import { differencesOf } from '../../src/story/differences.ts';
import { placeOf, subjectOf } from '../../src/story/place-of.ts';
import { durationText, timeText } from '../../src/story/time-text.ts';
import { largePicture } from '../browser/sample-traces.ts';
import { worldOf } from '../world-of.ts';

const picture = largePicture({ brokers: 3, partitions: 2 });

test('nothing is different from itself, and each change is named with before and after', () => {
  const before = worldOf(picture);
  expect(differencesOf(before, worldOf(picture))).toEqual([]);
  const after = worldOf(picture);
  after.apply({
    kind: 'replicas',
    timeMs: 9,
    replicas: [...after.replicas.values()].slice(0, 1).map((replica) => ({ ...replica, logEndOffset: 77 })),
  });
  after.apply({
    kind: 'actors',
    timeMs: 9,
    all: false,
    actors: [{ path: 'broker-1/quorum', machine: 'quorum', value: { leader: 'serving' } }],
  });
  expect(differencesOf(before, after)).toEqual([
    { what: 'large-0 at 1', before: 'high watermark 0, end 2', after: 'high watermark 0, end 77' },
    { what: 'broker-1/quorum', before: '–', after: 'leader.serving' },
  ]);
});

const said = { kind: 'said', timeMs: 1, level: 'info', event: 'e', text: 't' } as const;

test('a sentence leads to its partition, else to its actor', () => {
  const machineOf = (path: string): string | undefined => (path === 'broker-1/quorum' ? 'quorum' : undefined);
  expect(placeOf({ ...said, actor: 'broker-1/laser-0', partition: 'laser-0' }, machineOf)).toBe(
    '#/map?at=laser-0',
  );
  expect(placeOf({ ...said, actor: 'broker-1/quorum' }, machineOf)).toBe(
    '#/machines/quorum?actor=broker-1%2Fquorum',
  );
  expect(placeOf({ ...said, actor: 'broker-1/unknown' }, machineOf)).toBe('#/map');
  expect(subjectOf({ ...said, actor: 'broker-1/broker' })).toBe('broker 1');
  expect(subjectOf({ ...said, actor: 'broker-1/quorum' })).toBe('broker 1, quorum');
  expect(subjectOf({ ...said, actor: 'broker-1/laser-0', partition: 'laser-0' })).toBe('broker 1, laser-0');
});

test('times are virtual from zero on, or of the wall', () => {
  expect(timeText(1234)).toBe('1.234 s');
  expect(timeText(Date.UTC(2026, 0, 1))).toMatch(/^\d\d:\d\d:\d\d\.000$/);
  expect([12, 2500, 200_000].map(durationText)).toEqual(['12 ms', '2.5 s', '3 min 20 s']);
});
