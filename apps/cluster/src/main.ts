// The `odradek` command. `up`, whose start somebody waits for, is a program of its own, run as it was compiled before.

import { join } from 'node:path';
import { loadCompiled } from './compiled-program.ts';
import type { UpProcess } from './up-process.ts';

const words = process.argv.slice(2);
if (words[0] === 'up') {
  const { exports, keep } = loadCompiled(join(import.meta.dirname, 'up-process.cjs'), process.env);
  // Both are of one build.
  await (exports as UpProcess).runUpProcess(words, keep);
} else await (await import('./any-command.ts')).runCommand(words);
