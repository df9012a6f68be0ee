// Every command there is, with its options. Their work is in commands/, loaded when a command runs.

import { oneWordOf } from './arguments.ts';
import { type CommandLine, createCommandLine } from './command-line.ts';
import type { Session } from './session.ts';

/** The version that `--version` prints: that of all packages. */
export const version = '0.1.0';

/** The whole command line. */
export function createProgram(session: Session): CommandLine {
  const line = createCommandLine(session, version);
  addMachines(line);
  return line;
}

function addMachines({ group, leaf }: CommandLine): void {
  const machines = group('machines', 'the statecharts that run in this program');
  leaf(
    machines,
    'list',
    'list all machines',
    async () => (await import('./commands/machines.ts')).listMachines,
  );
  leaf(
    machines,
    'show <name>',
    'draw one machine',
    async () => (await import('./commands/machines.ts')).showMachine,
  ).option('--format <format>', 'mermaid or json', oneWordOf('mermaid', 'json'), 'mermaid');
}
