// What comes is read in order, and never so long that no frame is drawn.

import { expect, test } from 'vitest';
import { Pace } from '../../src/sources/pace.ts';

function begin() {
  let nowMs = 1000;
  let areFramesDrawn = true;
  const asked: (() => void)[] = [];
  const done: number[] = [];
  const pace = new Pace({
    nowMs: () => nowMs,
    nextFrame: (callback) => void asked.push(callback),
    areFramesDrawn: () => areFramesDrawn,
  });
  return {
    done,
    /** Tasks that each take so long. */
    run(count: number, tookMs: number, first = 0) {
      for (let n = first; n < first + count; n++)
        pace.run(() => {
          nowMs += tookMs;
          done.push(n);
        });
    },
    pass: (ms: number) => (nowMs += ms),
    frame() {
      for (const callback of asked.splice(0)) callback();
    },
    hide: () => (areFramesDrawn = false),
    asked,
  };
}

test('what is little is read at once', () => {
  const { run, done, asked } = begin();
  run(5, 1);
  expect(done).toEqual([0, 1, 2, 3, 4]);
  expect(asked).toEqual([]);
});

test('what is much is read a little in each frame, in its order', () => {
  const { run, done, frame, pass } = begin();
  run(20, 3);
  expect(done).toEqual([0, 1, 2]);
  pass(7);
  frame();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  // What comes meanwhile waits behind it, however small.
  run(1, 0, 20);
  expect(done).toHaveLength(6);
  for (let more = 0; more < 10; more++) frame();
  expect(done).toEqual(Array.from({ length: 21 }, (_, n) => n));
});

test('whoever is told more than there is time for falls behind no further', () => {
  const { run, done, frame, pass } = begin();
  const frameMs = 17;
  let told = 0;
  // In each frame come 12 ms of work.
  for (let n = 0; n < 2000; n++) {
    run(4, 3, told);
    told += 4;
    pass(frameMs);
    frame();
  }
  expect(told - done.length).toBeLessThan(400);
});

test('in the background nobody is held up', () => {
  const { run, done, hide } = begin();
  hide();
  run(20, 3);
  expect(done).toHaveLength(20);
});

test('a task that throws takes nothing from those behind it', () => {
  const { run, done, frame } = begin();
  const pace = new Pace({ nowMs: () => 0, nextFrame: (callback) => callback(), areFramesDrawn: () => true });
  expect(() =>
    pace.run(() => {
      throw new Error('broken');
    }),
  ).toThrow('broken');
  pace.run(() => done.push(1));
  expect(done).toEqual([1]);
  run(1, 0);
  frame();
  expect(done).toEqual([1, 0]);
});
