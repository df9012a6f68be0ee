import type { Said } from '@odradek/trace';
import { expect, it } from 'vitest';
import { latestOf } from '../../src/map/latest-sentences.ts';

function said(timeMs: number, event: string, text: string): Said {
  return { kind: 'said', timeMs, level: 'info', actor: 'broker-3/controller', event, text };
}

it('what is decided of many partitions at once takes one line, so that the reason for it is seen too', () => {
  const story = [
    said(1, 'broker serves', 'broker 1 serves'),
    said(2, 'link lost', 'its link closed and its address refuses'),
    said(3, 'broker fenced', 'broker 1 is fenced'),
    said(3, 'in-sync changed', 'a-0: in sync 2 3'),
    said(3, 'leader elected', 'a-1: broker 2 leads'),
    said(3, 'in-sync changed', 'a-2: in sync 2 3'),
    said(3, 'in-sync changed', 'a-3: in sync 2 3'),
  ];
  expect(latestOf(story).map(({ said: { text }, more }) => [text, more])).toEqual([
    ['a-0: in sync 2 3', 2],
    ['a-1: broker 2 leads', 0],
    ['broker 1 is fenced', 0],
    ['its link closed and its address refuses', 0],
  ]);
});

it('what others do because of it is left to the story', () => {
  const others = { ...said(4, 'leads', 'leads in epoch 1'), actor: 'broker-2/a-1' };
  expect(latestOf([others])).toEqual([]);
  expect(latestOf([{ ...others, level: 'error' }])).toHaveLength(1);
});
