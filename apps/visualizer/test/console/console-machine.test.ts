// The page's own behaviour.

import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { consoleMachine } from '../../src/console/console.machine.ts';

function started() {
  const actor = createActor(consoleMachine).start();
  actor.send({ type: 'source chosen', about: 'a cluster', kind: 'cluster' });
  return actor;
}

describe('the console', () => {
  test('a source comes, goes, and comes back by itself; why it went is forgotten then', () => {
    const actor = started();
    expect(actor.getSnapshot().value.source).toBe('connecting');
    actor.send({ type: 'source opened' });
    actor.send({ type: 'source lost', reason: 'it was killed' });
    expect(actor.getSnapshot().value.source).toBe('disconnected');
    expect(actor.getSnapshot().context.reason).toBe('it was killed');
    actor.send({ type: 'source opened' });
    expect(actor.getSnapshot().value.source).toBe('open');
    expect(actor.getSnapshot().context.reason).toBe('');
  });

  test('time is followed, paused, replayed to its end, and followed again where more is told', () => {
    const actor = started();
    actor.send({ type: 'source opened' });
    actor.send({ type: 'pause', position: 10 });
    actor.send({ type: 'play' });
    actor.send({ type: 'time passed', position: 12, isLast: false });
    expect(actor.getSnapshot().value.time).toBe('replaying');
    expect(actor.getSnapshot().context.position).toBe(12);
    actor.send({ type: 'time passed', position: 20, isLast: true });
    expect(actor.getSnapshot().value.time).toBe('following');
  });

  test('a file ends where it ends', () => {
    const actor = createActor(consoleMachine).start();
    actor.send({ type: 'source chosen', about: 'a file', kind: 'file' });
    actor.send({ type: 'source opened' });
    actor.send({ type: 'source completed', position: 5 });
    expect(actor.getSnapshot().value).toEqual({ source: 'complete', time: 'paused' });
    actor.send({ type: 'play' });
    actor.send({ type: 'time passed', position: 30, isLast: true });
    expect(actor.getSnapshot().value.time).toBe('paused');
    expect(actor.getSnapshot().context.position).toBe(30);
  });

  test('another source begins at its own now', () => {
    const actor = started();
    actor.send({ type: 'pause', position: 10 });
    actor.send({ type: 'compare', position: 3 });
    actor.send({ type: 'source chosen', about: 'another', kind: 'tab' });
    expect(actor.getSnapshot().value).toEqual({ source: 'connecting', time: 'following' });
    expect(actor.getSnapshot().context).toMatchObject({ other: null, position: 0, about: 'another' });
  });
});
