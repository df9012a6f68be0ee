import type { Readable } from 'node:stream';
import type { Terminal } from './output.ts';

/** What every command is given: where to print, and the world it was started in. */
export interface Session {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Aborted when the command is to end: Ctrl-C, or nobody reads any more. */
  readonly ended: AbortSignal;
}
