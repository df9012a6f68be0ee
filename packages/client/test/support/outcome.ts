import { OdradekError } from '../../src/index.ts';

/** How a promise failed. */
export async function failureOf(promise: Promise<unknown>): Promise<OdradekError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OdradekError) return error;
  throw new Error(`no OdradekError: ${String(error)}`);
}
