import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { play } from './support/story.ts';

const folder = join(import.meta.dirname, 'traces');

describe('golden traces', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.trace'))) {
    it(file.replace('.trace', ''), () => {
      const path = join(folder, file);
      const story = readFileSync(path, 'utf8');
      const told = play(story);
      if (process.env.ODRADEK_WRITE_TRACES === '1') writeFileSync(path, told);
      else expect(told).toBe(story);
    });
  }
});
