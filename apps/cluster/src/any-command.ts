import { runCommandLine } from './command-line.ts';
import { endProcess, processSession } from './process-session.ts';
import { createProgram } from './program.ts';

/** Runs a command of all that there are, and ends the process. */
export async function runCommand(words: readonly string[]): Promise<void> {
  const session = processSession(words.includes('--json'));
  endProcess(await runCommandLine(createProgram(session), session, words));
}
