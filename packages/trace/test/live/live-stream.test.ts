// A stream over connections that are slow, break and come back: what arrives makes the picture that is.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, setup } from 'xstate';
import { LiveDecoder, type LiveMessage, LiveStream, type Streamed, Teller, World } from '../../src/index.ts';

const lampMachine = setup({
  types: { events: {} as { type: 'switch' } },
}).createMachine({
  id: 'lamp',
  initial: 'dark',
  states: { dark: { on: { switch: 'lit' } }, lit: { on: { switch: 'dark' } } },
});

function begin(options: { maxWaiting?: number; maxRememberedBytes?: number } = {}) {
  const lamps = Array.from({ length: 5 }, (_, n) => createActor(lampMachine, { id: `lamp-${n}` }).start());
  let timeMs = 0;
  const turns = new Set<() => void>();
  const teller = new Teller({
    hello: { about: 'lamps', allowed: [] },
    nowMs: () => ++timeMs,
    every(_periodMs, callback) {
      turns.add(callback);
      return () => void turns.delete(callback);
    },
    stepsPerSecond: 1000,
    smallNode: 0,
    onFailure(error) {
      throw error;
    },
  });
  for (const lamp of lamps) teller.attach(lamp);
  const stream = new LiveStream(teller, { id: 'one', nowMs: () => timeMs, ...options });
  return { lamps, teller, stream, turns };
}

class Receiver {
  decoder = new LiveDecoder();
  readonly world = new World();
  readonly heard: Streamed[] = [];

  receive(frame: Uint8Array | undefined): void {
    if (frame === undefined) return;
    for (const message of this.decoder.decode(frame).messages) {
      this.heard.push(message);
      if ('kind' in message) this.world.apply(message);
    }
  }
}

function switchAll(lamps: readonly AnyActorRef[], times: number): void {
  for (let time = 0; time < times; time++) for (const lamp of lamps) lamp.send({ type: 'switch' });
}

describe('LiveStream', () => {
  test('what was told between two frames is one frame, and nothing makes none', () => {
    const { lamps, stream } = begin();
    const receiver = new Receiver();
    receiver.receive(stream.take());
    expect(stream.take()).toBeUndefined();
    switchAll(lamps, 3);
    receiver.receive(stream.take());
    expect(receiver.decoder.last).toBe(2);
    expect(receiver.world.actors.get('lamp-4')?.value).toBe('lit');
    expect([...(receiver.world.edgesTaken.get('lamp')?.values() ?? [])]).toEqual([10, 5]);
  });

  test('a connection that broke goes on where it was, by the frames that are remembered', () => {
    const { lamps, stream } = begin();
    const receiver = new Receiver();
    receiver.receive(stream.take());
    const lost: Uint8Array[] = [];
    for (let frame = 0; frame < 3; frame++) {
      switchAll(lamps, 1);
      const bytes = stream.take();
      if (bytes !== undefined) lost.push(bytes);
    }
    expect(stream.since(receiver.decoder.last)).toEqual(lost);
    for (const frame of stream.since(receiver.decoder.last) ?? []) receiver.receive(frame);
    expect([...(receiver.world.edgesTaken.get('lamp')?.values() ?? [])]).toEqual([10, 5]);
    expect(stream.since(receiver.decoder.last)).toEqual([]);
    expect(stream.since(99)).toBeUndefined();
  });

  test('too much has passed: it is not pretended that the stream goes on', () => {
    const { lamps, stream } = begin({ maxRememberedBytes: 200 });
    stream.take();
    for (let frame = 0; frame < 20; frame++) {
      switchAll(lamps, 1);
      stream.take();
    }
    expect(stream.since(1)).toBeUndefined();
    expect(stream.since(20)).toHaveLength(1);
  });

  test('a slow viewer loses messages, is told how many, gets the whole picture, and its counts stay exact', () => {
    const { lamps, teller, stream, turns } = begin({ maxWaiting: 50 });
    const receiver = new Receiver();
    receiver.receive(stream.take());
    switchAll(lamps, 101);
    teller.say({ kind: 'said', timeMs: 5, level: 'warn', actor: 'house', event: 'e', text: 'it flickers' });
    switchAll(lamps, 500);
    for (const turn of turns) turn();
    receiver.receive(stream.take());
    const kinds = receiver.heard.map((message) => ('kind' in message ? message.kind : message.answer));
    expect(kinds.slice(3)).toEqual(['missed', 'counts', 'hello', 'machine', 'actors', 'said']);
    expect(receiver.world.missed).toBeGreaterThan(1000);
    expect([...(receiver.world.edgesTaken.get('lamp')?.values() ?? [])].reduce((sum, n) => sum + n)).toBe(
      5 * 601,
    );
    for (const lamp of lamps) expect(receiver.world.actors.get(lamp.id)?.value).toBe('lit');
    expect([...receiver.world.statesOf('lamp')]).toEqual([['lit', 5]]);
    switchAll(lamps, 1);
    receiver.receive(stream.take());
    expect(receiver.heard.at(-1)).toMatchObject({ kind: 'step', to: 'dark' });
  });

  test('what waits for a viewer that is away is bounded', () => {
    const { teller, stream } = begin({ maxWaiting: 10 });
    const said = (n: number): LiveMessage & { kind: 'said' } => {
      return { kind: 'said', timeMs: n, level: 'info', actor: 'a', event: 'e', text: `sentence ${n}` };
    };
    for (let n = 0; n < 10_000; n++) teller.say(said(n));
    const receiver = new Receiver();
    receiver.receive(stream.take());
    expect(receiver.world.missed).toBe(10_000 - 200 + 3);
    expect(receiver.world.story.at(-1)?.text).toBe('sentence 9999');
  });

  test('a viewer asks for its pace, and looks; what is no request is refused', () => {
    const { stream } = begin();
    expect(stream.everyMs).toBe(50);
    stream.ask('{"ask":"watch","machines":"all","everyMs":0}');
    expect(stream.everyMs).toBe(16);
    stream.ask('{"ask":"look","id":4,"path":"lamp-0"}');
    const receiver = new Receiver();
    receiver.receive(stream.take());
    expect(receiver.heard.at(-1)).toMatchObject({ answer: 'look', id: 4, state: { value: 'dark' } });
    expect(() => stream.ask('{"ask":"kill"}')).toThrow('ask must be "watch" or "look"');
  });

  test('closed, nobody watches any more', () => {
    const { stream, teller } = begin();
    stream.close();
    expect(teller.viewers).toBe(0);
  });
});
