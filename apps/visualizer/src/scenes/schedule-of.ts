// A scene as a schedule, for whoever plays it: apart from the words, so that the page itself need not load the simulator.

import { parseScheduleFile, type ScheduleFile } from '@odradek/simulator';
import type { Scene } from './scene.ts';

/** The whole scene as a schedule: what `odradek simulate --play` takes. */
export function scheduleTextOf({ title, world, moments }: Scene): string {
  const parts = moments.map(({ next, play }) => `${next === undefined ? '' : `\n# ${next}\n`}${play.trim()}`);
  const lines = [`# ${title}`, world.trim(), '', ...parts].join('\n').split('\n');
  return `${lines.map((line) => line.trim()).join('\n')}\n`;
}

export function scheduleOf(scene: Scene): ScheduleFile {
  return parseScheduleFile(scene.id, scheduleTextOf(scene));
}
