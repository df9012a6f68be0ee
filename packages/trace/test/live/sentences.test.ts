// A story has room for what happens: what somebody says over and over is said once, with a count.

import { expect, test } from 'vitest';
import { type LiveMessage, type Said, Teller, World } from '../../src/index.ts';
import { addSentence } from '../../src/live/sentences.ts';

const survivor: Omit<Said, 'timeMs'> = {
  ...{ kind: 'said', level: 'warn', actor: 'broker-1/quorum', event: 'after patience' },
  text: 'hears of no leader since epoch 7',
};
const other: Omit<Said, 'timeMs'> = { ...survivor, actor: 'broker-2/broker', text: 'serves' };

function storyOf(...said: readonly Said[]): Said[] {
  const story: Said[] = [];
  for (const one of said) addSentence(story, one);
  return story;
}

function inWords(story: readonly Said[]): string[] {
  return story.map(
    ({ timeMs, text, times, sinceMs }) =>
      `${timeMs} ${text}${times === undefined ? '' : ` ${times} times since ${sinceMs}`}`,
  );
}

test('what an actor says again in the same words is counted, and stands where it was said last', () => {
  const times = Array.from({ length: 2500 }, (_, nth): Said => ({ ...survivor, timeMs: 10 + 2 * nth }));
  const world = new World();
  world.apply({ ...other, timeMs: 1 });
  for (const said of times) world.apply(said);
  expect(inWords(world.story)).toEqual([
    '1 serves',
    '5008 hears of no leader since epoch 7 2500 times since 10',
  ]);
  // In between others may speak. Twice is no habit: who is killed and started says again that it serves.
  const twice = [
    { ...survivor, timeMs: 1 },
    { ...other, timeMs: 2 },
    { ...survivor, timeMs: 3 },
  ];
  expect(storyOf(...twice)).toEqual(twice);
  expect(inWords(storyOf(...twice, { ...survivor, timeMs: 4 }))).toEqual([
    '2 serves',
    '4 hears of no leader since epoch 7 3 times since 1',
  ]);
});

test('who goes back and forth says two things, each with a count', () => {
  const story: Said[] = [{ ...other, timeMs: 1 }];
  for (let timeMs = 10; timeMs < 1000; timeMs += 10) {
    addSentence(story, { ...survivor, timeMs, rule: timeMs % 20 === 0 ? 'Q10' : 'Q3' });
    addSentence(story, { ...survivor, level: 'info', text: 'follows node 3', timeMs: timeMs + 5 });
  }
  expect(inWords(story)).toEqual([
    '1 serves',
    '990 hears of no leader since epoch 7 99 times since 10',
    '995 follows node 3 99 times since 15',
  ]);
});

test('what was decided, and what was done to the cluster, has its place each time', () => {
  for (const actor of ['broker-1/controller', 'this page', 'world']) {
    const done = [1, 2, 3].map(
      (timeMs): Said => ({ ...survivor, actor, text: 'broker 3 is fenced', timeMs }),
    );
    expect(storyOf(...done)).toEqual(done);
  }
});

test('other words of the same actor, another partition, and what comes much later are sentences of their own', () => {
  const apart = [
    { ...survivor, timeMs: 1 },
    { ...survivor, timeMs: 2, text: 'stands for election' },
    { ...survivor, timeMs: 3, level: 'error' as const },
    { ...survivor, timeMs: 4, partition: 'laser-0' },
    { ...survivor, timeMs: 40_000 },
  ];
  expect(storyOf(...apart)).toEqual(apart);
});

test('a stream that begins anew tells nothing twice, and what its teller has counted is not counted again', () => {
  const both = [
    { ...survivor, timeMs: 1 },
    { ...survivor, timeMs: 1, text: 'at the same time' },
  ];
  expect(storyOf(...both, ...both)).toEqual(both);
  const counted = { ...survivor, timeMs: 9, times: 5, sinceMs: 1 };
  const two = [
    { ...survivor, timeMs: 1 },
    { ...survivor, timeMs: 3 },
  ];
  expect(storyOf(...two, counted)).toEqual([counted]);
  expect(storyOf(counted, { ...survivor, timeMs: 11 })).toEqual([{ ...counted, timeMs: 11, times: 6 }]);
});

test('who comes late is told the sentence once, with its count', () => {
  const teller = new Teller({
    hello: { about: 'a test', allowed: [] },
    nowMs: () => 0,
    every: () => () => {},
    onFailure: (error) => expect.unreachable(String(error)),
  });
  for (let timeMs = 1; timeMs <= 1000; timeMs++) teller.say({ ...survivor, timeMs });
  const heard: LiveMessage[] = [];
  teller.open((message) => heard.push(message));
  expect(heard.filter(({ kind }) => kind === 'said')).toEqual([
    { ...survivor, timeMs: 1000, times: 1000, sinceMs: 1 },
  ]);
});
