// The process of `odradek up`: the command line with this one command.

import { type CommandLine, createCommandLine, runCommandLine } from './command-line.ts';
import { endProcess, processSession } from './process-session.ts';
import { addUp } from './program/running.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

/** What the file of this program exports. */
export interface UpProcess {
  runUpProcess(words: readonly string[], keepCompiled: () => void): Promise<void>;
}

/** `keepCompiled`: for the next start. */
export async function runUpProcess(words: readonly string[], keepCompiled: () => void): Promise<void> {
  const session = processSession(words.includes('--json'));
  const exitCode = await runCommandLine(createUpProgram(session), session, words);
  // Of a cluster that has run; a failure needs little of it.
  if (exitCode === 0) keepCompiled();
  endProcess(exitCode);
}

/** Understands what begins with `up`, as the whole command line does. */
export function createUpProgram(session: Session): CommandLine {
  const line = createCommandLine(session, version);
  addUp(line);
  return line;
}
