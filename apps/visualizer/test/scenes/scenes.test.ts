// Each scene is played to its end as its schedule says, and what it points at is there at that moment.

import { beginSchedule, ClusterWorld, PacedPlay, playSchedule, worldOf } from '@odradek/simulator';
import { Recording, replicaKey, stateText, type World } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { rulesIn } from '../../src/rules/rules.ts';
import { scenes } from '../../src/scenes/all.ts';
import type { Anchor, Moment, Scene } from '../../src/scenes/scene.ts';
import { scheduleOf } from '../../src/scenes/schedule-of.ts';

/** Plays a scene as the page does, and looks at what is seen when it stops. */
function watched(scene: Scene, stopped: (moment: Moment, seen: World, nowMs: number) => void): void {
  const recording = new Recording();
  const telling = { tell: (message: Parameters<Recording['add']>[0]) => recording.add(message) };
  const world = worldOf(scheduleOf(scene).header, { telling });
  if (!(world instanceof ClusterWorld)) throw new Error('a scene is of a cluster');
  beginSchedule(world);
  for (const moment of scene.moments) {
    const play = new PacedPlay(world);
    play.add(moment.play);
    while (!play.advance(20));
    stopped(moment, recording.now, world.time.nowMs);
  }
}

function isThere(anchor: Anchor, { brokers, replicas, topics, actors }: World): boolean {
  if ('broker' in anchor) return brokers.has(anchor.broker);
  if ('partition' in anchor) return topics.has(anchor.partition.slice(0, anchor.partition.lastIndexOf('-')));
  if ('replica' in anchor) {
    const { broker, partition } = anchor.replica;
    const at = partition.lastIndexOf('-');
    const key = { broker, topic: partition.slice(0, at), partition: Number(partition.slice(at + 1)) };
    return replicas.has(replicaKey(key));
  }
  const value = actors.get(anchor.actor)?.value;
  if (value === undefined) return false;
  // `a.b + c.d`: a machine is in each of these states and in those around them.
  return stateText(value)
    .split(' + ')
    .some((state) => `${state}.`.startsWith(anchor.state === undefined ? '' : `${anchor.state}.`));
}

describe('the scenes', () => {
  it('are eight, each with a name of its own', () => {
    expect(new Set(scenes.map(({ id }) => id)).size).toBe(8);
  });

  it.each(scenes)(
    '$title: what its words set apart is a record that it writes, or its topic',
    ({ moments }) => {
      const written = new Set(['laser']);
      for (const { play } of moments)
        for (const [, records = ''] of play.matchAll(/produce laser-0 ([^;\n]*)/g))
          for (const record of records.trim().split(/\s+/)) written.add(record);
      const apart = moments.flatMap(({ words }) =>
        words.flatMap((text) => text.split('`').filter((_, nth) => nth % 2 === 1)),
      );
      expect(apart.filter((name) => !written.has(name))).toEqual([]);
    },
  );

  it.each(scenes)('$title: every fact in it holds, every promise is kept (O1 to O5)', (scene) => {
    expect(() => playSchedule(scheduleOf(scene))).not.toThrow();
  });

  it.each(scenes)('$title: what it points at is there', (scene) => {
    watched(scene, (moment, seen) => {
      for (const anchor of moment.at)
        expect({ moment: moment.title, anchor, isThere: isThere(anchor, seen) }).toEqual({
          moment: moment.title,
          anchor,
          isThere: true,
        });
    });
  });

  it.each(scenes)('$title: nobody waits for it longer than five seconds', ({ moments, ...scene }) => {
    let beforeMs: number | undefined;
    watched({ ...scene, moments }, ({ speed = 1, title }, _seen, timeMs) => {
      const waitMs = beforeMs === undefined ? 0 : (timeMs - beforeMs) / speed;
      beforeMs = timeMs;
      expect({ title, isQuick: waitMs < 5000 }).toEqual({ title, isQuick: true });
    });
  });

  it('each says which rules it shows, and what leads to each of its moments', () => {
    for (const { rules, moments } of scenes) {
      expect(rules.length).toBeGreaterThan(0);
      for (const { id, text } of rulesIn(rules.join(', ')))
        expect(`${id}: ${text}`).not.toContain('undefined');
      expect(moments.map(({ next }) => next !== undefined)).toEqual(moments.map((_, index) => index > 0));
    }
  });
});
