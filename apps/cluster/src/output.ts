// What a command prints. With --json one object in a form that stays; for people, text and tables.

import { styleText } from 'node:util';
import type { Failure } from './failure.ts';

/** What a command found: for programs and for people. */
export interface Outcome {
  readonly data: unknown;
  readonly text: string;
}

/** Where a command prints to. */
export interface Terminal {
  readonly isJson: boolean;
  /** Whether colours and redrawn lines make sense on the error stream, where progress goes. */
  readonly isInteractive: boolean;
  /** Whether a person reads the standard output as it comes. */
  readonly isOutputWatched: boolean;
  /** One line, or several, on the standard output. */
  print(line: string): void;
  /** One line on the error stream. */
  complain(line: string): void;
  /** Draws over the last line of the error stream: for progress, where a person watches. */
  redraw(line: string): void;
  /** Bold, where the output takes colours. */
  strong(text: string): string;
  /** Calls when nobody reads the standard output any more. */
  onClosed(listener: () => void): void;
}

/** The parts of a stream that a terminal needs. */
export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string): boolean;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

export interface TerminalOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly isJson: boolean;
  /** What happens when the reader of the output has gone away and the command has not said otherwise. */
  readonly onAbandoned: () => void;
}

export function createTerminal(options: TerminalOptions): Terminal {
  const { stdout, stderr, environment, isJson } = options;
  // https://no-color.org: any value but an empty one.
  const isPlain = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  const hasColours = stdout.isTTY === true && !isPlain;
  const listeners: (() => void)[] = [];
  let isClosed = false;
  const closed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    if (isClosed) return;
    isClosed = true;
    if (listeners.length === 0) options.onAbandoned();
    for (const listener of listeners) listener();
  };
  stdout.on('error', closed);
  stderr.on('error', closed);
  return {
    isJson,
    isInteractive: stderr.isTTY === true && !isPlain && !isJson,
    isOutputWatched: stdout.isTTY === true && !isJson,
    print: (line) => void (isClosed || stdout.write(`${line}\n`)),
    complain: (line) => void (isClosed || stderr.write(`${line}\n`)),
    redraw: (line) => void (isClosed || stderr.write(`\r\u001b[2K${line}`)),
    strong: (text) => (hasColours ? styleText('bold', text, { validateStream: false }) : text),
    onClosed: (listener) => void listeners.push(listener),
  };
}

/** Prints what a command found. */
export function printOutcome(terminal: Terminal, outcome: Outcome): void {
  if (terminal.isJson) terminal.print(JSON.stringify({ ok: true, data: outcome.data }));
  else if (outcome.text !== '') terminal.print(outcome.text);
}

/** Prints why a command failed: for programs where they read, for people on the error stream. */
export function printFailure(terminal: Terminal, failure: Failure): void {
  const { code, message, hint, data } = failure;
  if (terminal.isJson) {
    const error = { code, message, ...(hint === undefined ? {} : { hint }) };
    terminal.print(JSON.stringify({ ok: false, error, data }));
    return;
  }
  const name = code === 'USAGE' ? '' : `${code}: `;
  terminal.complain(`odradek: ${name}${message}`);
  if (hint !== undefined) terminal.complain(`  ${hint}`);
}

/** In a table, a number that is not known. */
export const unknownCell = '?';

/** Columns under headings; numbers stand at the right. */
export function table(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const isNumeric = headings.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || row[column] === unknownCell),
  );
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] === true ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [terminal.strong(line(headings)), ...rows.map(line)].join('\n');
}

/** `3 records`, `1 record`; where the plural is not formed by an s it is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : plural}`;
}

/** `12,345`. Not by the platform, which loads its tables of all languages for it: 20 ms, in which whoever has started a cluster waits for its first line. */
export function number(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
