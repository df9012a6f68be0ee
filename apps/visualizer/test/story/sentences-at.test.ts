import { type LiveMessage, Recording, type Said } from '@odradek/trace';
import { expect, test } from 'vitest';
import { sentencesAt } from '../../src/story/sentences-at.ts';

function said(timeMs: number, text: string): Said {
  return { kind: 'said', timeMs, level: 'info', actor: 'broker-1/quorum', event: 'e', text };
}

function storyAt(atMs: number, ...messages: readonly LiveMessage[]) {
  const recording = new Recording();
  for (const message of messages) recording.add(message);
  const then = recording.at(recording.positionAt(atMs));
  const { until, later } = sentencesAt(recording.now.story, then.story, atMs);
  const words = ({ text, times }: Said): string => (times === undefined ? text : `${text} ×${times}`);
  return { until: until.map(words), later: later.map(words) };
}

test('what had been said by a moment, and what was said later', () => {
  expect(storyAt(2, said(1, 'a'), said(2, 'b'), said(3, 'c'))).toEqual({ until: ['a', 'b'], later: ['c'] });
  expect(storyAt(0, said(1, 'a'))).toEqual({ until: [], later: ['a'] });
});

test('what was said again and again since then was known with the count of that moment', () => {
  const again = [1, 2, 3, 4].map((timeMs) => said(timeMs, 'a'));
  expect(storyAt(3, ...again)).toEqual({ until: ['a ×3'], later: ['a ×4'] });
  expect(storyAt(2, ...again)).toEqual({ until: ['a', 'a'], later: ['a ×4'] });
});

test('what was heard later and said before counts by its own time', () => {
  const gone: LiveMessage = { kind: 'gone', timeMs: 5, path: 'x' };
  const of = (node: number, one: Said): Said => ({ ...one, actor: `broker-${node}/quorum` });
  expect(storyAt(2, of(1, said(1, 'a')), of(1, said(3, 'c')), gone, of(2, said(2, 'b')))).toEqual({
    until: ['a', 'b'],
    later: ['c'],
  });
});
