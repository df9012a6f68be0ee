// The `odradek` command.

import { runCommandLine } from './command-line.ts';
import { createTerminal } from './output.ts';
import { createProgram } from './program.ts';
import type { Session } from './session.ts';
import { untilSignalled } from './signals.ts';

const words = process.argv.slice(2);
const ending = new AbortController();
const terminal = createTerminal({
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  isJson: words.includes('--json'),
  // `odradek consume … | head` is done when head is.
  onAbandoned: () => process.exit(0),
});
const session: Session = {
  ...{ terminal, environment: process.env, input: process.stdin },
  ended: ending.signal,
  endsByItself: () => void untilSignalled().then((signal) => ending.abort(signal)),
};

const exitCode = await runCommandLine(createProgram(session), session, words);
// A timer that is still set belongs to a command that is done. What was printed must be out before the end, also into a pipe.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
