// A client for the time of one command.

import { type Client, OdradekError } from '@odradek/client';
import { bootstrapOf, type ClusterName, hintOfDead } from './bootstrap.ts';
import { connect } from './connect.ts';
import { connectFailure, Failure, refusedFailure, timeoutFailure } from './failure.ts';
import type { Session } from './session.ts';
import { untilAborted } from './signals.ts';

/** Options that every command has that speaks to a cluster. */
export interface ClusterOptions extends ClusterName {
  readonly timeout: number;
}

/** A single request that takes longer is asked again, of whoever leads by then. */
const longestRequestMs = 10_000;

/** What helps on the command line, by the error: the client's own hints name its options. */
export type Hints = Readonly<Partial<Record<OdradekError['code'], string>>>;

const hintsOfAll: Hints = {
  CONNECT: 'Is the cluster running there? `odradek up` starts one; --bootstrap names its addresses.',
  LEADER_NOT_AVAILABLE: '`odradek topic describe` tells for whom it waits.',
};

/** Runs one command's work against the cluster; the client is closed whatever happens. While no quorum can form, each command says that. */
export async function withClient<T>(
  session: Session,
  options: ClusterOptions,
  work: (client: Client) => Promise<T>,
  hints: Hints = {},
): Promise<T> {
  const requestTimeoutMs = Math.min(options.timeout, longestRequestMs);
  const client = connect(bootstrapOf(options, session), requestTimeoutMs);
  try {
    const result = await work(client);
    const problem = await noQuorumIn(client, session);
    if (problem !== null) session.terminal.complain(`odradek: ${problem}`);
    return result;
  } catch (error) {
    const hint = error instanceof OdradekError && error.code === 'CONNECT' && hintOfDead(options, session);
    const told = typeof hint === 'string' ? { ...hints, CONNECT: hint } : hints;
    const failure = error instanceof OdradekError ? failureOfClient(error, told) : error;
    throw failure instanceof Failure ? await withQuorumTold(client, session, failure) : failure;
  } finally {
    await client.close();
  }
}

/** The failure, and that no quorum can form if that is so: it may be why. */
async function withQuorumTold(client: Client, session: Session, failure: Failure): Promise<Failure> {
  if (failure.code === 'CONNECT') return failure;
  const problem = await noQuorumIn(client, session);
  if (problem === null || failure.message.includes(problem)) return failure;
  return new Failure(failure.code, failure.exitCode, `${failure.message}; ${problem}`, failure.hint);
}

/** Who has said Ctrl-C does not wait for another answer. */
async function noQuorumIn(client: Client, { ended }: Session): Promise<string | null> {
  if (ended.aborted) return null;
  try {
    return await Promise.race([
      client
        .admin()
        .clusterStatus()
        .then(({ noQuorum }) => noQuorum),
      untilAborted(ended).then(() => null),
    ]);
  } catch (error) {
    // Who cannot tell does not know of a problem with the quorum; what the command itself met has been told.
    if (error instanceof OdradekError) return null;
    throw error;
  }
}

/** A client's error with the exit code it has. */
export function failureOfClient(error: OdradekError, hints: Hints = {}): Failure {
  const { code, message } = error;
  const hint =
    hints[code] ??
    hintsOfAll[code] ??
    error.hint ??
    (error.outcome === 'unknown' ? 'It may have taken effect all the same.' : undefined);
  if (code === 'CONNECT') return connectFailure(message, hint);
  if (code === 'TIMEOUT' || code === 'REQUEST_TIMED_OUT') return timeoutFailure(message, hint);
  if (code === 'CLOSED') return new Failure('UNKNOWN_SERVER_ERROR', 1, message, hint);
  return refusedFailure(code, message, hint);
}
