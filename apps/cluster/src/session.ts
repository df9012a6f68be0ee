import type { Readable } from 'node:stream';
import type { Terminal } from './output.ts';

/** What every command is given: where to print, and the world it was started in. */
export interface Session {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Aborted when the command is to end, if it has said that it ends by itself. */
  readonly ended: AbortSignal;
  /** From now on the first Ctrl-C (SIGTERM, SIGHUP) aborts {@link ended}, and only the one after it ends the process at once. */
  endsByItself(): void;
}
