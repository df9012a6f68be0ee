// A command run in the test's own process, with what it printed.

import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { runCommandLine } from '../../src/command-line.ts';
import { createTerminal, type OutputStream } from '../../src/output.ts';
import { createProgram } from '../../src/program.ts';
import type { Session } from '../../src/session.ts';

/** A stream that keeps what is written to it. */
export class Recorder extends EventEmitter implements OutputStream {
  text = '';
  isTTY: boolean;
  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

export interface World {
  readonly session: Session;
  readonly stdout: Recorder;
  readonly stderr: Recorder;
  readonly abandoned: () => boolean;
}

export function createWorld(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { isTTY = false, input = '' } = {},
): World {
  const stdout = new Recorder(isTTY);
  const stderr = new Recorder(isTTY);
  let wasAbandoned = false;
  const terminal = createTerminal({
    stdout,
    stderr,
    environment,
    isJson: words.includes('--json'),
    onAbandoned: () => (wasAbandoned = true),
  });
  const session = {
    terminal,
    environment,
    input: Readable.from([input]),
    ended: new AbortController().signal,
    endsByItself: () => {},
  };
  return { session, stdout, stderr, abandoned: () => wasAbandoned };
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line to its end. */
export async function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const { session, stdout, stderr } = createWorld(words, environment);
  const exitCode = await runCommandLine(createProgram(session), session, words);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
