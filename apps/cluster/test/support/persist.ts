// A user who asks again until there is an answer, as one must be able to when brokers and controllers die (C1, S79).

import { OdradekError } from '@odradek/client';
import { eventually } from './eventually.ts';

/**
 * Asks until it is done. `done` names the error by which a later try learns that an earlier one, whose outcome was not known, took
 * effect; from a first try it is an error like any other. Returns how often was asked.
 */
export async function persist(
  what: string,
  ask: () => Promise<unknown>,
  done: OdradekError['code'] | 'nothing' = 'nothing',
): Promise<number> {
  let tries = 0;
  let refusal: OdradekError | undefined;
  await eventually(what, async () => {
    tries += 1;
    try {
      await ask();
      return true;
    } catch (error) {
      if (!(error instanceof OdradekError)) throw error;
      if (error.code === done && tries > 1) return true;
      if (error.outcome === 'unknown' || isPassing(error)) throw error;
      refusal = error;
      return true;
    }
  });
  if (refusal !== undefined) throw refusal;
  return tries;
}

const passing = new Set([
  'NOT_CONTROLLER',
  'LEADER_NOT_AVAILABLE',
  'BROKER_NOT_AVAILABLE',
  'CONNECT',
  'TIMEOUT',
]);

function isPassing({ code }: OdradekError): boolean {
  return passing.has(code);
}
