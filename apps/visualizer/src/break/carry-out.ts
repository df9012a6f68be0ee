// Carries out an order and says how it ended.

import type { BreakOrder } from '@odradek/trace';
import type { Console } from '../console/console.ts';
import { say, sayHow } from '../ui/outcome.tsx';
import { whyNotBreak } from './permission.ts';

export async function carryOut(console: Console, order: BreakOrder): Promise<void> {
  const breaker = console.source?.breaker;
  const reason = whyNotBreak(console.source, console.view.value);
  if (reason !== undefined || breaker === undefined) return say(reason ?? '', true);
  const done = await sayHow(breaker(order), (text) => text);
  // The simulated world tells of it by itself. Of a real cluster nobody does: the one who knows may be the one who is dead.
  if (done !== undefined && console.source?.kind === 'cluster') console.note(done);
}
