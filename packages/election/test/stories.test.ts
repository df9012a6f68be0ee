// The schedules that once broke somebody's quorum, told in words. `ODRADEK_RETELL=1` writes down what happens now.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { retell } from './support/story.ts';

const directory = join(import.meta.dirname, 'traces');

describe('the story of', () => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const story = readFileSync(path, 'utf8');
    const rules = story.split(':')[0]?.slice(2) ?? '';
    it(`${name} (${rules})`, () => {
      const told = retell(story);
      if (env.ODRADEK_RETELL !== undefined) writeFileSync(path, told);
      else expect(told).toBe(story);
    });
  }
});
