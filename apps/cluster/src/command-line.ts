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

export function createCommandLine(session: Session, version: string): CommandLine {
  const program = new Command('odradek')
    .description('The Kafka log, rebuilt as state machines that you can run, watch, embed and break.')
    .version(version, '-V, --version')
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
    const failure = error instanceof CommanderError ? usageOf(error) : failureOf(error);
    printFailure(session.terminal, failure);
    return failure.exitCode;
  }
}

/** Commander puts its suggestion in brackets behind the message. */
function usageOf(error: CommanderError): Failure {
  if (error.code === 'commander.help')
    return usageFailure('a command is missing', 'odradek --help lists them.');
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return usageFailure(message, hint);
}
