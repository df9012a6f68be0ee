// A user who asks again until there is an answer, as one must be able to when brokers and controllers die (C1, S79).

import { OdradekError } from '@odradek/client';
import { later } from './later.ts';

/** Nothing was decided, or nobody said so. */
const passing = new Set<OdradekError['code']>([
  ...([
    'NOT_CONTROLLER',
    'LEADER_NOT_AVAILABLE',
    'BROKER_NOT_AVAILABLE',
    'CONNECT',
    'TIMEOUT',
    'REQUEST_TIMED_OUT',
  ] as const),
]);
const askAgainMs = 20;

/**
 * Asks until it is done, or until it is time to give up, which throws the last error. `done` names the error by which a later try
 * learns that an earlier one, whose outcome was not known, took effect; from a first try it is an error like any other. Returns
 * how often was asked.
 */
export async function insist(
  ask: () => Promise<unknown>,
  done: OdradekError['code'] | 'nothing',
  isOver: () => boolean,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await ask();
      return tries;
    } catch (error) {
      if (!(error instanceof OdradekError)) throw error;
      if (error.code === done && tries > 1) return tries;
      const mayAsk = error.outcome === 'unknown' || passing.has(error.code);
      if (!mayAsk || isOver()) throw error;
    }
    await later(askAgainMs);
  }
}
