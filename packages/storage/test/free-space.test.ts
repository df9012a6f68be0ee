import { expect, it } from 'vitest';
import { FreeSpace } from '../src/free-space.ts';

it('D6: says why nothing is taken while that is so, also to who has nothing to append', () => {
  const said: string[] = [];
  const disk = { free: 1000, freeBytes: () => disk.free };
  const clock = { nowMs: () => 0 };
  const space = new FreeSpace({ disk, clock, minBytes: 900, say: (line) => said.push(line) });
  expect([space.problem, space.refusal(50)]).toEqual([undefined, undefined]);
  expect(space.refusal(200)).toContain('records are refused');
  // There is some room, but not for what was wanted.
  expect(space.problem).toBe(space.refusal(200));
  disk.free = 2000;
  expect([space.problem, space.refusal(200)]).toEqual([undefined, undefined]);
  disk.free = 900;
  expect(space.problem).toContain('less than 900 bytes left');
  expect(said).toEqual([
    expect.stringContaining('records are refused'),
    expect.stringContaining('records are taken'),
  ]);
});
