// Carries out an order and says how it ended.

import type { BreakOrder } from '@odradek/trace';
import type { Console } from '../console/console.ts';
import { say, sayHow } from '../ui/outcome.tsx';
import { whyNotBreak } from './permission.ts';

export async function carryOut(console: Console, order: BreakOrder): Promise<void> {
  const breaker = console.source?.breaker;
  const reason = whyNotBreak(console.source, console.view.value);
  if (reason !== undefined || breaker === undefined) return say(reason ?? '', true);
  await sayHow(breaker(order), (text) => text);
}
