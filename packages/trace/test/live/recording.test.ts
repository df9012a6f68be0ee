// Going back: a moment that is sought is the moment as it was.

import { assert, integer, property } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { EventValue } from '../../src/event-values.ts';
import type { LiveMessage } from '../../src/live/messages.ts';
import { Recording } from '../../src/live/recording.ts';
import { World } from '../../src/live/world.ts';
import { readTrace, recordingOf, traceWriter } from '../../src/trace-file.ts';

function step(number: number): LiveMessage {
  const to = number % 3 === 0 ? 'lit' : 'dark';
  return {
    kind: 'step',
    timeMs: number * 10,
    actor: `house/lamp-${number % 7}`,
    machine: 'lamp',
    event: 'switch',
    from: 'dark',
    to,
    edges: [{ source: 'dark', target: to }],
    value: to,
  };
}

function said(number: number): LiveMessage {
  const text = `sentence ${number}`;
  return { kind: 'said', timeMs: number * 10, level: 'info', actor: 'house', event: 'told', text };
}

const messages = Array.from({ length: 500 }, (_, number) =>
  number % 11 === 0 ? said(number) : step(number),
);

describe('Recording', () => {
  test('a moment that is sought is equal to the moment as it was', () => {
    const recording = new Recording({ pictureEvery: 37 });
    for (const message of messages) recording.add(message, 'one');
    assert(
      property(integer({ min: 0, max: messages.length }), (position) => {
        const played = new World();
        for (const message of messages.slice(0, position)) played.apply(message, 'one');
        expect(recording.at(position)).toEqual(played);
      }),
      { numRuns: 60 },
    );
  });

  test('what is too old is forgotten, and what is left is still as it was', () => {
    const recording = new Recording({ pictureEvery: 50, maxMessages: 200 });
    for (const message of messages) recording.add(message, 'one');
    expect(recording.start).toBeGreaterThanOrEqual(messages.length - 200);
    const played = new World();
    for (const message of messages.slice(0, 420)) played.apply(message, 'one');
    expect(recording.at(420)).toEqual(played);
    expect(recording.at(0)).toEqual(recording.at(recording.start));
  });

  describe('of a thousand replicas', () => {
    const told = (offset: number, partitions: number): LiveMessage => ({
      kind: 'replicas',
      timeMs: offset,
      replicas: Array.from({ length: partitions }, (_, partition) => ({
        ...{ broker: 1, topic: 't', partition, role: 'leader', leaderEpoch: 1, logStartOffset: 0 },
        ...{ highWatermark: offset, logEndOffset: offset, flushedEndOffset: offset },
      })),
    });

    test('it is bounded by what messages hold, not only by how many they are', () => {
      const recording = new Recording({ pictureEvery: 10, maxFacts: 20_000 });
      for (let offset = 0; offset < 100; offset++) recording.add(told(offset, 1000), 'one');
      expect(recording.end).toBe(100);
      expect(recording.end - recording.start).toBeLessThanOrEqual(20);
      expect(recording.end - recording.start).toBeGreaterThan(10);
      const position = recording.end - 5;
      expect([...recording.at(position).replicas.values()].at(-1)?.logEndOffset).toBe(position - 1);
    });

    test('its pictures weigh no more than what lies between them', () => {
      const recording = new Recording({ pictureEvery: 10 });
      recording.add(told(0, 1000), 'one');
      const copies = vi.spyOn(World.prototype, 'copy');
      for (let offset = 1; offset <= 4000; offset++) recording.add(told(offset, 1), 'one');
      // Each of these messages counts twice: itself, and its one replica.
      expect(copies.mock.calls.length).toBeLessThanOrEqual(9);
      copies.mockRestore();
    });
  });

  test('a time is found, and a picture that was handed out does not change', () => {
    const recording = new Recording({ pictureEvery: 50 });
    for (const message of messages) recording.add(message, 'one');
    const position = recording.positionAt(2000);
    expect(recording.timeAt(position)).toBe(2000);
    const before = recording.at(position);
    const kept = before.copy();
    recording.add(step(501), 'one');
    expect(before).toEqual(kept);
  });

  describe('what an actor holds', () => {
    const changed = (timeMs: number, ...values: readonly EventValue[]): LiveMessage => ({
      ...{ kind: 'step', timeMs, actor: 'voter', machine: 'voter', event: 'heard', edges: [] },
      ...{ from: 'asking', to: 'asking', value: 'asking', changed: values },
    });
    const silent: LiveMessage = {
      ...{ kind: 'step', timeMs: 25, actor: 'voter', machine: 'voter', event: 'heard', edges: [] },
      ...{ from: 'asking', to: 'asking', value: 'asking' },
    };
    const told: readonly LiveMessage[] = [
      { ...silent, timeMs: 5 },
      {
        kind: 'values',
        timeMs: 10,
        path: 'voter',
        values: [
          ['epoch', 4],
          ['votedFor.id', 2],
        ],
      },
      changed(20, ['epoch', 5], ['votedFor.id', '(none)']),
      silent,
      changed(30),
      { kind: 'gone', timeMs: 40, path: 'voter' },
      { ...changed(50, ['epoch', 0]), event: 'xstate.init', from: '' } as LiveMessage,
    ];
    const heldAt = (recording: Recording, position: number) => {
      const held = recording.at(position).actors.get('voter')?.held;
      return (
        held && [held.timeMs, ...[...held.values].map(([name, { value, sinceMs }]) => [name, value, sinceMs])]
      );
    };

    test('is known at each moment, with the time from which it was so and the time at which it was told', () => {
      const recording = new Recording({ pictureEvery: 2 });
      for (const message of told) recording.add(message, 'one');
      expect(Array.from({ length: told.length }, (_, at) => heldAt(recording, at + 1))).toEqual([
        undefined,
        [10, ['epoch', 4, 10], ['votedFor.id', 2, 10]],
        [20, ['epoch', 5, 20]],
        // With a step that tells no values they may have changed.
        [20, ['epoch', 5, 20]],
        [30, ['epoch', 5, 20]],
        undefined,
        [50, ['epoch', 0, 50]],
      ]);
    });

    test('is told to who comes late, and is in a file', () => {
      const lines: string[] = [];
      const writer = traceWriter('a voter', (line) => lines.push(line));
      const recording = new Recording();
      for (const message of told.slice(0, 3)) recording.add(message, 'one');
      for (const { message, source } of recording.now.retold()) writer.tell(message, source);
      const read = recordingOf(readTrace(lines.join('')));
      expect(heldAt(read, read.end)).toEqual([20, ['epoch', 5, 20]]);
    });
  });
});
