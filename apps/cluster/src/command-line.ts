// How commands hang on commander: options that all have, and modules that are loaded only when their command runs.

import { Command, CommanderError } from 'commander';
import { type Failure, failureOf, usageFailure } from './failure.ts';
import { type Outcome, printFailure, printOutcome } from './output.ts';
import type { Session } from './session.ts';

/** A command: what it prints is returned, unless it prints line by line by itself. */
export type Action<P extends unknown[]> = (
  session: Session,
  ...parameters: P
) => Promise<Outcome | undefined>;

export interface CommandLine {
  readonly program: Command;
  /** A group of commands: `odradek topic …`. */
  group(name: string, description: string): Command;
  /** A command with the options that every command has. `load` brings its module in when it runs; `json` says what --json prints, if it is not one object. */
  leaf<P extends unknown[]>(
    parent: Command,
    usage: string,
    description: string,
    load: () => Promise<Action<P>>,
    json?: string,
  ): Command;
}

const closingWords = `
Every command takes --help, and --json for programs. Exit codes: 0 ok, 1 failed, 2 wrong use, 3 cannot connect, 4 refused
by the broker, 5 timed out. Commands find the cluster that \`up\` started last on this machine; --data-dir names another one
of these, --bootstrap or ODRADEK_BOOTSTRAP any other.`;

export function createCommandLine(session: Session, version: string): CommandLine {
  const program = new Command('odradek')
    .description('The Kafka log, rebuilt as state machines that you can run, watch, embed and break.')
    .version(version, '-V, --version')
    .addHelpText('after', closingWords)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => session.terminal.print(text.trimEnd()),
      // What is wrong is printed once, by runCommandLine.
      outputError: () => {},
      writeErr: (text) => void (session.terminal.isJson || session.terminal.complain(text.trimEnd())),
    });
  return {
    program,
    group: (name, description) => program.command(name).description(description),
    leaf<P extends unknown[]>(
      parent: Command,
      usage: string,
      description: string,
      load: () => Promise<Action<P>>,
      json = 'print one JSON object',
    ) {
      return (
        parent
          .command(usage)
          .description(description)
          .option('--json', json)
          // Options' own parsers have made the parameters what the action asks for; commander's last one, the command, is ignored.
          .action(async (...parameters: P) => {
            const outcome = await (await load())(session, ...parameters);
            if (outcome !== undefined) printOutcome(session.terminal, outcome);
          })
      );
    },
  };
}

/** Runs one command line and says with which code the process ends. */
export async function runCommandLine(
  { program }: CommandLine,
  session: Session,
  words: readonly string[],
): Promise<number> {
  try {
    await program.parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageOf(error, program, words) : failureOf(error);
    printFailure(session.terminal, failure);
    return failure.exitCode;
  }
}

/** Commander puts its suggestion in brackets behind the message, and quotes flags as they are declared. */
function usageOf(error: CommanderError, program: Command, words: readonly string[]): Failure {
  const command = commandOf(program, words);
  if (error.code === 'commander.help')
    return usageFailure(
      'a command is missing',
      `There are: ${command.commands.map((one) => one.name()).join(', ')}.`,
    );
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return usageFailure(plain(message), hint ?? `\`${pathOf(command)} --help\` says what it takes.`);
}

const invalidOption = /^option '(--[a-z-]+)[^']*' argument '(.*)' is invalid\. (.*)$/s;
const invalidArgument = /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/s;
const missingArgument = /^missing required argument '(.*)'$/;
const missingOption = /^required option '(--[a-z-]+) <(.*)>' not specified$/;

/** What was wrong, as one who has typed it would name it. */
function plain(message: string): string {
  const [, option, value = '', allowed = ''] = invalidOption.exec(message) ?? [];
  if (option !== undefined) return `${option} ${visible(value)}: ${withoutStop(allowed)}`;
  const [, given = '', name, wanted = ''] = invalidArgument.exec(message) ?? [];
  if (name !== undefined) return `${name} ${visible(given)}: ${withoutStop(wanted)}`;
  const [, argument] = missingArgument.exec(message) ?? [];
  if (argument !== undefined) return `${argument.toUpperCase()} is missing`;
  const [, flag, of = ''] = missingOption.exec(message) ?? [];
  return flag === undefined ? message : `${flag} ${of.toUpperCase()} is missing`;
}

/** An empty value, as the shell gives it for a variable that is not set. */
function visible(value: string): string {
  return value === '' ? '""' : value;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}

/** The command that the first words name, as far as they do. */
function commandOf(program: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  const found = program.commands.find((command) => command.name() === word);
  return found === undefined ? program : commandOf(found, rest);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
