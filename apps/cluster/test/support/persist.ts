import type { OdradekError } from '@odradek/client';
import { insist } from '../../src/soak/insist.ts';

const capMs = 30_000;

/** Asks until there is an answer, for as long as tests wait at most. Returns how often was asked. */
export function persist(
  ask: () => Promise<unknown>,
  done: OdradekError['code'] | 'nothing' = 'nothing',
): Promise<number> {
  const endsAt = performance.now() + capMs;
  return insist(ask, done, () => performance.now() > endsAt);
}
