import { Recording as Kept, type LiveMessage, type Recording, readTrace, recordingOf } from '@odradek/trace';
import { expect, test } from 'vitest';
import { fileSource } from '../../src/sources/file-source.ts';
import { traceTextOf } from '../../src/story/trace-text.ts';
import { badDay, statelyEvents } from '../browser/sample-traces.ts';

interface Opened {
  readonly recording: Recording;
  readonly at: number | undefined;
  readonly failed: string | undefined;
}

function opened(text: string): Promise<Opened> {
  const recording = new Kept();
  return new Promise((resolve) => {
    fileSource('a file', text).open({
      opened: () => {},
      told: (messages: readonly LiveMessage[], teller) => {
        for (const message of messages) recording.add(message, teller);
      },
      answered: () => {},
      ticked: () => {},
      completed: (at) => resolve({ recording, at, failed: undefined }),
      lost: () => {},
      failed: (failed) => resolve({ recording, at: undefined, failed }),
    });
  });
}

const text = badDay(3);

test('a file tells all that is in it, and what was seen is kept as the same file', async () => {
  const { recording } = await opened(text);
  expect(recording.now).toEqual(recordingOf(readTrace(text)).now);
  const again = await opened(traceTextOf(recording, 'again'));
  expect(again.recording.now).toEqual(recording.now);
  expect(again.recording.at(500)).toEqual(recording.at(500));
});

test('what was forgotten is told as a picture first', async () => {
  const short = new Kept({ maxMessages: 400, pictureEvery: 100 });
  for (const message of readTrace(text).messages) short.add(message);
  expect(short.start).toBeGreaterThan(0);
  const { recording } = await opened(traceTextOf(short, 'the rest'));
  expect(recording.now.replicas).toEqual(short.now.replicas);
  expect(recording.now.topics).toEqual(short.now.topics);
  expect([...recording.now.actors.keys()].sort()).toEqual([...short.now.actors.keys()].sort());
});

test('a run that failed is looked at where it did', async () => {
  const lines = `${text}${JSON.stringify({
    live: {
      kind: 'said',
      timeMs: 99_999,
      level: 'error',
      actor: 'oracle',
      event: 'violation',
      text: 'V1: …',
    },
  })}\n`;
  const { at, recording } = await opened(lines);
  expect(at).toBe(recording.end);
  expect((await opened(text)).at).toBeUndefined();
});

test('events of any xstate app, as @statelyai/inspect tells them, are a file too', async () => {
  const { recording, failed } = await opened(statelyEvents());
  expect(failed).toBeUndefined();
  expect(recording.now.statesOf('lamp')).toEqual(new Map([['lit', 1]]));
  expect(recording.messageAt(recording.end - 1)).toMatchObject({ kind: 'step', event: 'switch', to: 'lit' });
});

test('what is damaged says in which line', async () => {
  expect((await opened('{"trace":"odradek","version":1,"about":"x"}\n{"frame":\n')).failed).toContain('2');
  expect((await opened('milk')).failed).toContain('Not a trace file');
});
