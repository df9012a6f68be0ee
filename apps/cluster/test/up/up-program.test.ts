// `odradek up` is a program of its own, and says what the whole command line would.

import { expect, it } from 'vitest';
import { runCommandLine } from '../../src/command-line.ts';
import { createProgram } from '../../src/program.ts';
import { createUpProgram } from '../../src/up-process.ts';
import { createWorld } from '../support/world.ts';

async function said(create: typeof createProgram, words: readonly string[]): Promise<unknown> {
  const { session, stdout, stderr } = createWorld(words);
  const exitCode = await runCommandLine(create(session), session, words);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

it.each<string[]>([
  ['--help'],
  ['-h'],
  ['--brokers', '0'],
  ['--brokers'],
  ['--brokerz', '3'],
  ['--port', '65535', '--json'],
  ['something'],
  ['--set', '=1', '--json'],
  ['--set', 'node.id=7'],
  ['--set', 'log.segment.bytes=x'],
  ['--memory', '--data-dir', 'somewhere'],
  ['--data-dir', ''],
])('up %s …', async (...words) => {
  const alone = await said(createUpProgram, ['up', ...words]);
  expect(alone).toEqual(await said(createProgram, ['up', ...words]));
  expect(JSON.stringify(alone)).toMatch(/Usage: odradek up|error|odradek: /);
});
