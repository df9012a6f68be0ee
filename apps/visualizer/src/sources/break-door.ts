// Orders to break things, given to the broker that serves the page.

import type { BreakOrder } from '@odradek/trace';
import type { Place } from './place.ts';

interface Answer {
  readonly ok?: unknown;
  readonly data?: { readonly text?: unknown };
  readonly error?: { readonly message?: unknown };
}

/** Rejects with the broker's reason when it refuses. */
export async function postOrder({ href }: Place, order: BreakOrder): Promise<string> {
  const response = await fetch(new URL('break', href.replace(/[?#].*$/, '')), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-odradek-console': '1' },
    body: JSON.stringify(order),
  }).catch(() => {
    // What browsers say of it is "Failed to fetch".
    throw new Error('The broker that this page speaks with does not answer: nobody has got the order.');
  });
  const { ok, data, error }: Answer = await response.json();
  if (ok === true) return String(data?.text);
  throw new Error(typeof error?.message === 'string' ? error.message : `refused: ${response.status}`);
}
