// How a command fails: a code for programs, a sentence for people, an exit code for scripts.

import { HostError } from '@odradek/host-node';
import type { KafkaErrorName } from '@odradek/model';
import { systemText } from './system-text.ts';

/** Kafka's error name, or what went wrong before a broker could answer. */
export type FailureCode = KafkaErrorName | 'USAGE' | 'CONNECT' | 'TIMEOUT';

/** 1 failed, 2 usage, 3 cannot connect, 4 refused by the broker, 5 timed out. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/** A failure that a person can act on: what was wrong, where, and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  /** What was found all the same, for programs. */
  readonly data: unknown;

  constructor(code: FailureCode, exitCode: ExitCode, message: string, hint?: string, data?: unknown) {
    super(message);
    this.data = data;
    this.code = code;
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** A wrong word or value on the command line. */
export function usageFailure(message: string, hint?: string): Failure {
  return new Failure('USAGE', 2, message, hint);
}

/** Nobody answers at an address. */
export function connectFailure(message: string, hint?: string): Failure {
  return new Failure('CONNECT', 3, message, hint);
}

/** A broker understood and said no. */
export function refusedFailure(code: KafkaErrorName, message: string, hint?: string): Failure {
  return new Failure(code, 4, message, hint);
}

/** No answer came in time; what was asked may have happened all the same. */
export function timeoutFailure(message: string, hint?: string): Failure {
  return new Failure('TIMEOUT', 5, message, hint);
}

/** Something on this machine: a file, a directory, a process. */
export function localFailure(code: KafkaErrorName, message: string, hint?: string): Failure {
  return new Failure(code, 1, message, hint);
}

/** Whatever was thrown, as a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof HostError) {
    const why = error.cause === undefined ? '' : `: ${systemText(error.cause)}`;
    return localFailure(error.code, `${error.message}${why}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('UNKNOWN_SERVER_ERROR', 1, message);
}
