// The session of this very process: its streams, its environment, its signals; and how it ends.

import { createTerminal } from './output.ts';
import type { Session } from './session.ts';
import { untilSignalled } from './signals.ts';

/** What a command of this process is given. */
export function processSession(isJson: boolean): Session {
  const ending = new AbortController();
  const terminal = createTerminal({
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    isJson,
    // `odradek consume … | head` is done when head is.
    onAbandoned: () => process.exit(0),
  });
  return {
    ...{ terminal, environment: process.env, input: process.stdin },
    ended: ending.signal,
    endsByItself: () => void untilSignalled().then((signal) => ending.abort(signal)),
  };
}

/** A timer that is still set belongs to a command that is done. What was printed must be out before the end, also into a pipe. */
export function endProcess(exitCode: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}
