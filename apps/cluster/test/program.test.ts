// Whatever is typed: a command begins with values that it knows, or the words are refused by name.

import type { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { runCommandLine } from '../src/command-line.ts';
import { createProgram } from '../src/program.ts';
import { createWorld } from './support/world.ts';

const hostile = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '-1',
    '0',
    '1.5',
    '1e9',
    'NaN',
    'Infinity',
    '0x10',
    '9'.repeat(400),
    '99999999999999999999',
  ],
  ...[
    'null',
    '=',
    'a=',
    '=b',
    ',',
    ':',
    '::',
    '1:2:',
    '@',
    '1@',
    '[::1',
    '[::1]:99999',
    'host:',
    ':9092',
    'a:b',
    '1..',
    '..1',
  ],
  ...['\0', '\u0007', '\n', 'é', '\u{1f9f5}', '../../etc/passwd', '%s%n', '`id`', "'", '"', '\\', '{}', '[]'],
];

interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

function leavesOf(command: Command, path: readonly string[] = []): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
}

const everything = leavesOf(createProgram(createWorld([]).session).program);
const withOptions = everything.flatMap(({ path, command }) =>
  command.options.filter((option) => option.required).map((option) => ({ path, option })),
);

/** What comes of the words up to where the command would begin its work. */
async function given(words: readonly string[]): Promise<{ exitCode: number; said: string; begun: unknown }> {
  const { session, stderr } = createWorld(words);
  const line = createProgram(session);
  let begun: unknown;
  for (const { command } of leavesOf(line.program))
    command.action(() => {
      begun = command.opts();
    });
  return { exitCode: await runCommandLine(line, session, words), said: stderr.text, begun };
}

/** Words that a command needs besides. */
function needed(command: Command | undefined, but: Option): readonly string[] {
  const others = (command?.options ?? []).filter((option) => option.mandatory && option.long !== but.long);
  const places = (command?.registeredArguments ?? []).filter((argument) => argument.required);
  return [...others.flatMap(({ long }) => [long ?? '', 'x']), ...places.map(() => '1')];
}

it.each(withOptions.map(({ path, option }) => [[...path, option.long].join(' '), path, option] as const))(
  '%s takes what it knows, and refuses the rest by its name',
  async (_, path, option) => {
    const command = everything.find((leaf) => leaf.path === path)?.command;
    for (const value of hostile) {
      const { exitCode, said, begun } = await given([
        ...path,
        ...needed(command, option),
        `${option.long}=${value}`,
      ]);
      expect(said).not.toMatch(/undefined|Error:|\n\s+at /);
      if (begun === undefined) {
        expect([value, exitCode]).toEqual([value, 2]);
        expect(said).toContain(option.long);
      } else expect([value, exitCode]).toEqual([value, 0]);
    }
  },
);

it('words that are no command, or too many, are refused with the way to the help', async () => {
  for (const word of hostile)
    for (const words of [[word], ['topic', word], ['topic', 'list', word], ['produce', 'x', word]]) {
      const { exitCode, said, begun } = await given(words);
      if (begun !== undefined) continue;
      expect([words, exitCode]).toEqual([words, 2]);
      expect(said).toMatch(/^(odradek|Usage): /);
      expect(said).not.toMatch(/undefined|Error:|\n\s+at /);
    }
});
