// Whether things may be broken or changed here, and if not, why.

import type { World } from '@odradek/trace';
import type { View } from '../console/console.ts';
import type { ViewSource } from '../sources/view-source.ts';

/** Undefined: it is allowed. Else the reason why not, as a sentence. */
export function whyNotBreak(source: ViewSource | undefined, view: View): string | undefined {
  if (source?.breaker === undefined) return 'Nothing can be broken in what has been: this is a record.';
  if (!view.isNow) return 'This is a moment that has been. Go back to now to break something.';
  return isAllowed(view.world, 'break')
    ? undefined
    : 'Read-only: this cluster was not started by `odradek up`, or does not allow this page to break it.';
}

export function whyNotChange(source: ViewSource | undefined, view: View): string | undefined {
  if (source?.client === undefined)
    return source?.kind === 'tab'
      ? 'While a scene goes on nobody asks its cluster: that would change what happens. Leave the scene to read, write and alter.'
      : 'Nobody is there to be asked: this is a record.';
  return isAllowed(view.world, 'administer')
    ? undefined
    : 'Read-only: this cluster does not allow this page to change it.';
}

function isAllowed(world: World, what: 'break' | 'administer'): boolean {
  return [...world.hellos.values()].some(({ allowed }) => allowed.includes(what));
}
